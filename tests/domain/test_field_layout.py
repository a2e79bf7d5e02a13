"""The layout of user-defined fields: what is worked on, what is published, and its rules."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.directory import CustomField, CustomFieldType, Directory, ListItem, Tenant
from appointed.domain.errors import Problem
from appointed.domain.field_layout import (
    LONGEST,
    LONGEST_TEXT,
    MOST_FIELDS,
    WIDER,
    Layout,
    changes,
    drafted,
    drafts,
    dropped,
    edited,
    find_field,
    moves_values,
    new_field,
    problems,
    published,
    retyped,
    reverted,
    with_choices,
)

NUMBER, TEXT, LIST = CustomFieldType.NUMBER, CustomFieldType.SHORT_TEXT, CustomFieldType.LIST
STAMPED = datetime(2026, 3, 1, tzinfo=UTC)
NOTE = CustomField(
    id=1, prog_id="SuperOffice:1", label="Note", type=TEXT, length=99, revision=4, created_at=STAMPED
)
SEATS = CustomField(id=2, prog_id="SuperOffice:2", label="Seats", type=NUMBER, length=10)
LAYOUT: Layout = {1: NOTE, 2: SEATS}


def edit(layout: Layout, number: int, **values: Any) -> Layout:
    found = drafted(layout[number])
    assert found is not None
    return edited(layout, replace(found, **values))


def wrong(layout: Layout) -> list[tuple[str, str]]:
    return [(problem.path, problem.rule) for problem in problems(layout, LAYOUT)]


def test_an_edit_waits_beside_what_is_published() -> None:
    layout = edit(LAYOUT, 1, label="Remark")
    assert (layout[1].label, layout[1].revision) == ("Note", 4)
    assert [field.label for field in drafts(layout)] == ["Remark", "Seats"]
    assert [field.version for field in drafts(layout)] == [2, 1]
    assert changes(layout) == (layout[1],)
    after = published(layout)
    assert after[1] == replace(NOTE, label="Remark", version=2)
    assert after[2] is not None
    assert changes(after) == ()
    assert published(after) == after


def test_setting_back_what_stands_is_no_change() -> None:
    there = edit(LAYOUT, 1, label="Remark")
    assert edit(there, 1, label="Remark") == there
    assert edit(there, 1, label="Note") == LAYOUT
    assert edited(LAYOUT, replace(NOTE, revision=9)) == LAYOUT


def test_reverting_forgets_all_of_it() -> None:
    layout = edited(dropped(edit(LAYOUT, 1, label="Remark"), 2), new_field(3, LIST))
    assert len(changes(layout)) == 3
    assert reverted(layout) == LAYOUT


def test_a_new_field_shows_only_after_publishing() -> None:
    layout = edit(edited(LAYOUT, new_field(3, NUMBER)), 3, label="Guests")
    assert (layout[3].is_new, layout[3].label, layout[3].draft) == (True, "Guests", None)
    assert Directory(Tenant(id=1, name="T"), 1, {"custom_field": dict(layout)}).custom_fields == LAYOUT
    after = published(layout)
    assert (after[3].is_new, after[3].version) == (False, 1)


def test_dropping() -> None:
    layout = dropped(edit(edited(LAYOUT, new_field(3, NUMBER)), 1, label="Remark"), 1)
    assert layout[1] == replace(NOTE, is_dropped=True)
    assert [field.id for field in drafts(layout)] == [2, 3]
    assert set(dropped(layout, 3)) == {1, 2}
    assert set(published(layout)) == {2, 3}
    assert edited(layout, NOTE) == {**LAYOUT, 3: layout[3]}


def test_fields_stand_by_their_rank_and_then_their_id() -> None:
    assert [field.id for field in drafts(edit(LAYOUT, 1, rank=5))] == [2, 1]
    assert [field.id for field in drafts(edit(LAYOUT, 1, rank=2))] == [1, 2]


@pytest.mark.parametrize(
    ("ref", "number"),
    [
        ("1", 1),
        ("SuperOffice:2", 2),
        ("superoffice:2", 2),
        ("Note", 1),
        ("note", None),
        ("9", None),
        ("²", None),
        ("9" * 400, None),
        ("", None),
    ],
)
def test_a_field_is_found_by_id_name_or_label(ref: str, number: int | None) -> None:
    found = find_field(tuple(LAYOUT.values()), ref)
    assert (found and found.id) == number


def test_an_id_comes_before_a_label() -> None:
    assert find_field((replace(NOTE, label="2"), SEATS), "2") == SEATS


def test_another_type_drops_what_only_the_former_had() -> None:
    choices = replace(SEATS, type=LIST, items=(ListItem(1, "One"),), default="1")
    assert retyped(choices, LIST) is choices
    after = retyped(choices, TEXT)
    assert (after.type, after.items, after.default, after.length) == (TEXT, (), "", LONGEST_TEXT[TEXT])


@pytest.mark.parametrize("kind", sorted(CustomFieldType))
@pytest.mark.parametrize("wanted", sorted(CustomFieldType))
def test_a_published_field_becomes_only_what_its_values_are_already(
    kind: CustomFieldType, wanted: CustomFieldType
) -> None:
    stands = replace(NOTE, type=kind, length=0)
    layout = edited({1: stands}, retyped(stands, wanted))
    found = problems(layout, {1: stands})
    if wanted is kind or wanted in WIDER[kind]:
        assert found == ()
    else:
        assert found == (Problem("field.type", "widens", wanted, tuple(sorted(WIDER[kind]))),)


def test_one_that_was_never_published_becomes_anything() -> None:
    for kind in CustomFieldType:
        assert wrong(edited(LAYOUT, retyped(new_field(3, TEXT), kind))) == []


def test_what_concerns_values_and_what_looks_alone() -> None:
    looks = edit(LAYOUT, 1, label="Remark")[1]
    values = (
        edit(LAYOUT, 1, type=CustomFieldType.LONG_TEXT)[1],
        dropped(LAYOUT, 1)[1],
        edited(LAYOUT, new_field(3, TEXT))[3],
    )
    assert not moves_values(looks)
    assert all(map(moves_values, values))


@pytest.mark.parametrize(("name", "longest"), sorted(LONGEST.items()))
def test_a_text_has_its_length(name: str, longest: int) -> None:
    assert wrong(edit(LAYOUT, 1, **{name: "x" * longest})) == []
    assert wrong(edit(LAYOUT, 1, **{name: "x" * (longest + 1)})) == [(f"field.{name}", "longest")]


@pytest.mark.parametrize("label", ["", "  "], ids=["empty", "blank"])
def test_a_label_says_something(label: str) -> None:
    assert wrong(edit(LAYOUT, 1, label=label)) == [("field.label", "required")]


@pytest.mark.parametrize(
    ("number", "length", "is_right"),
    [(1, 0, True), (1, 199, True), (1, 200, False), (2, 10, True), (2, 11, False)],
)
def test_the_length_of_texts(number: int, length: int, is_right: bool) -> None:
    assert wrong(edit(LAYOUT, number, length=length)) == ([] if is_right else [("field.length", "range")])


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("acme:crm.field-1", ""),
        ("A" * 99, ""),
        ("SuperOffice:3", ""),
        ("A" * 100, "prog_id"),
        ("", "prog_id"),
        ("1st", "prog_id"),
        ("a/b", "prog_id"),
        ("a b", "prog_id"),
        ("å", "prog_id"),
        ("x_mine", "prog_id"),
        ("X_MINE", "prog_id"),
        ("acme:org", "prog_id"),
        ("acme:DisplayText", "prog_id"),
        ("acme:DisplayTooltip", "prog_id"),
        ("SuperOffice:4", "reserved"),
        ("superoffice:x", "reserved"),
        ("my:note", "unique"),
        ("MY:NOTE", "unique"),
    ],
)
def test_the_name_of_a_new_field(name: str, rule: str) -> None:
    taken = {**LAYOUT, 4: replace(new_field(4, TEXT), prog_id="my:note")}
    layout = edited(taken, replace(new_field(3, TEXT), prog_id=name))
    found = [(problem.path, problem.rule) for problem in problems(layout, taken)]
    assert found == ([("field.prog_id", rule)] if rule else [])


def test_the_name_of_a_published_field_stays() -> None:
    assert wrong(edit(LAYOUT, 1, prog_id="my:note")) == [("field.prog_id", "move")]


def test_a_name_is_free_only_when_its_field_is_gone() -> None:
    mine = {1: replace(NOTE, prog_id="my:note")}
    again = replace(new_field(3, TEXT), prog_id="my:note")
    waiting = dropped(mine, 1)
    assert [one.rule for one in problems(edited(waiting, again), waiting)] == ["unique"]
    gone = published(waiting)
    assert problems(edited(gone, again), gone) == ()


def test_there_is_a_most_of_fields() -> None:
    full = {number: replace(new_field(number, TEXT), is_new=False) for number in range(1, MOST_FIELDS + 1)}
    assert problems(full, {}) == ()
    over = edited(full, new_field(MOST_FIELDS + 1, TEXT))
    assert problems(over, full) == (Problem("fields", "most", MOST_FIELDS + 1, MOST_FIELDS),)
    # Who has more already, from an import, can still work on them.
    assert problems(edit(over, 1, label="Other"), over) == ()


def test_what_was_not_touched_is_not_judged_again() -> None:
    odd = {**LAYOUT, 3: replace(SEATS, id=3, prog_id="x_odd", label="")}
    assert problems(edit(odd, 1, label="Other"), odd) == ()


def test_choices_count_at_once_for_what_is_published_and_what_is_worked_on() -> None:
    one, two = ListItem(1, "One"), ListItem(2, "Two")
    menu = CustomField(id=3, prog_id="SuperOffice:3", label="Menu", type=LIST, items=(one,))
    plain = with_choices({3: menu}, 3, (one, two))
    assert plain == {3: replace(menu, items=(one, two))}
    renamed = with_choices(edit({3: menu}, 3, label="Food"), 3, (one, two))
    assert published(renamed)[3] == replace(menu, items=(one, two), label="Food", version=2)
    assert edit(renamed, 3, label="Menu") == plain
    # One that is about to be no list has none there, and keeps them here until then.
    counted = with_choices(edited({3: menu}, retyped(menu, NUMBER)), 3, (one, two))
    assert published(counted)[3].items == ()
    assert reverted(counted) == plain
