"""Every carrier has the contract's own members, in order and of the right type."""

from itertools import groupby

from appointed.superoffice.catalogue import ENTITY, SHAPES, TYPES, member_name, type_at
from appointed.superoffice.entity import MEMBERS
from tests.superoffice.tables import rows

EXPECTED = {
    carrier: [(row["member"], row["type"]) for row in members]
    for carrier, members in groupby(rows("carriers"), key=lambda row: row["carrier"])
}


def test_the_carriers_are_those_of_the_contract():
    assert set(TYPES) == set(EXPECTED)
    assert len(EXPECTED) == 25


def test_each_carrier_has_its_members_in_order():
    found = {name: [(field.name, field.type) for field in shape] for name, shape in SHAPES.items()}
    found[ENTITY] = [(member.name, member.type) for member in MEMBERS]
    assert found == EXPECTED


def test_types_are_found_at_any_depth_and_in_any_case():
    assert type_at(()) == ENTITY
    assert type_at(("startdate",)) == "date-time"
    assert type_at(("Participants", "0", "invitationStatus")) == "enum:InvitationStatus"
    assert type_at(("contact", "address", "localizedaddress", "0", "1", "value")) == "string"
    assert type_at(("CustomFields", "anything")) == "string"
    assert type_at(("nothing", "here")) == ""


def test_members_are_spelled_as_the_contract_does():
    assert member_name("Contact", "uRL") == "URL"
    assert member_name("Contact", "nothing") is None
    assert member_name("", "x") is None
