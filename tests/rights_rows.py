"""The rows and callers that tests/data/rights*.tsv speak of, as values."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

from appointed.domain.appointment import BookingType, ExternalOwner, Kind, Privacy

DATA = Path(__file__).parent / "data"

# Whose row it is, and what else stands in it.
OWNED_BY_CALLER = {"own", "own_private", "invited", "external", "external_old"}
OF_A_COLLEAGUE = {"group", "group_shared", "group_private", "invited_colleague"}
MORE: dict[str, dict[str, Any]] = {
    "own_private": {"privacy": Privacy.OWNER},
    "group_shared": {"privacy": Privacy.GROUP},
    "group_private": {"privacy": Privacy.OWNER},
    "other_shared": {"privacy": Privacy.GROUP},
    "other_private": {"privacy": Privacy.OWNER},
    "external": {"external_owner": ExternalOwner.GOOGLE},
    "external_old": {"external_owner": ExternalOwner.GOOGLE},
}
INVITATION = {"kind": Kind.BOOKING_FOR_DIARY, "booking_type": BookingType.PARTICIPANT}
AGES = {"external": timedelta(days=-6), "external_old": timedelta(days=-8)}
LATER = timedelta(days=30)
LENGTH = timedelta(minutes=30)


def lines(name: str) -> list[dict[str, str]]:
    """Read one of the tables."""
    with (DATA / f"{name}.tsv").open(encoding="utf-8") as text:
        return list(csv.DictReader((one for one in text if not one.startswith("#")), delimiter="\t"))


def named(line: dict[str, str]) -> str:
    """Name a line of a table."""
    return f"{line['caller']}-{line.get('row') or line['diary']}"


def members(
    kind: str, me: int, colleague: int, stranger: int, now: Any, mother_id: int, *, is_client: bool = False
) -> dict[str, Any]:
    """Give what makes a row of this kind: departments 1 (mine) and 2, ends relative to `now`.

    A program has no diary: its own row stands in a colleague's.
    """
    owner = me if kind in OWNED_BY_CALLER else colleague if kind in OF_A_COLLEAGUE else stranger
    is_invitation = kind.startswith("invited")
    ends_at = now.replace(microsecond=0) + AGES.get(kind, LATER)
    return {
        "owner_id": colleague if is_client and owner == me and not is_invitation else owner,
        "created_by": stranger if is_invitation else owner,
        "department_id": 2 if owner == stranger else 1,
        "starts_at": ends_at - LENGTH,
        "ends_at": ends_at,
        "mother_id": mother_id if is_invitation else 0,
        "title": "Secret talk",
        "location": "Secret place",
        "is_free": True,
        **(INVITATION if is_invitation else {}),
        **MORE.get(kind, {}),
    }
