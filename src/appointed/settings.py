"""All settings: one frozen typed object, read from `APPOINTED_*` variables or a TOML file."""

import re
import tomllib
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

PREFIX = "APPOINTED_"
# A time without an end (`inf`) is none: neither timers nor those who wait know what to do with it.
LONGEST_SECONDS = 86_400
# As browsers write it, but for capitals and a slash at the end, which are forgiven.
ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(:[0-9]{1,5})?/?")
USUAL_PORTS = re.compile(r"http://.*:80/?|https://.*:443/?", re.IGNORECASE)


class SettingsError(Exception):
    """A setting is unknown or has a value that cannot be; the message names it and says what is allowed."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its default; the Meta says what it is and its unit. Lists are comma-separated."""

    data: Annotated[str, Meta(description="Folder of the SQLite file, the keys and the lock (path).")] = (
        "data"
    )
    database: Annotated[
        str,
        Meta(
            description="Database URL: `sqlite:` (a file in `data`) or `postgresql://…`.",
            pattern="^(sqlite:|postgres(ql)?://)",
        ),
    ] = "sqlite:"
    keys: Annotated[str, Meta(description="Folder of the server's keys (path); empty: `keys` in `data`.")] = (
        ""
    )
    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(description="Port to listen on.", ge=0, le=65_535)] = 8000
    workers: Annotated[int, Meta(description="Server processes (PostgreSQL only).", ge=1, le=64)] = 1
    demo: Annotated[bool, Meta(description="Fill an empty store with the demo tenant; loopback only.")] = (
        False
    )
    public_url: Annotated[
        str,
        Meta(
            description="Base URL that clients see, for links; empty: taken from each request.",
            pattern=r"^$|^https?://[^\s/?#]+[^\s?#]*$",
        ),
    ] = ""
    trusted_proxies: Annotated[
        tuple[str, ...], Meta(description="Networks whose `X-Forwarded-*` headers count (CIDR list).")
    ] = ()
    cors_origins: Annotated[
        tuple[str, ...], Meta(description="Origins that browsers may call from (list; `*` for any).")
    ] = ()
    token_lifetime_seconds: Annotated[
        int, Meta(description="Life of an OAuth access token (seconds).", ge=300, le=86_400)
    ] = 3600
    token_issuer: Annotated[
        str, Meta(description="URL of an outside token issuer whose tokens count; empty: none.")
    ] = ""
    token_jwks: Annotated[
        str,
        Meta(
            description="URL or file of the outside issuer's keys; empty: `<issuer>/.well-known/jwks.json`."
        ),
    ] = ""
    token_clients: Annotated[
        tuple[str, ...], Meta(description="Client ids of the outside issuer that count (list).")
    ] = ()
    sqod_created_status: Annotated[
        int, Meta(description="HTTP status of SQOD's create (200 or 201).", ge=200, le=201)
    ] = 201
    log_level: Annotated[
        str, Meta(description="debug, info, warning or error.", pattern="^(?i:debug|info|warning|error)$")
    ] = "info"
    max_body_bytes: Annotated[int, Meta(description="Largest JSON body (bytes).", ge=1024)] = 1_048_576
    max_form_bytes: Annotated[int, Meta(description="Largest form body (bytes).", ge=1024)] = 2_097_152
    max_in_flight: Annotated[int, Meta(description="Requests at once per process.", ge=1)] = 1000
    max_in_flight_per_tenant: Annotated[
        int, Meta(description="Requests at once per tenant and process.", ge=1)
    ] = 500
    max_event_streams: Annotated[
        int, Meta(description="Event streams open at once per process; they count as no requests.", ge=1)
    ] = 5000
    failed_logins_per_minute: Annotated[
        int,
        Meta(description="Wrong passwords a minute, per account name and per caller's address.", ge=1),
    ] = 10
    requests_per_minute: Annotated[
        int, Meta(description="Requests a minute per caller and process; 0: not counted.", ge=0)
    ] = 0
    header_seconds: Annotated[
        float, Meta(description="Time for the whole request head (seconds).", gt=0, le=LONGEST_SECONDS)
    ] = 10.0
    body_seconds: Annotated[
        float, Meta(description="Time for the whole request body (seconds).", gt=0, le=LONGEST_SECONDS)
    ] = 15.0
    handler_seconds: Annotated[
        float, Meta(description="Time to answer a request (seconds).", gt=0, le=LONGEST_SECONDS)
    ] = 10.0
    keep_alive_seconds: Annotated[
        float, Meta(description="Life of an idle connection (seconds).", gt=0, le=LONGEST_SECONDS)
    ] = 30.0
    drain_seconds: Annotated[
        float, Meta(description="Time to finish requests when stopping (seconds).", ge=0, le=LONGEST_SECONDS)
    ] = 25.0
    drain_notice_seconds: Annotated[
        float,
        Meta(
            description="Time between not-ready and closing the door on SIGTERM (seconds).",
            ge=0,
            le=LONGEST_SECONDS,
        ),
    ] = 5.0
    ready_disk_percent: Annotated[
        float,
        Meta(
            description="Free part of the SQLite file's disk below which the server is not ready (percent).",
            ge=0,
            le=100,
        ),
    ] = 5.0
    webhook_delivery: Annotated[
        bool,
        Meta(
            description="Deliver webhooks and letters from the server's processes; if not, run "
            "`appointed deliver` (PostgreSQL)."
        ),
    ] = True
    webhook_networks: Annotated[
        tuple[str, ...],
        Meta(description="Networks beside the public ones that webhooks may call (CIDR list)."),
    ] = ()
    webhook_ports: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=65_535)], ...],
        Meta(description="Ports that webhooks may call (list); none: every port."),
    ] = (443,)
    webhook_plain_http: Annotated[bool, Meta(description="Let webhooks call `http:` addresses too.")] = False
    webhook_ca: Annotated[
        str, Meta(description="File of certificates that webhooks trust beside the public ones (PEM path).")
    ] = ""
    webhook_seconds: Annotated[
        float, Meta(description="Time for a whole call of a webhook (seconds).", gt=0, le=60)
    ] = 10.0
    webhook_poll_seconds: Annotated[
        float,
        Meta(
            description="Time between looks for webhook events of other processes (seconds).",
            gt=0,
            le=LONGEST_SECONDS,
        ),
    ] = 2.0
    background_work: Annotated[
        bool,
        Meta(
            description="Do what is due by the clock (late, no-show, reminders, retention) in the server's "
            "processes; if not, run `appointed deliver` (PostgreSQL)."
        ),
    ] = True
    background_poll_seconds: Annotated[
        float,
        Meta(
            description="Time between looks for what is due by the clock (seconds).", gt=0, le=LONGEST_SECONDS
        ),
    ] = 5.0
    live_poll_seconds: Annotated[
        float,
        Meta(
            description="Time between looks for what open pages are to hear of others (seconds).",
            gt=0.05,
            le=LONGEST_SECONDS,
        ),
    ] = 0.2
    mail_host: Annotated[str, Meta(description="Mail server (SMTP) that letters leave by; empty: none.")] = ""
    mail_port: Annotated[int, Meta(description="Port of the mail server.", ge=1, le=65_535)] = 587
    mail_tls: Annotated[
        str,
        Meta(
            description="How mail is encrypted: `starttls`, `tls` from the first byte on, or `none`.",
            pattern="^(starttls|tls|none)$",
        ),
    ] = "starttls"
    mail_ca: Annotated[
        str,
        Meta(description="File of certificates that the mail server may have beside public ones (PEM path)."),
    ] = ""
    mail_user: Annotated[str, Meta(description="User at the mail server; empty: no login.")] = ""
    mail_password_file: Annotated[
        str, Meta(description="File of the password at the mail server (path).")
    ] = ""
    mail_from: Annotated[
        str,
        Meta(
            description="Address that letters are from and answers to invitations go to; with a name as "
            "`Appointments <appointments@example.org>`."
        ),
    ] = ""
    mail_seconds: Annotated[float, Meta(description="Time for sending one mail (seconds).", gt=0, le=300)] = (
        30.0
    )
    mail_texts: Annotated[
        str, Meta(description="Folder of texts and templates of your own for letters (path); empty: none.")
    ] = ""
    sms_url: Annotated[
        str,
        Meta(
            description="Address of the gateway that sends short messages; empty: none.",
            pattern=r"^$|^https?://[^\s#]+$",
        ),
    ] = ""
    sms_secret_file: Annotated[
        str,
        Meta(
            description="File of the secret that calls of the gateway are signed by (path, 32 bytes or more)."
        ),
    ] = ""
    sms_from: Annotated[str, Meta(description="Sender that the gateway is asked to name.")] = ""
    sms_seconds: Annotated[
        float, Meta(description="Time for a whole call of the gateway (seconds).", gt=0, le=60)
    ] = 10.0
    meetings_provider: Annotated[
        str,
        Meta(
            description="Who holds video meetings: `none`, `jitsi`, or `url` for any other server.",
            pattern="^(none|jitsi|url)$",
        ),
    ] = "none"
    meetings_url: Annotated[
        str,
        Meta(
            description="Base URL of Jitsi; for `url` the address of a meeting, with `{room}` for its name.",
            pattern=r"^$|^https?://[^\s#]+$",
        ),
    ] = ""
    meetings_app_id: Annotated[
        str, Meta(description="Application id that Jitsi expects as its tokens' issuer.", min_length=1)
    ] = "appointed"
    meetings_app_secret_file: Annotated[
        str, Meta(description="File of the secret that Jitsi checks tokens by (path, 32 bytes or more).")
    ] = ""
    meetings_door_secret_file: Annotated[
        str,
        Meta(
            description="File of the secret that the meeting server calls us with (path, 32 bytes or more); "
            "empty: it may not."
        ),
    ] = ""
    meetings_token_seconds: Annotated[
        int, Meta(description="Life of a token for a meeting (seconds).", ge=30, le=86_400)
    ] = 300
    meetings_minutes_before: Annotated[
        int, Meta(description="Minutes before its start that a meeting's links open.", ge=0, le=1_440)
    ] = 30
    meetings_minutes_after: Annotated[
        int, Meta(description="Minutes after its end that a meeting closes.", ge=0, le=1_440)
    ] = 60

    @property
    def keys_folder(self) -> Path:
        """Where the server's keys lie."""
        return Path(self.keys) if self.keys else Path(self.data) / "keys"

    @property
    def is_postgres(self) -> bool:
        """Whether the database is PostgreSQL."""
        return self.database.startswith(("postgresql:", "postgres:"))

    @property
    def sqlite_path(self) -> Path:
        """The SQLite file: the URL's path, else `appointed.db` in the data folder."""
        path = self.database.removeprefix("sqlite:").removeprefix("//")
        return Path(path) if path else Path(self.data) / "appointed.db"


def load(environment: Mapping[str, str], file: Path | None = None, **given: Any) -> Settings:
    """Read settings: defaults, TOML file, `APPOINTED_*` variables, then `given` (None: not given).

    The file is `file` or the variable `APPOINTED_CONFIG`. Raises SettingsError.
    """
    path = file or (Path(environment[PREFIX + "CONFIG"]) if environment.get(PREFIX + "CONFIG") else None)
    values: dict[str, Any] = _from_file(path) if path else {}
    values |= _from_environment(environment)
    values |= {name: value for name, value in given.items() if value is not None}
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_worded(str(error), environment, path, given)) from error
    for name, demand in DEMANDS.items():
        try:
            for each in getattr(settings, name):
                demand(each)
        except ValueError as error:
            raise SettingsError(f"{_where(name, environment, path, given)}: {error}") from error
    return settings


def _worded(text: str, environment: Mapping[str, str], file: Path | None, given: Mapping[str, Any]) -> str:
    """Say where a value that cannot be was given, but not the value: it may be a secret."""
    problem, _at, place = text.partition(" - at `$.")
    name = place.partition("[")[0].rstrip("`")
    return f"{_where(name, environment, file, given)}: {problem.replace('`', '')}"


def _where(name: str, environment: Mapping[str, str], file: Path | None, given: Mapping[str, Any]) -> str:
    if given.get(name) is not None:
        return f"--{name.replace('_', '-')}"
    variable = PREFIX + name.upper()
    return variable if variable in environment else f"{file}: {name}"


def _demand_network(text: str) -> None:
    ip_network(text, strict=False)


def _demand_origin(text: str) -> None:
    if text == "*":
        return
    if ORIGIN.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no origin; one reads like https://crm.example.org")
    if USUAL_PORTS.fullmatch(text):
        raise ValueError(f"{text!r} names the usual port, which browsers leave out")


# What is asked of each value of a list, beyond its type.
DEMANDS: dict[str, Callable[[str], None]] = {
    "trusted_proxies": _demand_network,
    "webhook_networks": _demand_network,
    "cors_origins": _demand_origin,
}


def _from_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text())
    # Not only what is no TOML is a ValueError: so is what is no text.
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from error
    _demand_known(values, str(path))
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    named = {key[len(PREFIX) :].lower(): text for key, text in environment.items() if key.startswith(PREFIX)}
    named.pop("config", None)
    _demand_known(named, "environment")
    lists = {name for name, hint in get_type_hints(Settings).items() if get_origin(hint) is tuple}
    return {name: _split(text) if name in lists else text for name, text in named.items()}


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _demand_known(values: Mapping[str, Any], source: str) -> None:
    unknown = sorted(set(values) - set(Settings.__struct_fields__))
    if unknown:
        raise SettingsError(f"{source}: unknown setting {', '.join(unknown)}")


def describe() -> list[tuple[str, str, str, str]]:
    """List every setting as (name, type, default, description), for the documentation."""
    hints = get_type_hints(Settings, include_extras=True)
    defaults = msgspec.structs.asdict(Settings())
    rows = []
    for name, hint in hints.items():
        kind, meta = get_args(hint)[0], get_args(hint)[1]
        text = "list" if get_origin(kind) is tuple else kind.__name__
        default = defaults[name]
        shown = ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
        rows.append((name, text, shown, meta.description))
    return rows
