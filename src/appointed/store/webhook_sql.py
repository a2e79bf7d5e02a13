"""What differs between the engines in how webhooks are kept, and the statements of the outbox."""

import msgspec

_FIRST = (
    "SELECT tenant_id, appointment_id, revision FROM outbox WHERE tenant_id = $1"
    " ORDER BY appointment_id, revision LIMIT $2"
)
_FIRST_WHOLE = "SELECT * FROM outbox WHERE tenant_id = $1 ORDER BY appointment_id, revision LIMIT $2"
_WANTED = f"WITH w AS MATERIALIZED ({_FIRST})"
_JOINED = (
    "DELETE FROM outbox t USING w WHERE t.tenant_id = w.tenant_id"
    " AND t.appointment_id = w.appointment_id AND t.revision = w.revision"
)
_LISTED = f"DELETE FROM outbox WHERE (tenant_id, appointment_id, revision) IN ({_FIRST})"
_UNHEARD = " AND NOT EXISTS (SELECT 1 FROM webhook s WHERE s.tenant_id = $1 AND s.state = 'active')"


def _recorded(is_old: str, now: str) -> str:
    place = "row_number() OVER (PARTITION BY s.id, t.appointment_id ORDER BY t.revision)"
    # Only the first that waits for a webhook about an appointment is due.
    waiting = (
        "SELECT 1 FROM delivery d WHERE d.tenant_id = t.tenant_id AND d.webhook_id = s.id"
        " AND d.appointment_id = t.appointment_id AND d.state = 'waiting'"
    )
    return (
        "INSERT INTO delivery (tenant_id, webhook_id, appointment_id, revision, event_id, topic, at, due_at)"
        " SELECT t.tenant_id, s.id, t.appointment_id, t.revision, t.event_id, t.topic, t.due_at,"
        f" CASE WHEN {place} = 1 AND NOT EXISTS ({waiting}) THEN {now} END"
        " FROM taken t JOIN event e ON e.tenant_id = t.tenant_id AND e.appointment_id = t.appointment_id"
        " AND e.revision = t.revision AND e.id = t.event_id"
        " JOIN webhook s ON s.tenant_id = t.tenant_id AND s.state = 'active'"
        f" AND s.kinds LIKE '% ' || t.topic || ' %' AND NOT {is_old}"
        " ORDER BY t.appointment_id, t.revision, s.id"
    )


class WebhookSql(msgspec.Struct, frozen=True):
    """One engine's way. `now_position` marks what is committed now; `skip` passes over rows in others' hands.

    `lock` makes transactions that move a tenant's deliveries wait for each other ($1: the tenant). `spread`
    are statements that turn outbox rows into deliveries ($1 tenant, $2 how many, $3 now), each with how
    many of these values it takes; `drop` ($1, $2) removes them while nobody listens. The last statement of
    each gives a row per outbox row.
    """

    now_position: str
    skip: str
    lock: str
    spread: tuple[tuple[str, int], ...]
    drop: str


# One statement sees one moment: no event is taken that was not also weighed against every webhook.
POSTGRES = WebhookSql(
    now_position="pg_current_snapshot()",
    skip=" FOR UPDATE SKIP LOCKED",
    lock="SELECT pg_advisory_xact_lock(hashtextextended('webhook', $1))",
    spread=(
        (
            f"{_WANTED}, taken AS MATERIALIZED ({_JOINED} RETURNING t.*), recorded AS ("
            + _recorded("pg_visible_in_snapshot(e.position, s.since)", "$3::timestamptz")
            + ") SELECT 1 FROM taken",
            3,
        ),
    ),
    drop=f"{_WANTED} {_JOINED}{_UNHEARD} RETURNING 1",
)
# There is one writer: nothing comes between its statements.
SQLITE = WebhookSql(
    now_position="(SELECT coalesce(max(position), 0) FROM event)",
    skip="",
    lock="",
    spread=(
        (f"WITH taken AS MATERIALIZED ({_FIRST_WHOLE}) {_recorded('e.position <= s.since', '$3')}", 3),
        (f"{_LISTED} RETURNING 1", 2),
    ),
    drop=f"{_LISTED}{_UNHEARD} RETURNING 1",
)
