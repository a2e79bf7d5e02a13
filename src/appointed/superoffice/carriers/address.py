"""Address, StructuredAddress and LocalizedField: a company's two addresses in three forms."""

from appointed.domain.directory import Address, Contact
from appointed.superoffice.carriers.shape import Field, Json, Shape, fixed, number, written
from appointed.superoffice.context import Context

LOCALIZED_FIELD: Shape = (
    Field("Name", "string", lambda cell, _ctx: cell["Name"]),
    Field("Value", "string", lambda cell, _ctx: cell["Value"]),
    Field("Tooltip", "string", fixed("")),
    Field("Label", "string", lambda cell, _ctx: cell["Label"]),
    Field("ValueLength", "int32", lambda cell, _ctx: cell["ValueLength"]),
    Field("AddressType", "string", lambda cell, _ctx: cell["AddressType"]),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)

STREET, POSTAL = "ContactStreetAddress", "ContactPostalAddress"

# (wire name, member, label, longest) per cell, a row of cells per line; the label names the first line.
LINES: tuple[tuple[tuple[str, str, str, int], ...], ...] = (
    (("Address1", "line1", "", 80),),
    (("Address2", "line2", "", 80),),
    (("Address3", "line3", "", 80),),
    (("Zipcode", "zip_code", "SR_AL_POSTCODECITY", 9), ("City", "city", "", 30)),
)
ALWAYS_SHOWN = frozenset({"Address1", "Zipcode"})
KINDS = {STREET: ("Street", "SR_AL_STREET"), POSTAL: ("Postal", "SR_AL_POBOX")}

STRUCTURED_ADDRESS: Shape = (
    Field("AtypeIdx", "enum:AddressType", fixed(STREET)),
    Field("Address1", "string", number("line1")),
    Field("Address2", "string", number("line2")),
    Field("Address3", "string", number("line3")),
    Field("City", "string", number("city")),
    Field("County", "string", number("county")),
    Field("State", "string", number("state")),
    Field("Zipcode", "string", number("zip_code")),
    Field("Formatted", "string", lambda address, _ctx: formatted(address)),
)

ADDRESS: Shape = (
    Field("Wgs84Latitude", "double", fixed(0.0)),
    Field("Wgs84Longitude", "double", fixed(0.0)),
    Field(
        "LocalizedAddress",
        "LocalizedField[][]",
        lambda contact, ctx: _rows(contact.street, STREET, ctx) + _rows(contact.postal, POSTAL, ctx),
    ),
    Field("Street", "StructuredAddress", lambda contact, ctx: _structured(contact.street, STREET, ctx)),
    Field("Postal", "StructuredAddress", lambda contact, ctx: _structured(contact.postal, POSTAL, ctx)),
    Field("Formatted", "string", lambda contact, _ctx: formatted(contact.street) + formatted(contact.postal)),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)


def address(contact: Contact, ctx: Context) -> dict[str, Json]:
    """Write a company's addresses."""
    return written(ADDRESS, contact, ctx)


def formatted(address: Address) -> str:
    """Write an address as lines, each ended; "" when it is empty."""
    city = f"{address.zip_code} {address.city}".strip()
    lines = (address.line1, address.line2, address.line3, city)
    return "".join(f"{line}\n" for line in lines if line)


def _structured(address: Address, kind: str, ctx: Context) -> dict[str, Json]:
    return written(STRUCTURED_ADDRESS, address, ctx) | {"AtypeIdx": kind}


def _rows(address: Address, kind: str, ctx: Context) -> list[list[Json]]:
    prefix, first_label = KINDS[kind]
    return [
        [
            written(
                LOCALIZED_FIELD,
                {
                    "Name": prefix + name,
                    "Value": getattr(address, member),
                    "Label": first_label if name == "Address1" else label,
                    "ValueLength": longest,
                    "AddressType": kind,
                },
                ctx,
            )
            for name, member, label, longest in line
        ]
        for line in LINES
        if line[0][0] in ALWAYS_SHOWN or getattr(address, line[0][1])
    ]
