"""What makes a contact, person, project or sale allowed, and who may work on them; tables of rules."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from appointed.domain.directory import Address, AssociateType, Directory, Record
from appointed.domain.errors import Problem
from appointed.domain.principal import Principal
from appointed.domain.rights import Access, caller

# Colleagues and their programs work on the same records; guests see of them what their appointments show.
GRANTS: Final[Mapping[AssociateType, Access]] = {
    AssociateType.INTERNAL: Access.CHANGE,
    AssociateType.SYSTEM: Access.CHANGE,
    AssociateType.RESOURCE: Access.NOTHING,
    AssociateType.EXTERNAL: Access.NOTHING,
    AssociateType.ANONYMOUS: Access.NOTHING,
}

LONGEST_ADDRESS: Final = 254


class Rules(NamedTuple):
    """The rules of one kind, by member.

    `needed`: groups of members of which one must not be empty. `references`: where an id must be known.
    """

    texts: Mapping[str, int]
    needed: tuple[tuple[str, ...], ...]
    references: Mapping[str, str]
    ranges: Mapping[str, tuple[float, float]] = {}
    addresses: tuple[str, ...] = ()


RULES: Final[Mapping[str, Rules]] = {
    "contact": Rules(
        texts={
            "name": 219,
            "department": 219,
            "org_number": 49,
            "number": 49,
            "other_number": 49,
            "url": 1023,
            "url_name": 254,
            "phone": 239,
            "email": 239,
            "email_name": 254,
            "kana_name": 219,
            "country_name": 239,
            "business_name": 239,
            "category_name": 239,
        },
        needed=(("name",),),
        references={"associate_id": "associate"},
        addresses=("street", "postal"),
    ),
    "person": Rules(
        texts={
            "first_name": 99,
            "middle_name": 99,
            "last_name": 99,
            "kana_first_name": 99,
            "kana_last_name": 99,
            "salutation": 239,
            "title": 239,
            "position": 239,
            "description": 4000,
            "email": 239,
            "email_name": 254,
            "phone": 239,
            "mobile": 239,
            "fax": 239,
            "number": 49,
            "category_name": 239,
            "post1": 99,
            "post2": 99,
            "post3": 99,
        },
        needed=(("first_name", "last_name"),),
        references={
            "contact_id": "contact",
            "associate_id": "associate",
            "support_associate_id": "associate",
        },
        ranges={"rank": (-32_768, 32_767)},
    ),
    "project": Rules(
        texts={
            "name": 219,
            "description": 4000,
            "number": 49,
            "type_name": 239,
            "status_name": 239,
            "url": 1023,
            "url_name": 254,
        },
        needed=(("name",),),
        references={"associate_id": "associate"},
    ),
    "sale": Rules(
        texts={"title": 219, "description": 4000, "number": 49, "currency": 239, "type_name": 239},
        needed=(("title",),),
        references={
            "contact_id": "contact",
            "person_id": "person",
            "project_id": "project",
            "associate_id": "associate",
        },
        ranges={"probability": (0, 100)},
    ),
}


def record_access(principal: Principal, directory: Directory) -> Access:
    """Tell how far the caller may go with contacts, persons, projects and sales."""
    return GRANTS[caller(principal, directory).type]


def record_problems(
    kind: str, before: Record | None, after: Record, directory: Directory
) -> tuple[Problem, ...]:
    """List every broken rule of what the change touched; paths are "kind.member".

    Members that did not change are not judged again.
    """
    rules = RULES[kind]
    found = [
        *_needed(rules, before, after),
        *_texts(rules, before, after),
        *_addresses(rules, before, after),
        *_ranges(rules, before, after),
        *_references(rules, before, after, directory),
    ]
    return tuple(msgspec.structs.replace(problem, path=f"{kind}.{problem.path}") for problem in found)


def _changed(before: Record | None, after: Record, names: Iterable[str]) -> Iterable[tuple[str, Any]]:
    for name in names:
        value = getattr(after, name)
        if before is None or getattr(before, name) != value:
            yield name, value


def _needed(rules: Rules, before: Record | None, after: Record) -> Iterable[Problem]:
    for names in rules.needed:
        is_touched = any(True for _member in _changed(before, after, names))
        if is_touched and not any(getattr(after, name).strip() for name in names):
            yield Problem(names[0], "required")


def _texts(rules: Rules, before: Record | None, after: Record) -> Iterable[Problem]:
    for name, value in _changed(before, after, rules.texts):
        if value is not None and len(value) > rules.texts[name]:
            yield Problem(name, "longest", len(value), rules.texts[name])


def _addresses(rules: Rules, before: Record | None, after: Record) -> Iterable[Problem]:
    for name, address in _changed(before, after, rules.addresses):
        for line in Address.__struct_fields__:
            if len(getattr(address, line)) > LONGEST_ADDRESS:
                yield Problem(f"{name}.{line}", "longest", len(getattr(address, line)), LONGEST_ADDRESS)


def _ranges(rules: Rules, before: Record | None, after: Record) -> Iterable[Problem]:
    for name, value in _changed(before, after, rules.ranges):
        low, high = rules.ranges[name]
        if not low <= value <= high:
            yield Problem(name, "range", value, rules.ranges[name])


def _references(
    rules: Rules, before: Record | None, after: Record, directory: Directory
) -> Iterable[Problem]:
    for name, value in _changed(before, after, rules.references):
        target = directory.records(rules.references[name]).get(value)
        if value != 0 and (target is None or getattr(target, "is_deleted", False)):
            yield Problem(name, "exists", value)
