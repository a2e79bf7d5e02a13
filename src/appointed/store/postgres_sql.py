"""The statements of a batch on PostgreSQL; each takes arrays, one element per row, tenant first."""

from appointed.store.conflict_sql import Spelling, exists
from appointed.store.schema import COLUMNS, INDEXED

TYPES = {
    "tenant_id": "bigint",
    "id": "bigint",
    "was": "bigint",
    "uid": "uuid",
    "claimant_id": "uuid",
    "reference": "text",
    "kind": "text",
    "status": "text",
    "privacy": "text",
    "owner_id": "bigint",
    "department_id": "bigint",
    "created_by": "bigint",
    "mother_id": "bigint",
    "series_id": "bigint",
    "starts_at": "timestamptz",
    "ends_at": "timestamptz",
    "busy_from": "timestamptz",
    "busy_until": "timestamptz",
    "busy_owner_id": "bigint",
    "is_long": "boolean",
    "created_at": "timestamptz",
    "contact_id": "bigint",
    "person_id": "bigint",
    "project_id": "bigint",
    "sale_id": "bigint",
    "revision": "bigint",
    "updated_at": "timestamptz",
    "body": "jsonb",
}
DAY = "interval '24 hours'"
_EACH = "jsonb_array_elements(CAST(CAST($2 AS text) AS jsonb))"
SPELLING = Spelling(each=_EACH, gather="json_agg", instant="timestamptz", day=DAY)


def _unnest(alias: str, columns: dict[str, str], first: int = 1) -> str:
    places = ", ".join(f"${first + place}::{kind}[]" for place, kind in enumerate(columns.values()))
    return f"unnest({places}) AS {alias} ({', '.join(columns)})"


def _typed(*names: str) -> dict[str, str]:
    return {name: TYPES[name] for name in names}


# While a table is small and without statistics, every index that begins with the tenant looks as good as the
# right one, and a plan made then may read the whole tenant once it has grown. So what goes by a name is asked
# for as the first in the order of its own index, which no other can give.
BY_UID = "(SELECT * FROM appointment WHERE tenant_id = $1 AND uid >= $2 ORDER BY uid LIMIT 1)"
_UID = """JOIN LATERAL (
    SELECT tenant_id, uid, id FROM appointment WHERE tenant_id = w.tenant_id AND uid >= w.uid
    ORDER BY uid LIMIT 1
) a ON a.uid = w.uid"""
_FREE = "(CASE WHEN status = 'cancelled' THEN id ELSE 0 END)"
_REFERENCE = f"""JOIN LATERAL (
    SELECT tenant_id, reference, {_FREE} AS cancelled_id, id FROM appointment
    WHERE tenant_id = w.tenant_id AND (reference, {_FREE}) >= (w.reference, 0)
    ORDER BY reference, {_FREE} LIMIT 1
) a ON a.reference = w.reference AND a.cancelled_id = 0"""

# Rows are locked in the order of (tenant, id) by every transaction, so that none waits in a circle. Keys and
# directories are read beside the locks, as they were when the statement began.
_WANTED = f"""wanted AS (
    SELECT w.tenant_id, w.id FROM {_unnest("w", _typed("tenant_id", "id"))}
    UNION
    SELECT a.tenant_id, a.id FROM {_unnest("w", _typed("tenant_id", "uid"), 3)} {_UID}
    UNION
    SELECT a.tenant_id, a.id FROM {_unnest("w", _typed("tenant_id", "mother_id"), 5)}
    JOIN appointment a ON a.tenant_id = w.tenant_id AND a.mother_id = w.mother_id AND a.mother_id <> 0
    UNION
    SELECT a.tenant_id, a.id FROM {_unnest("w", _typed("tenant_id", "series_id"), 5)}
    JOIN appointment a ON a.tenant_id = w.tenant_id AND a.series_id = w.series_id AND a.series_id <> 0
)"""
LOCK = f"""
WITH {_WANTED}, locked AS MATERIALIZED (
    SELECT a.tenant_id, a.id, a.body, a.claimant_id
    FROM wanted w JOIN appointment a ON a.tenant_id = w.tenant_id AND a.id = w.id
    ORDER BY a.tenant_id, a.id FOR UPDATE OF a
)
SELECT l.tenant_id, l.id, l.body, k.wrapped, NULL::bigint
FROM locked l LEFT JOIN claimant_key k ON k.tenant_id = l.tenant_id AND k.claimant_id = l.claimant_id
UNION ALL
SELECT t.id, NULL, NULL, NULL, t.directory_revision
FROM unnest($7::bigint[]) AS w (id) JOIN tenant t ON t.id = w.id
"""
# Of the same rows, those that another transaction holds.
HELD_BY_OTHERS = f"""
WITH {_WANTED}, free AS MATERIALIZED (
    SELECT a.tenant_id, a.id FROM wanted w JOIN appointment a ON a.tenant_id = w.tenant_id AND a.id = w.id
    FOR UPDATE OF a SKIP LOCKED
)
SELECT a.tenant_id, a.id, a.uid, a.mother_id, a.series_id
FROM wanted w JOIN appointment a ON a.tenant_id = w.tenant_id AND a.id = w.id
WHERE NOT EXISTS (SELECT 1 FROM free f WHERE f.tenant_id = a.tenant_id AND f.id = a.id)
"""
MEMBERS = f"""
SELECT a.tenant_id, a.mother_id, a.id FROM {_unnest("w", _typed("tenant_id", "mother_id"))}
JOIN appointment a ON a.tenant_id = w.tenant_id AND a.mother_id = w.mother_id AND a.mother_id <> 0
UNION ALL
SELECT a.tenant_id, a.series_id, a.id FROM {_unnest("w", _typed("tenant_id", "series_id"))}
JOIN appointment a ON a.tenant_id = w.tenant_id AND a.series_id = w.series_id AND a.series_id <> 0
"""

_REPLY_KEY = {"tenant_id": "bigint", "principal": "bigint", "key": "text"}
TRY_KEYS = """
SELECT pg_try_advisory_xact_lock(w.number)
FROM unnest($1::bigint[]) WITH ORDINALITY AS w (number, place) ORDER BY w.place
"""
STORED_REPLIES = f"""
SELECT i.tenant_id, i.principal, i.key, i.fingerprint, i.claimants, i.answer
FROM {_unnest("w", _REPLY_KEY)} JOIN idempotency i USING (tenant_id, principal, key)
"""
KEEP_REPLIES = """
INSERT INTO idempotency (tenant_id, principal, key, fingerprint, claimants, answer, created_at)
SELECT * FROM unnest(
    $1::bigint[], $2::bigint[], $3::text[], $4::bytea[], $5::bytea[], $6::bytea[], $7::timestamptz[]
)
"""

COUNTERS = """
SELECT id, next_appointment_id FROM tenant WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE
"""
COUNT_ON = """
UPDATE tenant t SET next_appointment_id = w.next_id
FROM unnest($1::bigint[], $2::bigint[]) AS w (id, next_id) WHERE t.id = w.id
"""
CLAIMANT_KEYS = f"""
SELECT k.tenant_id, k.claimant_id, k.wrapped
FROM {_unnest("w", _typed("tenant_id", "claimant_id"))} JOIN claimant_key k USING (tenant_id, claimant_id)
"""
# Whoever seals under a key holds it, so that it cannot be destroyed before the value stands.
CLAIMANT_KEYS_HELD = f"{CLAIMANT_KEYS} ORDER BY k.tenant_id, k.claimant_id FOR KEY SHARE OF k"
NEW_KEYS = """
INSERT INTO claimant_key (tenant_id, claimant_id, wrapped)
SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bytea[])
"""
NAMES = {
    "uid": f"""
SELECT a.tenant_id, a.uid, a.id FROM {_unnest("w", _typed("tenant_id", "uid"))} {_UID}
""",
    "reference": f"""
SELECT a.tenant_id, a.reference, a.id
FROM {_unnest("w", _typed("tenant_id", "reference"))} {_REFERENCE}
""",
}
DROP_WORDS = f"""
DELETE FROM claimant_word c USING {_unnest("w", _typed("tenant_id", "id"))}
WHERE c.tenant_id = w.tenant_id AND c.appointment_id = w.id
"""
NEW_WORDS = """
INSERT INTO claimant_word (tenant_id, word, appointment_id)
SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[])
"""

DROP_VIEWERS = f"""
DELETE FROM viewer v USING {_unnest("w", _typed("tenant_id", "id"))}
WHERE v.tenant_id = w.tenant_id AND v.appointment_id = w.id
"""
NEW_VIEWERS = """
INSERT INTO viewer (tenant_id, viewer, appointment_id)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
"""

LOCK_RESOURCES = f"""
SELECT 1 FROM {_unnest("w", _typed("tenant_id", "id"))}
JOIN record r ON r.tenant_id = w.tenant_id AND r.kind = 'associate' AND r.id = w.id
ORDER BY r.tenant_id, r.id FOR NO KEY UPDATE OF r
"""
_SLOT = {
    "tenant_id": "bigint",
    "resource_id": "bigint",
    "starts_at": "timestamptz",
    "ends_at": "timestamptz",
}
HELD = f"""
SELECT c.tenant_id, c.resource_id, c.appointment_id, lower(c.period), upper(c.period)
FROM {_unnest("w", _SLOT)} JOIN claim c ON c.tenant_id = w.tenant_id AND c.resource_id = w.resource_id
AND c.period && tstzrange(w.starts_at, w.ends_at)
"""
RELEASE = f"""
DELETE FROM claim c USING {_unnest("w", _typed("tenant_id", "id"))}
WHERE c.tenant_id = w.tenant_id AND c.appointment_id = w.id
"""
HOLD_ONE = """
INSERT INTO claim (tenant_id, resource_id, appointment_id, period) VALUES ($1, $2, $3, tstzrange($4, $5))
"""
HOLD = """
INSERT INTO claim (tenant_id, resource_id, appointment_id, period)
SELECT w.tenant_id, w.resource_id, w.appointment_id, tstzrange(w.starts_at, w.ends_at)
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::timestamptz[])
    AS w (tenant_id, resource_id, appointment_id, starts_at, ends_at)
"""

_GUARD = _typed("tenant_id", "id", "was")
_GUARDED = "a.tenant_id = n.tenant_id AND a.id = n.id AND a.revision = n.was"
_PLAIN = _typed("revision", "updated_at", "body")


def _set(names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} = n.{name}" for name in names)


DELETE = f"""
WITH done AS (
    DELETE FROM appointment a USING {_unnest("n", _GUARD)} WHERE {_GUARDED} RETURNING 1
) SELECT count(*) FROM done
"""
UPDATE = f"""
WITH done AS (
    UPDATE appointment a SET {_set((*INDEXED, *_PLAIN))}
    FROM {_unnest("n", {**_GUARD, **_typed(*INDEXED), **_PLAIN})} WHERE {_GUARDED} RETURNING 1
) SELECT count(*) FROM done
"""
INSERT = f"""
INSERT INTO appointment ({", ".join(COLUMNS)})
SELECT * FROM {_unnest("n", _typed(*COLUMNS))}
"""
_EVENT = {
    "tenant_id": "bigint",
    "id": "uuid",
    "appointment_id": "bigint",
    "revision": "bigint",
    "kind": "text",
    "at": "timestamptz",
    "by": "bigint",
    "door": "text",
    "patch": "jsonb",
    "inverse": "jsonb",
}
# What nearly every batch writes, in one statement: rows whose indexed columns stay, events, outbox.
CHANGE = f"""
WITH done AS (
    UPDATE appointment a SET {_set(tuple(_PLAIN))}
    FROM {_unnest("n", {**_GUARD, **_PLAIN})} WHERE {_GUARDED} RETURNING 1
), said AS (
    SELECT * FROM {_unnest("e", _EVENT, 7)}
), logged AS (
    INSERT INTO event ({", ".join(_EVENT)}) SELECT * FROM said
), announced AS (
    INSERT INTO outbox (tenant_id, event_id, appointment_id, revision, topic, due_at)
    SELECT tenant_id, id, appointment_id, revision, kind, at FROM said
) SELECT count(*) FROM done
"""

_PROBE = {
    "tenant_id": "bigint",
    "id": "bigint",
    "owner_id": "bigint",
    "family": "bigint",
    "series_id": "bigint",
    "starts_at": "timestamptz",
    "ends_at": "timestamptz",
}
_OVERLAPS = exists(
    "AND a.id <> ALL($8::bigint[])",
    tenant="p.tenant_id",
    owner="p.owner_id",
    starts="p.starts_at",
    ends="p.ends_at",
    family="p.family",
    series="p.series_id",
    day=DAY,
)
CONFLICTS = f"SELECT p.tenant_id, p.id FROM {_unnest('p', _PROBE)} WHERE {_OVERLAPS}"
