"""Members of records whose name on the wire is another: "kind.member" to the wire's name."""

from typing import Final

_NAMES: Final[dict[str, dict[str, str]]] = {
    "contact": {
        "name": "Name",
        "department": "Department",
        "org_number": "OrgNr",
        "number": "Number2",
        "other_number": "Number1",
        "url": "URL",
        "url_name": "URLName",
        "phone": "DirectPhone",
        "email": "EmailAddress",
        "email_name": "EmailAddressName",
        "kana_name": "Kananame",
        "country_name": "CountryName",
        "business_name": "BusinessName",
        "category_name": "CategoryName",
        "associate_id": "AssociateId",
    },
    "person": {
        "first_name": "Firstname",
        "middle_name": "MiddleName",
        "last_name": "Lastname",
        "kana_first_name": "Kanafname",
        "kana_last_name": "Kanalname",
        "salutation": "Mrmrs",
        "title": "Title",
        "position": "Position",
        "description": "Description",
        "email": "Email",
        "email_name": "EmailName",
        "phone": "DirectPhone",
        "mobile": "MobilePhone",
        "fax": "FaxPhone",
        "number": "PersonNumber",
        "category_name": "CategoryName",
        "post1": "Post1",
        "post2": "Post2",
        "post3": "Post3",
        "contact_id": "ContactId",
        "associate_id": "AssociateId",
        "support_associate_id": "SupportAssociateId",
        "rank": "Rank",
    },
    "project": {
        "name": "Name",
        "description": "Description",
        "number": "ProjectNumber",
        "type_name": "Type",
        "status_name": "Status",
        "url": "URL",
        "url_name": "URLName",
        "associate_id": "AssociateId",
    },
    "field": {
        "default": "FieldDefault",
        "format_mask": "FormatMask",
        "label": "FieldLabel",
        "length": "TextLength",
        "prog_id": "ProgId",
        "short_label": "ShortLabel",
        "template_variable": "TemplateVariableName",
        "tooltip": "Tooltip",
        "type": "FieldType",
    },
    "sale": {
        "title": "Title",
        "description": "Description",
        "number": "Number",
        "currency": "Currency",
        "type_name": "SaleTypeName",
        "contact_id": "ContactId",
        "person_id": "PersonId",
        "project_id": "ProjectId",
        "associate_id": "AssociateId",
        "probability": "Probability",
    },
}
_LINES: Final = {
    "line1": "Address1",
    "line2": "Address2",
    "line3": "Address3",
    "zip_code": "Zipcode",
    "city": "City",
    "county": "County",
    "state": "State",
}
_ADDRESSES: Final = {
    f"contact.{part.lower()}.{line}": f"Address.{part}.{wire}"
    for part in ("Street", "Postal")
    for line, wire in _LINES.items()
}

RECORD_NAMES: Final = {
    f"{kind}.{member}": wire for kind, names in _NAMES.items() for member, wire in names.items()
} | _ADDRESSES
