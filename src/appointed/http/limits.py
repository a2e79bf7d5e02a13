"""Every limit and timeout of this server's HTTP side, in one place.

Those of patches stand in `patching`, which may not know HTTP; those of the database with its engine.
"""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes in bytes, times in seconds, the rest are counts; the defaults are the product's."""

    # The request line and head
    request_line_bytes: int = 8_192
    header_bytes: int = 32_768
    header_count: int = 100
    header_seconds: float = 10.0
    keep_alive_seconds: float = 30.0

    # The body as it arrives: at least `body_bytes_per_second` after a first `body_grace_seconds`
    body_bytes: int = 1_048_576
    form_bytes: int = 2_097_152
    body_seconds: float = 15.0
    body_grace_seconds: float = 5.0
    body_bytes_per_second: int = 1_000

    # JSON inside it
    json_depth: int = 32
    json_nodes: int = 10_000
    json_object_keys: int = 256
    json_string_bytes: int = 65_536
    json_number_digits: int = 400

    # Forms
    form_parts: int = 200
    form_part_header_bytes: int = 8_192
    form_boundary_characters: int = 70

    # Requests at once
    in_flight: int = 1_000
    in_flight_per_tenant: int = 500

    # Event streams, which count apart: how many at once; a comment keeps each open, and after a while its
    # page comes again and is asked anew who it is
    event_streams: int = 5_000
    stream_comment_seconds: float = 15.0
    stream_life_seconds: float = 900.0
    stream_send_seconds: float = 30.0

    # Answering
    handler_seconds: float = 10.0
    drain_seconds: float = 25.0

    # Credentials
    credential_bytes: int = 8_192
    jwks_seconds: float = 3.0
    jwks_refresh_seconds: float = 60.0
    jwks_fresh_seconds: float = 3_600.0
    jwks_stale_seconds: float = 86_400.0
    token_leeway_seconds: float = 60.0
    password_threads: int = 2
    password_queue: int = 8
    password_cache_seconds: float = 60.0
    failed_logins_per_minute: int = 10

    # Links of claimants
    wrong_links_per_minute: int = 30
    link_visits_per_minute: int = 240


DEFAULT_LIMITS = Limits()


def described(limits: Limits = DEFAULT_LIMITS) -> str:
    """Say in words, for the OpenAPI documents, what bodies may hold."""
    return (
        f"Bodies: at most {limits.body_bytes:,} bytes ({limits.form_bytes:,} as a form of at most "
        f"{limits.form_parts} parts), unless the server is set otherwise; JSON of at most "
        f"{limits.json_nodes:,} values, {limits.json_depth} deep, with {limits.json_object_keys} "
        f"members in an object and {limits.json_string_bytes:,} bytes in a text. "
        "What is larger is refused with 400 or 413."
    )
