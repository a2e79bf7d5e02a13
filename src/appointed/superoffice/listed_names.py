"""Lists that no table keeps: what records name by an id and a text of their own (ADR 197)."""

from typing import Final, NamedTuple

from appointed.domain.directory import Directory


class Listed(NamedTuple):
    """A list: the kind of records it comes out of, and which of their members hold the id and the text."""

    kind: str
    number: str
    name: str


COUNTRY: Final = Listed("contact", "country_id", "country_name")
PROJECT_TYPE: Final = Listed("project", "type_id", "type_name")
PROJECT_STATUS: Final = Listed("project", "status_id", "status_name")
SALE_TYPE: Final = Listed("sale", "type_id", "type_name")
LISTED: Final = {
    "country": COUNTRY,
    "projecttype": PROJECT_TYPE,
    "projectstatus": PROJECT_STATUS,
    "saletype": SALE_TYPE,
}


def names_by_id(listed: Listed, directory: Directory) -> dict[int, str]:
    """Give a list's texts by id, that of the newest record where several name it; nobody may change it."""
    # Made once per revision of the directory: a tenant may have very many records.
    key = ("listed", listed)
    names: dict[int, str] | None = directory.memo.get(key)
    if names is None:
        told = (
            (getattr(one, listed.number), getattr(one, listed.name))
            for _key, one in sorted(directory.records(listed.kind).items())
        )
        names = directory.memo[key] = {number: text for number, text in told if number and text}
    return names
