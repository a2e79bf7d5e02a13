"""What SuperOffice has no column for, under the names that `CustomFields` have it by (ADR 161)."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any
from uuid import UUID

from appointed.domain.meeting import Bandwidth
from appointed.domain.status import Status
from appointed.superoffice.archive.appointment_columns import group_of
from appointed.superoffice.archive.columns import (
    Column,
    ValueOf,
    all_of,
    among,
    any_of,
    chosen,
    column,
    negated,
    ranked,
    stored,
    where_unset_is,
)
from appointed.superoffice.archive.meaning import NEVER, Asked, Meaning
from appointed.usecases.query import AllOf, AnyOf, Node, Not, Operator, Order, Test
from appointed.usecases.query_fields import FieldKind

UID, UID_TEXT = "uid", "uid_text"
BANDWIDTH = "features.bandwidth"
BANDWIDTHS = {one: one.value for one in Bandwidth}
# Names of switches, as people read them.
SWITCH_TITLES = {
    "call_recording": "Recording",
    "breakout_room": "Breakout rooms",
    "webcam_access_agent": "Agent's camera",
    "webcam_access_claimant": "Claimant's camera",
    "webcam_background_blurring": "Blurred background",
    "microphone_access": "Microphone",
    "screen_sharing": "Screen sharing",
    "messages_chat": "Chat",
    "participant_list": "List of participants",
}


def _read(path: str) -> ValueOf:
    read: Callable[[Any], Any] = attrgetter(path)
    return lambda row, _asked: read(row)


def _where_uid(meaning: Meaning, _asked: Asked) -> Node:
    return _by_index(meaning.on(UID_TEXT))


def _by_index(node: Node) -> Node:
    """Ask for whole identifiers by their index, and for parts of them by their text."""
    if isinstance(node, AllOf):
        return all_of(_by_index(inner) for inner in node.nodes)
    if isinstance(node, AnyOf):
        return any_of(_by_index(inner) for inner in node.nodes)
    if isinstance(node, Not):
        return negated(_by_index(node.node))
    if not isinstance(node, Test) or node.operator not in (Operator.EQ, Operator.IN):
        return node
    texts = node.value if node.operator is Operator.IN else (node.value,)
    found = tuple(uid for text in texts if (uid := _uid(text)))
    return Test(UID, Operator.IN, found) if found else NEVER


def _uid(text: Any) -> UUID | None:
    try:
        found = UUID(text)
    except (ValueError, TypeError, AttributeError):
        return None
    return found if str(found) == text.lower() else None


def _inside(name: str, type_name: str, title: str, path: str) -> Column:
    return stored(name, type_name, title, path, _read(path))


def _redirect(name: str, title: str, path: str) -> Column:
    read = _read(path)
    return column(
        name,
        "string",
        title,
        lambda row, asked: read(row, asked) or "",
        where=lambda meaning, _asked: where_unset_is("", meaning, path),
        order=lambda _asked: (Order(field=path),),
    )


OWN: tuple[Column, ...] = (
    column(
        "x_uid",
        "string",
        "UID",
        lambda row, _asked: str(row.uid),
        where=_where_uid,
        order=lambda _asked: (Order(field=UID_TEXT),),
    ),
    stored("x_reference", "string", "Reference", "reference", kind=FieldKind.WORD),
    chosen("x_status", "string", "Status", "status", {status: status.value for status in Status}),
    stored("x_department", "userGroup", "Department", "department_id", shown=group_of),
    *(
        _inside(f"x_features_{name}_enable", "bool", title, f"features.{name}")
        for name, title in SWITCH_TITLES.items()
    ),
    column(
        "x_features_bandwidth",
        "string",
        "Bandwidth",
        lambda row, _asked: row.features.bandwidth.value,
        where=lambda meaning, _asked: among(BANDWIDTH, BANDWIDTHS, meaning),
        order=lambda _asked: (Order(field=BANDWIDTH, ranks=ranked(BANDWIDTHS.items())),),
    ),
    _inside("x_use_custom_post_call_redirect", "bool", "Own pages after the call", "redirects.is_custom"),
    _redirect(
        "x_custom_user_post_call_redirect_url", "Claimant's page after the call", "redirects.claimant_url"
    ),
    _redirect("x_custom_agent_post_call_redirect_url", "Agent's page after the call", "redirects.agent_url"),
)
