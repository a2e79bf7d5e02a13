"""Rules of contacts, persons, projects and sales, and who may work on them."""

from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.directory import (
    KINDS,
    Address,
    AssociateType,
    Contact,
    Directory,
    Person,
    Project,
    Record,
    Sale,
    Tenant,
)
from appointed.domain.errors import Problem, Unauthenticated
from appointed.domain.principal import Principal
from appointed.domain.record_rules import GRANTS, LONGEST_ADDRESS, RULES, record_access, record_problems
from appointed.domain.revision import advance
from appointed.domain.rights import Access
from tests.builders import CLIENT, KARI, NOW, PER, ROOM, directory

LEAST: dict[str, Record] = {
    "contact": Contact(id=1, name="Acme"),
    "person": Person(id=1, last_name="Hopper"),
    "project": Project(id=1, name="Move"),
    "sale": Sale(id=1, title="Ships"),
}
TEXTS = [(kind, name, longest) for kind, rules in RULES.items() for name, longest in rules.texts.items()]
REFERENCES = [(kind, name) for kind, rules in RULES.items() for name in rules.references]


def problems(before: Record | None, **changes: Any) -> tuple[Problem, ...]:
    after = replace(before, **changes) if before else None
    assert after is not None
    kind = type(after).__name__.lower()
    return record_problems(kind, before, after, directory())


@pytest.mark.parametrize("kind", sorted(RULES))
def test_the_least_of_each_kind_is_enough(kind: str) -> None:
    assert record_problems(kind, None, LEAST[kind], directory()) == ()


@pytest.mark.parametrize(("kind", "name", "longest"), TEXTS)
def test_a_text_has_its_length(kind: str, name: str, longest: int) -> None:
    assert problems(LEAST[kind], **{name: "x" * longest}) == ()
    too_long = problems(LEAST[kind], **{name: "x" * (longest + 1)})
    assert too_long == (Problem(f"{kind}.{name}", "longest", longest + 1, longest),)


@pytest.mark.parametrize(("kind", "name"), REFERENCES)
def test_a_reference_names_what_is_there(kind: str, name: str) -> None:
    target = RULES[kind].references[name]
    assert target in KINDS
    assert problems(LEAST[kind], **{name: 999}) == (Problem(f"{kind}.{name}", "exists", 999),)
    assert problems(replace(LEAST[kind], **{name: 999}), **{name: 0}) == ()
    if target == "associate":
        assert problems(LEAST[kind], **{name: KARI}) == ()
        assert problems(LEAST[kind], **{name: PER}) == (Problem(f"{kind}.{name}", "exists", PER),)


def test_what_was_always_wrong_blocks_no_other_change() -> None:
    odd = Contact(id=1, name=" ", department="x" * 300, associate_id=999, street=Address(city="x" * 300))
    assert problems(odd, phone="1") == ()
    assert [one.rule for one in record_problems("contact", None, odd, directory())] == [
        "required",
        "longest",
        "longest",
        "exists",
    ]


def test_one_of_two_names_is_enough() -> None:
    person = Person(id=1, first_name="Grace", last_name="Hopper")
    assert problems(person, first_name="") == ()
    assert problems(person, first_name="", last_name=" ") == (Problem("person.first_name", "required"),)


def test_lines_of_an_address_and_numbers_have_limits() -> None:
    long = Address(line1="x" * LONGEST_ADDRESS, city="x" * (LONGEST_ADDRESS + 1))
    assert problems(LEAST["contact"], postal=long) == (
        Problem("contact.postal.city", "longest", LONGEST_ADDRESS + 1, LONGEST_ADDRESS),
    )
    assert problems(LEAST["sale"], probability=100) == ()
    for value in (-1, 101):
        assert problems(LEAST["sale"], probability=value) == (
            Problem("sale.probability", "range", value, (0, 100)),
        )


@pytest.mark.parametrize(
    ("who", "granted"), [(KARI, Access.CHANGE), (CLIENT, Access.CHANGE), (ROOM, Access.NOTHING)]
)
def test_colleagues_and_their_programs_work_on_them(who: int, granted: Access) -> None:
    assert record_access(Principal(1, who), directory()) is granted


def test_guests_have_none_and_those_who_are_gone_are_nobody() -> None:
    assert set(GRANTS) == set(AssociateType)
    assert GRANTS[AssociateType.EXTERNAL] is GRANTS[AssociateType.ANONYMOUS] is Access.NOTHING
    with pytest.raises(Unauthenticated):
        record_access(Principal(1, PER), directory())


def test_every_kind_with_rules_has_their_members() -> None:
    for kind, rules in RULES.items():
        members = set(KINDS[kind].__struct_fields__)
        named = {*rules.texts, *rules.references, *rules.ranges, *rules.addresses, *sum(rules.needed, ())}
        assert named <= members


def test_a_record_has_revisions_like_an_appointment() -> None:
    made = Contact(id=1, name="Acme", created_at=NOW)
    assert made.modified_at == NOW.replace(microsecond=0)
    assert Contact(id=1, name="Acme").modified_at.year == 1970
    after = advance(made, replace(made, phone="1"), NOW, by=KARI)
    assert (after.revision, after.updated_by, after.phone) == (2, KARI, "1")
    assert after.modified_at > made.modified_at


def test_a_following_snapshot_shares_what_did_not_change() -> None:
    tenant = Tenant(id=1, name="Test")
    one, two = Contact(id=1, name="One"), Contact(id=2, name="Two")
    first = Directory(tenant, 1, {"contact": {1: one, 2: two}, "sale": {}})
    first.memo["x"] = 1
    second = first.followed(
        tenant, 3, [("contact", 1, None), ("contact", 9, None), ("person", 5, Person(id=5))]
    )
    assert (second.contacts, second.persons, second.revision) == ({2: two}, {5: Person(id=5)}, 3)
    assert (first.contacts, first.persons, second.memo) == ({1: one, 2: two}, {}, {})
    assert second.sales is first.sales
    assert second.records("project") == {}
