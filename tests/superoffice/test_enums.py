"""Enums by name and number, against our own list of the client's declarations (tests/data)."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointed.superoffice.enums import ENUMS, read_enum, read_flags, write_flags

TABLE = Path(__file__).parent.parent / "data" / "superoffice_enums.tsv"
ROWS = [
    (row["enum"], row["name"], int(row["number"]))
    for row in csv.DictReader(TABLE.read_text().splitlines(), delimiter="\t")
]
FLAGS = {"Weekday", "ETableRight", "EFieldRight"}
PLAIN = [row for row in ROWS if row[0] not in FLAGS]


@pytest.mark.clause("SO-ENUM-001")
def test_every_name_and_number_of_the_list_is_known_and_no_other() -> None:
    assert sorted(ROWS) == sorted(
        (enum, name, number) for enum, table in ENUMS.items() for name, number in table.numbers.items()
    )
    assert {enum for enum, table in ENUMS.items() if table.flags} == FLAGS


@pytest.mark.parametrize(("enum", "name", "number"), PLAIN)
@pytest.mark.clause("SO-ENUM-002")
def test_names_and_numbers_are_read(enum, name, number) -> None:
    for value in (
        name,
        name.upper(),
        name.lower(),
        f" {name} ",
        number,
        str(number),
        f"{number:03}",
        float(number),
    ):
        assert read_enum(enum, value) == name


@pytest.mark.parametrize(
    "value",
    ["", " ", "Public, PrivateUser", "Publik", "3", "-1", "+1", "1.0", "0x1", "1e0", "٢", "9" * 5_000,
     3, -1, 0.5, 1e300, float("inf"), float("nan"), True, False, None, [], ["Public"], {}],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_an_unknown_value_is_refused(value) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # the value itself is the message
        read_enum("AppointmentPrivate", value)


def test_only_ascii_letters_are_folded() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # the value itself is the message
        read_enum("AppointmentCautionWarning", "O\u212a")
    assert read_enum("AppointmentCautionWarning", "ok") == "OK"


def test_there_is_no_third_invitation_status() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # the value itself is the message
        read_enum("InvitationStatus", 3)


# What is sent for which enum, and what is written for it.
COMBINED = [
    ("Weekday", "Monday, Wednesday, Friday", "Monday, Wednesday, Friday"),
    ("Weekday", "friday,MONDAY", "Monday, Friday"),
    ("Weekday", 21, "Monday, Wednesday, Friday"),
    ("Weekday", "21", "Monday, Wednesday, Friday"),
    ("Weekday", ["Friday", 1, "4"], "Monday, Wednesday, Friday"),
    ("Weekday", "Monday, Monday", "Monday"),
    ("Weekday", 127, "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"),
    ("Weekday", 0, "Unknown"),
    ("Weekday", "Unknown", "Unknown"),
    ("Weekday", [], "Unknown"),
    ("ETableRight", 15, "Select, Update, Insert, Delete"),
    ("ETableRight", 11, "Select, Update, Delete"),
    ("ETableRight", "FULL", "Select, Update, Insert, Delete"),
    ("ETableRight", "URI", "Select, Update, Insert"),
    ("ETableRight", "F", "Filtering"),
    ("ETableRight", 0, "None"),
    ("EFieldRight", 1, "Read"),
    ("EFieldRight", 3, "Update"),
    ("EFieldRight", 67, "Update, UIHintMandatory"),
    ("EFieldRight", "Update, Nullable", "Update, Nullable"),
    ("EFieldRight", "UIHints", "UIHintMandatory, UIHintReadOnly"),
]


@pytest.mark.parametrize(("enum", "sent", "written"), COMBINED)
@pytest.mark.clause("SO-ENUM-003")
def test_flags_are_combined(enum, sent, written) -> None:
    assert read_enum(enum, sent) == written
    assert write_flags(enum, read_flags(enum, sent)) == written
    assert read_enum(enum, written) == written


@pytest.mark.parametrize(
    "value", ["", "Monday;Friday", "Monday,", "Someday", 128, -1, "128", None, True, [None], [[1]], {}]
)
def test_unknown_flags_are_refused(value) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # the value itself is the message
        read_flags("Weekday", value)


def test_unknown_bits_cannot_be_written() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # the value itself is the message
        write_flags("Weekday", 256)


@given(st.sampled_from(sorted(FLAGS)), st.integers(0, 511))
@pytest.mark.clause("SO-ENUM-003")
def test_what_is_written_is_read_back(enum, total) -> None:
    try:
        text = write_flags(enum, total)
    except ValueError:
        assert total & ~ENUMS[enum].every_flag
    else:
        assert read_flags(enum, text) == read_flags(enum, total) == total
