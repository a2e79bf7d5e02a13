"""Elements of an array named by what they are: `AssociateId=17` in place of an index.

So a patch means the same element whatever others have added or removed before it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from appointed.patching.pointer import Tokens, fold, member_of

SIGN = "="
LONGEST_NUMBER = 18

Json = Any
# What names an element of the array at a place: folded member → its spelling, and whether it is a number.
Identities = Mapping[str, tuple[str, bool]]
IdentitiesOf = Callable[[Tokens], Identities]
NONE: Identities = {}


class Identity(NamedTuple):
    """What an element is: one of its members, and that member's value."""

    member: str
    value: int | str


def no_identities(_tokens: Tokens) -> Identities:
    """Let elements go by their index alone."""
    return NONE


def identity_of(token: str, identities: Identities) -> Identity | None:
    """Read a token that names an element; None when it is none."""
    name, sign, text = token.partition(SIGN)
    known = identities.get(fold(name)) if sign else None
    if known is None or not text:
        return None
    member, is_number = known
    if not is_number:
        return Identity(member, text)
    is_digits = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    return Identity(member, int(text)) if is_digits and int(text) else None


def places_of(node: Sequence[Json], identity: Identity) -> list[int]:
    """List where the array has such an element."""
    return [place for place, item in enumerate(node) if is_one(item, identity)]


def is_one(item: Json, identity: Identity) -> bool:
    """Tell whether an element is the one that is named; texts are compared without regard to case."""
    if type(item) is not dict:
        return False
    name = member_of(item, identity.member)
    value = item[name] if name is not None else None
    if isinstance(identity.value, str):
        return isinstance(value, str) and value.casefold() == identity.value.casefold()
    return type(value) is int and value == identity.value


def named(value: Json, identity: Identity) -> Json:
    """Give an element with the member that names it, unless it has one."""
    if type(value) is not dict or member_of(value, identity.member) is not None:
        return value
    return {identity.member: identity.value, **value}
