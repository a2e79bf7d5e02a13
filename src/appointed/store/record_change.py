"""One caller's change of one small record, in one transaction: the same on both engines."""

from datetime import datetime

from msgspec.structs import replace

from appointed.domain.directory import Directory, Record, View
from appointed.domain.errors import (
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    Problem,
    RecordNotFound,
    Unauthenticated,
    invalid,
)
from appointed.domain.revision import advance
from appointed.sealing.sealer import Sealer
from appointed.store.batch import Tools
from appointed.store.directory_scripts import directory
from appointed.store.plan import ReplyKey, StoredReply
from appointed.store.record_scripts import (
    BesideChanges,
    Mark,
    hold_directory,
    next_id,
    raise_directory,
    write_record,
)
from appointed.store.replies import open_reply, seal_reply
from appointed.store.scripts import Script, account
from appointed.usecases.ports import (
    Account,
    Idempotency,
    Outcome,
    RecordChange,
    RecordDecision,
    RecordsChange,
    Reply,
)

NO_CLAIMANTS = b""


def change_record(
    change: RecordChange, known: Directory | None, tools: Tools, hold: str, *, is_between: bool
) -> Script[Outcome]:
    """Run one change of one record on its newest revision; raises what refuses it.

    `known` is a snapshot that is brought up to date, `hold` the engine's statement that adds a claim. Unless
    `is_between` (see Mark), what must not happen beside changes of appointments raises BesideChanges: last,
    so that nobody is kept waiting for what is refused or only tried.
    """
    revision = yield from hold_directory(change.tenant_id)
    if change.idempotency is not None and not change.dry_run:
        replayed = yield from _replayed(change, change.idempotency, tools.sealer)
        if replayed is not None:
            return Outcome(replayed=replayed)
    newest = yield from directory(change.tenant_id, known)
    if newest is None:
        raise Unauthenticated
    # Nothing belongs to a new number.
    mark = _mark(change, revision, tools, is_between=is_between or not change.record_id)
    outcome = yield from _changed(change, newest, mark, hold)
    if change.idempotency is not None and not change.dry_run:
        yield from _keep(change, change.idempotency, outcome, mark.at, tools.sealer)
    return outcome


def change_records(
    change: RecordsChange, known: Directory | None, tools: Tools, hold: str, *, is_between: bool
) -> Script[Directory]:
    """Run one change of the records of a kind; arguments and errors as for one record."""
    revision = yield from hold_directory(change.tenant_id)
    newest = yield from directory(change.tenant_id, known)
    if newest is None:
        raise Unauthenticated
    mark = _mark(change, revision, tools, is_between=is_between)
    change.permit(View(newest, mark.at))
    before = newest.records(change.kind)
    number = yield from next_id(change.tenant_id, change.kind)
    wanted = change.decide(before, number)
    changes: list[tuple[str, int, Record | None]] = []
    for key in sorted(before.keys() | wanted.keys()):
        stands, asked = before.get(key), wanted.get(key)
        if stands != asked:
            after = _marked(stands, asked, mark)
            yield from write_record(stands, after, mark, hold)
            changes.append((change.kind, key, after))
    if not changes:
        return newest
    yield from raise_directory(mark)
    return newest.followed(newest.tenant, mark.directory_revision, changes)


def _mark(change: RecordChange | RecordsChange, revision: int, tools: Tools, *, is_between: bool) -> Mark:
    by = change.principal.associate_id
    return Mark(change.tenant_id, revision + 1, tools.clock(), by, change.door, tools.ids, is_between)


def _marked(stands: Record | None, asked: Record | None, mark: Mark) -> Record | None:
    if asked is None:
        return None
    if stands is None:
        return replace(asked, revision=1, created_at=mark.at, created_by=mark.by)
    return advance(stands, asked, mark.at, mark.by)


def _changed(change: RecordChange, newest: Directory, mark: Mark, hold: str) -> Script[Outcome]:
    before = newest.records(change.kind).get(change.record_id)
    view = View(newest, mark.at)
    # Whoever may not ask learns nothing, not even what there is.
    change.permit(before, view)
    if before is None and change.record_id:
        raise RecordNotFound(change.kind, change.record_id)
    if before is not None:
        change.precondition.demand(before)
    if change.counted is not None:
        rows = yield (
            "SELECT count(*) FROM appointment WHERE tenant_id = $1 AND department_id = $2",
            (change.tenant_id, change.record_id),
        )
        change.counted(rows[0][0], view)
    decision = change.decide(before, view)
    yield from _demand_free(change, decision)
    is_same = decision.record == before and decision.account is None
    if change.dry_run:
        tried = decision.record if is_same else _advanced(before, decision, mark)
        return Outcome(record=tried, ignored=decision.ignored, directory=newest, pairs=())
    if is_same:
        return Outcome(record=before, ignored=decision.ignored, directory=newest)
    if change.counted is not None and not mark.is_between:
        # An appointment that is being written just then was overlooked.
        raise BesideChanges
    after = yield from _stamped(before, decision, change.kind, mark)
    yield from write_record(before, after, mark, hold)
    if decision.account is not None and after is not None:
        yield from _sign_in_with(replace(decision.account, associate_id=after.id))
    yield from raise_directory(mark)
    key = change.record_id if after is None else after.id
    following = newest.followed(newest.tenant, mark.directory_revision, [(change.kind, key, after)])
    return Outcome(record=after, ignored=decision.ignored, directory=following)


def _advanced(before: Record | None, decision: RecordDecision, mark: Mark) -> Record | None:
    """Give a record that stands its next revision; one that is new has none before it is kept."""
    wanted = decision.record
    return wanted if wanted is None or before is None else advance(before, wanted, mark.at, mark.by)


def _stamped(before: Record | None, decision: RecordDecision, kind: str, mark: Mark) -> Script[Record | None]:
    wanted = _advanced(before, decision, mark)
    if wanted is None or before is not None:
        return wanted
    number = yield from next_id(mark.tenant_id, kind)
    return replace(wanted, id=number, revision=1, created_at=mark.at, created_by=mark.by)


def _demand_free(change: RecordChange, decision: RecordDecision) -> Script[None]:
    if decision.account is None:
        return
    found = yield from account(decision.account.kind, decision.account.name)
    own = (change.tenant_id, change.record_id)
    if found is not None and (found.tenant_id, found.associate_id) != own:
        raise invalid([Problem("login", "unique")])


def _sign_in_with(new: Account) -> Script[None]:
    taken = yield (
        "INSERT INTO account (kind, name, tenant_id, associate_id, secret) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (kind, name) DO UPDATE SET secret = excluded.secret"
        " WHERE account.tenant_id = excluded.tenant_id AND account.associate_id = excluded.associate_id"
        " RETURNING name",
        (new.kind, new.name, new.tenant_id, new.associate_id, new.secret),
    )
    if not taken:
        # Another tenant's user got the name meanwhile.
        raise invalid([Problem("login", "unique")])
    yield (
        "DELETE FROM ticket WHERE tenant_id = $1 AND associate_id = $2",
        (new.tenant_id, new.associate_id),
    )


def _replayed(change: RecordChange, idempotency: Idempotency, sealer: Sealer) -> Script[Reply | None]:
    key = _key(change, idempotency)
    rows = yield (
        "SELECT fingerprint, answer FROM idempotency WHERE tenant_id = $1 AND principal = $2 AND key = $3",
        key,
    )
    for fingerprint, answer in rows:
        if fingerprint != idempotency.fingerprint:
            raise IdempotencyKeyReused
        return open_reply(key, StoredReply(fingerprint, answer, {}), sealer)
    return None


def _keep(
    change: RecordChange, idempotency: Idempotency, outcome: Outcome, at: datetime, sealer: Sealer
) -> Script[None]:
    key = _key(change, idempotency)
    sealed = seal_reply(key, idempotency.answer(outcome), {}, sealer)
    kept = yield (
        "INSERT INTO idempotency (tenant_id, principal, key, fingerprint, claimants, answer, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, principal, key) DO NOTHING"
        " RETURNING key",
        (*key, idempotency.fingerprint, NO_CLAIMANTS, sealed, at),
    )
    if not kept:
        # The same key came with a change of an appointment meanwhile.
        raise IdempotencyKeyInUse


def _key(change: RecordChange, idempotency: Idempotency) -> ReplyKey:
    return (change.tenant_id, change.principal.associate_id, idempotency.key)
