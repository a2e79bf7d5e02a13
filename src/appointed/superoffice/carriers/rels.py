"""_Links: where the entity, its lists and what it refers to can be fetched, as absolute addresses."""

from appointed.domain.appointment import Appointment
from appointed.superoffice.context import Context

ROOT = "/api/v1/"

# (rel, address below the root, the member whose id must not be 0); in the order of the contract.
RELS: tuple[tuple[str, str, str | None], ...] = (
    ("Self", "Appointment/{id}", None),
    ("Self.Simple", "Appointment/{id}/Simple", None),
    ("UdefLayout", "Appointment/UdefLayout/Published", None),
    ("Associate.List", "MDOList/associate", None),
    ("Contact", "Contact/{contact_id}", "contact_id"),
    ("Contact.List", "MDOList/contact_new", None),
    ("Person", "Person/{person_id}", "person_id"),
    ("Person.List", "MDOList/person", None),
    ("Priority.List", "MDOList/priority", None),
    ("Project", "Project/{project_id}", "project_id"),
    ("Project.List", "MDOList/project", None),
    ("RejectReason.List", "MDOList/rejectReason", None),
    ("Task.List", "MDOList/task", None),
    ("Sale", "Sale/{sale_id}", "sale_id"),
    ("Sale.List", "MDOList/sale", None),
    ("Archive", "Appointment", None),
    ("Archive.Participants", "Appointment/{id}/Participants", None),
    ("Archive.Links", "Appointment/{id}/Links", None),
)


def _key(template: str) -> str | None:
    return template.partition("{")[2].partition("}")[0] or None


def _parts(template: str) -> tuple[str, str]:
    head, _, tail = template.partition("{")
    return head, tail.partition("}")[2]


# (rel, before the id, the id's member, after it, whether an id of 0 leaves the rel out)
_TABLE = tuple((rel, *(_parts(path)), _key(path), optional is not None) for rel, path, optional in RELS)


def rels(row: Appointment, ctx: Context) -> dict[str, str]:
    """Write the addresses; rels whose target is null are left out."""
    root = ctx.base_url + ROOT
    links: dict[str, str] = {}
    for rel, head, tail, member, is_optional in _TABLE:
        if member is None:
            links[rel] = root + head
            continue
        key = getattr(row, member)
        if key or not is_optional:
            links[rel] = f"{root}{head}{max(key, 0)}{tail}"
    return links
