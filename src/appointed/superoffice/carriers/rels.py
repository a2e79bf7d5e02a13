"""_Links: where the entity, its lists and what it refers to can be fetched, as absolute addresses."""

from operator import attrgetter
from uuid import uuid4

import msgspec

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


# (rel, before the id, after it, the id's member, whether an id of 0 leaves the rel out)
_TABLE = tuple(
    (rel, *_parts(ROOT + path), _key(path) or "", optional is not None) for rel, path, optional in RELS
)
_VARYING = tuple(line for line in _TABLE if line[3])
_targets = attrgetter(*(line[3] for line in _VARYING if line[4]))
_NOWHERE = (0,) * sum(line[4] for line in _VARYING)
# What stands for the id where the texts around it are made; nobody can know it.
_PLACE = uuid4().hex


def rels(row: Appointment, ctx: Context) -> dict[str, str]:
    """Write the addresses; rels whose target is null are left out."""
    links = _template(ctx)
    for rel, head, tail, member, is_optional in _VARYING:
        key = getattr(row, member)
        if key or not is_optional:
            links[rel] = f"{ctx.base_url}{head}{max(key, 0)}{tail}"
        else:
            del links[rel]
    return links


def rels_json(row: Appointment, ctx: Context) -> msgspec.Raw:
    """Write the same as JSON, quickly for a row that refers to nothing but itself."""
    if _targets(row) != _NOWHERE:
        return msgspec.Raw(msgspec.json.encode(rels(row, ctx)))
    base_url, around = ctx.cache.get("rels json", ("", ()))
    if base_url != ctx.base_url or not around:
        own = [line for line in _TABLE if not line[4]]
        links = {
            rel: f"{ctx.base_url}{head}{_PLACE if member else ''}{tail}"
            for rel, head, tail, member, _no in own
        }
        around = msgspec.json.encode(links).split(_PLACE.encode())
        ctx.cache["rels json"] = (ctx.base_url, around)
    return msgspec.Raw((b"%d" % max(row.id, 0)).join(around))


def _template(ctx: Context) -> dict[str, str]:
    """Give every rel in its order, those of a row still to be filled."""
    # Only the last address is kept: a caller may name any host.
    base_url, found = ctx.cache.get("rels", ("", {}))
    if base_url != ctx.base_url or not found:
        found = {rel: f"{ctx.base_url}{head}" for rel, head, _tail, _member, _is_optional in _TABLE}
        ctx.cache["rels"] = (ctx.base_url, found)
    return dict(found)
