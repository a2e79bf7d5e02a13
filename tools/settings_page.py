"""Write docs/settings.md from the settings' own descriptions, and the limits that are no settings."""

from pathlib import Path
from typing import Any

import msgspec

from appointed.http.limits import DEFAULT_LIMITS
from appointed.patching import operations, pointer
from appointed.settings import PREFIX, describe
from appointed.store import postgres_pool

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"

HEAD = f"""# Settings

Every setting can stand in a TOML file (`--config`, or the variable `{PREFIX}CONFIG`) under its name, or
in a variable with `{PREFIX}` before its name in capitals; lists are separated by commas there. A variable
wins over the file, an option of the command over both. `appointed check` shows what is in force.

This page is made by `make docs`.

| Name | Variable | Type | Default | What it is |
|---|---|---|---|---|
"""

FIXED_HEAD = """
## Fixed limits

These are no settings: clients can rely on them, and another value would only hide what is wrong elsewhere.

| Limit | What it bounds |
|---|---|
"""

# Field of `http/limits.py` → what it bounds, its unit first.
HTTP = {
    "request_line_bytes": "bytes of request line",
    "header_bytes": "bytes of header fields",
    "header_count": "header fields",
    "body_grace_seconds": "s until a body must flow at its least rate",
    "body_bytes_per_second": "bytes/s, the least rate of a body",
    "json_depth": "levels of nesting in JSON",
    "json_nodes": "values in one JSON body",
    "json_object_keys": "members of one JSON object",
    "json_string_bytes": "bytes of one JSON text",
    "json_number_digits": "characters of one JSON number",
    "form_parts": "parts of a form",
    "form_part_header_bytes": "bytes of one part's header fields",
    "form_boundary_characters": "characters of a multipart boundary",
    "stream_comment_seconds": "s after which a silent event stream gets a comment",
    "stream_life_seconds": "s after which an event stream ends, a quarter less at random",
    "stream_send_seconds": "s that a page may take nothing of its event stream",
    "credential_bytes": "bytes of an Authorization header",
    "jwks_seconds": "s to fetch an outside issuer's keys",
    "jwks_refresh_seconds": "s between two fetches for a key that is not known",
    "jwks_fresh_seconds": "s until fetched keys are fetched anew",
    "jwks_stale_seconds": "s that fetched keys go on to count when they cannot be fetched",
    "token_leeway_seconds": "s by which the clocks of token issuers may differ",
    "password_threads": "passwords proved at once in each process",
    "password_queue": "passwords that may wait for it; more are 429",
    "password_cache_seconds": "s that a right password is not proved again",
    "wrong_links_per_minute": "wrong links of claimants a minute, per caller's address",
    "link_visits_per_minute": "requests a minute by one claimant's link",
}

# Bounds of a JSON Patch and of the database's pool, as (value, text).
OTHERS = (
    (operations.MOST_OPERATIONS, "operations of one JSON Patch"),
    (operations.MOST_WORK, "members that one JSON Patch copies and searches"),
    (pointer.MOST_BYTES, "bytes of a JSON Pointer"),
    (pointer.MOST_TOKENS, "parts of a JSON Pointer"),
    (postgres_pool.MOST_CONNECTIONS, "connections to PostgreSQL of each process"),
    (postgres_pool.CONNECT_SECONDS, "s to connect to PostgreSQL"),
    (postgres_pool.ACQUIRE_SECONDS, "s to wait for a free connection; then 503"),
    (postgres_pool.SETTINGS["statement_timeout"], "the longest statement on PostgreSQL"),
    (
        postgres_pool.SETTINGS["idle_in_transaction_session_timeout"],
        "the longest pause within a transaction on PostgreSQL",
    ),
)


def page() -> str:
    """Give the page's text."""
    return HEAD + "".join(_row(*setting) for setting in describe()) + FIXED_HEAD + "".join(_fixed())


def _row(name: str, kind: str, default: str, text: str) -> str:
    shown = f"`{default}`" if default else "(empty)"
    return f"| `{name}` | `{PREFIX}{name.upper()}` | {kind} | {shown} | {text} |\n"


def _fixed() -> list[str]:
    limits = msgspec.structs.asdict(DEFAULT_LIMITS)
    bounds = [(limits[name], text) for name, text in HTTP.items()] + list(OTHERS)
    return [f"| {_shown(value)} | {text} |\n" for value, text in bounds]


def _shown(value: Any) -> str:
    return f"{value:,g}" if isinstance(value, int | float) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page())
