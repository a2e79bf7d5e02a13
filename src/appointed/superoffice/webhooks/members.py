"""Webhook: the table of its members, and how each is read back (Webhook carrier; POST Webhook, Request)."""

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from appointed.domain.webhook import Contract, HookState, Secrets, SigningKey, Usage, Webhook
from appointed.superoffice.carriers.associate import associate
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.context import Context
from appointed.superoffice.entities import Entity
from appointed.superoffice.enums import read_enum
from appointed.superoffice.members import Member, Sent, carrier, fixed, kept
from appointed.superoffice.numbers import read_int32

LONGEST: Final = 255
LONGEST_URL: Final = 2_048
LONGEST_TEXT: Final = 2_000
LONGEST_VALUE: Final = 4_096
MOST_BYTES: Final = 8_192
MOST_EVENTS: Final = 50
MOST_ITEMS: Final = 20
TYPE: Final = "webhook"
# What stands where a value is that nobody is shown again; sent back, it leaves the value as it is.
MASK: Final = "********"

_EVENT = re.compile(r"[a-z0-9_]{1,60}\.[a-z0-9_]{1,60}", re.ASCII | re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s,;]{1,64}@[^@\s,;]{1,190}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
_HEADER_VALUE = re.compile(r"[ -~\xa0-\xff]*")
# Headers that say what the call itself is.
OWN_HEADERS: Final = re.compile(
    r"host|connection|keep-alive|te|trailer|upgrade|expect|accept-encoding|user-agent|x-hook-test"
    r"|content-.*|transfer-.*|proxy-.*|webhook-.*|x-superoffice-.*",
    re.IGNORECASE,
)

Check = Callable[[Sent], Any]
WRONG: Final = object()


def _texts(pattern: re.Pattern[str], most: int, rule: str) -> Check:
    def read(sent: Sent) -> Any:
        value = [] if sent.value is None else sent.value
        if not isinstance(value, list) or len(value) > most:
            sent.wrong("array", most)
            return WRONG
        if not all(isinstance(item, str) and pattern.fullmatch(item) for item in value):
            sent.wrong(rule)
            return WRONG
        return list(dict.fromkeys(value))

    return read


def _text(longest: int, pattern: re.Pattern[str] | None = None, rule: str = "") -> Check:
    def read(sent: Sent) -> Any:
        value = "" if sent.value is None else sent.value
        if not isinstance(value, str) or len(value) > longest:
            sent.wrong("string", longest)
            return WRONG
        if value and pattern is not None and not pattern.fullmatch(value):
            sent.wrong(rule)
            return WRONG
        return value

    return read


def _choice(enum: str) -> Check:
    def read(sent: Sent) -> Any:
        try:
            return "None" if sent.value is None else read_enum(enum, sent.value)
        except ValueError:
            sent.wrong("enum")
            return WRONG

    return read


def _properties(sent: Sent) -> Any:
    value = _without_nulls(sent.value)
    is_map = value is not None and all(isinstance(item, dict) for item in value.values())
    if not is_map or len(msgspec.json.encode(value)) > MOST_BYTES:
        sent.wrong("object")
        return WRONG
    return value


def _without_nulls(value: Json) -> dict[str, Json] | None:
    """Give a dictionary without the keys that null removes; None when it is none."""
    if not isinstance(value, dict):
        return {} if value is None else None
    return {name: item for name, item in value.items() if item is not None}


def _associates(sent: Sent) -> Any:
    value = [] if sent.value is None else sent.value
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        sent.wrong("array", MOST_ITEMS)
        return WRONG
    ids = [_id_of(item) for item in value]
    if not all(one in sent.ctx.directory.associates for one in ids):
        sent.wrong("exists")
        return WRONG
    return ids


def _id_of(item: Json) -> int | None:
    found = {name.lower(): value for name, value in item.items()} if isinstance(item, dict) else {}
    return read_int32(found.get("id"))


def _plain(name: str, attribute: str, check: Check) -> Member[Webhook]:
    """Make a text of the webhook itself; "" is written as null."""

    def read(sent: Sent, hook: Webhook) -> Webhook:
        value = check(sent)
        return hook if value is WRONG else replace(hook, **{attribute: value})

    return Member(
        name=name, type="string", write=lambda hook, _ctx: getattr(hook, attribute) or None, read=read
    )


def _detail(name: str, type_name: str, check: Check, default: Json) -> Member[Webhook]:
    """Make a member that only this contract knows."""

    def read(sent: Sent, hook: Webhook) -> Webhook:
        value = check(sent)
        return hook if value is WRONG else replace(hook, details=hook.details | {name: value})

    return Member(
        name=name, type=type_name, write=lambda hook, _ctx: hook.details.get(name) or default, read=read
    )


def _read_events(sent: Sent, hook: Webhook) -> Webhook:
    value = _texts(_EVENT, MOST_EVENTS, "event")(sent)
    return hook if value is WRONG else replace(hook, events=tuple(value))


def _read_type(sent: Sent, hook: Webhook) -> Webhook:
    if sent.value is not None and str(sent.value).lower() != TYPE:
        sent.wrong("supported")
    return hook


def _read_secret(sent: Sent, hook: Webhook) -> Webhook:
    # Nobody is shown the secret, so null only says that the caller does not know it.
    value = _text(LONGEST)(sent)
    if sent.value is None or value is WRONG:
        return hook
    keys = (SigningKey(value.encode()),) if value else ()
    return replace(hook, secrets=Secrets(keys, hook.secrets.headers))


def _write_state(hook: Webhook, _ctx: Context) -> str:
    if hook.state is HookState.STOPPED:
        return "Stopped"
    return "TooManyErrors" if hook.usage.is_failing else "Active"


def _read_state(sent: Sent, hook: Webhook) -> Webhook:
    try:
        state = "Active" if sent.value is None else read_enum("WebhookState", sent.value)
    except ValueError:
        sent.wrong("enum", ("Active", "Stopped"))
        return hook
    if state == "Stopped":
        return replace(hook, state=HookState.STOPPED)
    if state == "Active":
        # Whoever sets it again has looked at the errors.
        usage = msgspec.structs.replace(hook.usage, errors_in_row=0)
        return replace(hook, state=HookState.ACTIVE, usage=usage)
    return hook


def _read_headers(sent: Sent, hook: Webhook) -> Webhook:
    value = _without_nulls(sent.value)
    if value is None or len(value) > MOST_ITEMS or not all(map(_is_header, value.items())):
        sent.wrong("header")
        return hook
    before = hook.secrets.headers
    headers = {name: before.get(name, "") if text == MASK else text for name, text in value.items()}
    return replace(hook, secrets=Secrets(hook.secrets.keys, headers))


def _is_header(item: tuple[str, Json]) -> bool:
    name, value = item
    is_name = _HEADER_NAME.fullmatch(name) is not None and OWN_HEADERS.fullmatch(name) is None
    is_text = isinstance(value, str) and len(value) <= LONGEST_VALUE
    return is_name and is_text and _HEADER_VALUE.fullmatch(value) is not None


def _item(associate_id: int, ctx: Context) -> Json:
    found = ctx.directory.associates.get(associate_id)
    return {
        "Id": associate_id,
        "Name": found.full_name if found else "",
        "ToolTip": found.tooltip if found else "",
        "Deleted": found is None or found.is_deleted,
        "Rank": found.rank if found else 0,
        "Type": "",
        "ChildItems": [],
        "IconHint": "",
        "ColorBlock": 0,
        "ExtraInfo": found.name if found else "",
        "StyleHint": "",
        "FullName": found.full_name if found else "",
        "TableRight": None,
        "FieldProperties": {},
    }


def _write_associates(hook: Webhook, ctx: Context) -> Json:
    return [_item(one, ctx) for one in hook.details.get("ErrorAssociates", ())]


def _associate_list() -> Member[Webhook]:
    plain = _detail("ErrorAssociates", "MDOListItem[]", _associates, [])
    return msgspec.structs.replace(plain, write=_write_associates)


def _usage(name: str, type_name: str, of: Callable[[Usage], Json]) -> Member[Webhook]:
    return kept(name, type_name, lambda hook, _ctx: of(hook.usage))


MEMBERS: Final[tuple[Member[Webhook], ...]] = (
    fixed("WebhookId", "int32", lambda hook, _ctx: hook.id),
    _plain("Name", "name", _text(LONGEST)),
    Member(name="Events", type="string[]", write=lambda hook, _ctx: list(hook.events), read=_read_events),
    _plain("TargetUrl", "target_url", _text(LONGEST_URL)),
    Member(name="Secret", type="string", write=lambda _hook, _ctx: None, read=_read_secret),
    Member(name="State", type="enum:WebhookState", write=_write_state, read=_read_state),
    Member(name="Type", type="string", write=lambda _hook, _ctx: TYPE, read=_read_type),
    Member(
        name="Headers",
        type="map<string,string>",
        write=lambda hook, _ctx: dict.fromkeys(hook.secrets.headers, MASK),
        read=_read_headers,
    ),
    _detail("Properties", "map<string,map<string,object>>", _properties, {}),
    fixed("Registered", "date-time", lambda hook, ctx: ctx.style.stamp(hook.created_at if hook.id else None)),
    carrier("RegisteredAssociate", "Associate", lambda hook, ctx: associate(hook.created_by, ctx)),
    kept("Updated", "date-time", lambda hook, ctx: ctx.style.stamp(hook.updated_at)),
    carrier("UpdatedAssociate", "Associate", lambda hook, ctx: associate(hook.updated_by, ctx)),
    _detail("ErrorsEmail", "string", _text(LONGEST, _EMAIL, "email"), None),
    _detail("ErrorEmails", "string[]", _texts(_EMAIL, MOST_ITEMS, "email"), []),
    _associate_list(),
    _detail("Description", "string", _text(LONGEST_TEXT), None),
    _detail("NotifyVia", "enum:WebhookNotifyVia", _choice("WebhookNotifyVia"), "None"),
    _detail("NotifyWhen", "enum:WebhookNotifyWhen", _choice("WebhookNotifyWhen"), "None"),
    _usage("TotalCalls", "int32", lambda usage: usage.calls),
    _usage("TotalErrors", "int32", lambda usage: usage.errors),
    _usage("ConsecutiveErrors", "int32", lambda usage: usage.errors_in_row),
    _usage("LastError", "string", lambda usage: usage.last_error or None),
)
WEBHOOK: Final = Entity(
    "Webhook",
    MEMBERS,
    lambda _before, _after, _directory: (),
    dictionaries=frozenset({"headers", "properties"}),
)


def written(hook: Webhook, ctx: Context) -> dict[str, Json]:
    """Write a webhook as the carrier."""
    return {member.name: member.write(hook, ctx) for member in MEMBERS}


def error_addresses(hook: Webhook) -> tuple[str, ...]:
    """List the mail addresses that want to hear when a webhook of this contract fails."""
    if hook.contract is not Contract.SUPEROFFICE:
        return ()
    single, several = hook.details.get("ErrorsEmail"), hook.details.get("ErrorEmails") or ()
    return (*((single,) if single else ()), *several)
