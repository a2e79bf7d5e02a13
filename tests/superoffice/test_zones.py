"""Codes and ids of time zones."""

from zoneinfo import ZoneInfo

import pytest
from tools import make_zones

from appointed.domain.errors import InvalidRequest
from appointed.superoffice.zones import UTC, ZONES, zone_by_id, zone_of, zone_of_clock

# The codes and ids that the pages on SO-TimeZone name, with the clock each means.
KNOWN = {
    "UTC": (1, "UTC"),
    "AU-ACT": (36, "Australia/Sydney"),
    "BD": (50, "Asia/Dhaka"),
    "CA-QC": (114, "America/Toronto"),
    "DK": (140, "Europe/Copenhagen"),
    "FR": (156, "Europe/Paris"),
    "NO": (261, "Europe/Oslo"),
    "US-CA": (425, "America/Los_Angeles"),
    "US-HI": (433, "Pacific/Honolulu"),
    "US-NY": (460, "America/New_York"),
    "WET": (498, "WET"),
    "CET": (499, "CET"),
    "EET": (500, "EET"),
}


@pytest.mark.parametrize(("code", "known"), KNOWN.items())
@pytest.mark.clause("SO-WIRE-008")
def test_the_contracts_own_codes_and_ids(code, known) -> None:
    number, iana = known
    for key in (code, code.lower(), f" {code} ", str(number)):
        assert (zone_of(key).id, zone_of(key).code, zone_of(key).iana) == (number, code, iana)
    assert zone_by_id(number) is zone_of(code)
    assert zone_of(code).info is ZoneInfo(iana)


@pytest.mark.parametrize(
    ("code", "iana"),
    [
        ("SE", "Europe/Stockholm"),
        ("DE", "Europe/Berlin"),
        ("gb", "Europe/London"),
        ("CN", "Asia/Shanghai"),
        ("US-TX", "America/Chicago"),
        ("US-Chicago", "America/Chicago"),
        ("ca-on", "America/Toronto"),
        ("AU-NSW", "Australia/Sydney"),
        ("BR-SAOPAULO", "America/Sao_Paulo"),
        ("PT-AZORES", "Atlantic/Azores"),
    ],
)
def test_codes_of_our_own(code, iana) -> None:
    assert zone_of(code).iana == iana
    assert zone_of(code).id >= make_zones.FIRST_OWN_ID


@pytest.mark.parametrize("key", ["", "US", "XX", "Europe/Oslo", "0", "2", "262", "-1", "١", "\u212aZ", "N O"])
def test_an_unknown_zone_is_refused(key) -> None:
    with pytest.raises(InvalidRequest) as caught:
        zone_of(key)
    assert "unknown time zone" in caught.value.reason


def test_a_long_key_is_not_repeated_whole() -> None:
    with pytest.raises(InvalidRequest) as caught:
        zone_of("x" * 5_000)
    assert len(caught.value.reason) < 100


def test_ids_and_codes_are_unique_and_every_clock_runs() -> None:
    assert len({zone.id for zone in ZONES}) == len({zone.code for zone in ZONES}) == len(ZONES) == 512
    for zone in ZONES:
        assert zone.info.key == zone.iana
        assert zone_by_id(zone.id) is zone


def test_every_country_and_every_zone_of_tzdata_is_there() -> None:
    listed = list(make_zones.lines("zone.tab"))
    assert {row[2] for row in listed} <= {zone.iana for zone in ZONES}
    assert {row[0] for row in listed} == {zone.code[:2] for zone in ZONES if zone.country}


def test_all_states_of_the_union_and_the_district_have_a_code() -> None:
    states = {zone.code for zone in ZONES if zone.code.startswith("US-") and len(zone.code) == 5}
    assert len(states) == 51


def test_the_table_is_as_the_tool_makes_it() -> None:
    assert make_zones.TABLE.read_text("utf-8") == make_zones.table()


def test_a_clock_is_named_by_the_contracts_own_code_first() -> None:
    assert {code: zone_of_clock(iana).code for code, (_number, iana) in KNOWN.items()} == {
        c: c for c in KNOWN
    }
    assert zone_of_clock("Europe/Berlin").code == "DE"
    assert zone_of_clock("Mars/Olympus") is None


def test_utc_is_one_object() -> None:
    assert zone_of("UTC").info is UTC


def test_codes_keep_their_ids_when_zones_come_and_go(tmp_path) -> None:
    path = tmp_path / "zones.tsv"
    gone = "9000\tZZ-GONE\tEurope/Oslo\tNorway\tOslo"
    kept = [line for line in make_zones.table(path).splitlines() if line.split("\t")[1] != "SE"]
    path.write_text("\n".join([*kept, gone]) + "\n")
    again = make_zones.table(path).splitlines()
    assert {*kept, gone} <= set(again)
    assert [line.split("\t")[0] for line in again if line.split("\t")[1] == "SE"] == ["9001"]
