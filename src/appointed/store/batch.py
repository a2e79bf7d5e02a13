"""A batch of changes in one transaction: who is locked, what is decided, what is written; pure.

`run` is a generator of requests (see `plan`), so that both engines run the very same code.
"""

from collections.abc import Generator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.diary import occupies
from appointed.domain.directory import View
from appointed.domain.errors import (
    AnswerErased,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    Unauthenticated,
)
from appointed.domain.letter import Channel
from appointed.domain.notices import ClaimantNotice, claimant_notices
from appointed.domain.rights import NOBODY, viewers
from appointed.sealing.sealer import Sealer
from appointed.store.conflicts import overlaps, probe_of
from appointed.store.document import Row, search_words
from appointed.store.mailings import Said, mailing_of, sends, written
from appointed.store.member import Decided, Draft, TooLarge, decide, demand_small, settle
from appointed.store.overlay import Overlay, Unmet
from appointed.store.plan import (
    Facts,
    FindConflicts,
    Flow,
    KeepReplies,
    KeptReply,
    Key,
    KeyStates,
    Locked,
    LockRows,
    Postponed,
    Probe,
    Replaced,
    ReplyKey,
    Result,
    StoredReply,
    TakeKeys,
    Writes,
)
from appointed.store.recording import event_of
from appointed.store.replies import open_reply, seal_reply
from appointed.usecases.ports import ByFamily, ById, ByMany, ByUid, Change, Clock, IdSource, Outcome


class Tools(msgspec.Struct, frozen=True):
    """What a batch works with besides its rows. `channels` are the ways by which people can be told."""

    sealer: Sealer
    clock: Clock
    ids: IdSource
    channels: frozenset[Channel] = frozenset()


Pairs = tuple[tuple[Appointment | None, Appointment | None], ...]
Drafts = dict[int, Draft | Exception | Postponed]


def run(changes: Sequence[Change], tools: Tools) -> Flow:
    """Run the members in order of arrival; gives each one's outcome, error or Postponed.

    An exception out of here means that the whole transaction must be rolled back.
    """
    now = tools.clock()
    results: dict[int, Result] = {}
    keys = _reply_keys(changes)
    if keys:
        states = yield TakeKeys(tuple(dict.fromkeys(keys.values())))
        results |= _answered(changes, keys, states, tools.sealer)
    waiting = [index for index in range(len(changes)) if index not in results]
    if waiting:
        overlay, drafts = yield from _decided(changes, waiting, tools, now)
        writes = _writes(changes, drafts, overlay, tools, now)
        if writes:
            yield writes
        conflicts = yield from _conflicts(changes, drafts)
        results |= {
            index: _result(draft, conflicts.get(index, frozenset()), changes[index], tools, now)
            for index, draft in drafts.items()
        }
        replies = _replies(keys, changes, results, overlay, tools, now)
        if replies:
            yield KeepReplies(replies)
    return [results[index] for index in range(len(changes))]


def _reply_keys(changes: Sequence[Change]) -> dict[int, ReplyKey]:
    return {
        index: (change.tenant_id, change.principal.associate_id, change.idempotency.key)
        for index, change in enumerate(changes)
        if change.idempotency and not change.dry_run
    }


def _answered(
    changes: Sequence[Change], keys: dict[int, ReplyKey], states: KeyStates, sealer: Sealer
) -> dict[int, Result]:
    results: dict[int, Result] = {}
    ours: set[ReplyKey] = set()
    for index, key in keys.items():
        stored = states.stored.get(key)
        if stored is not None:
            results[index] = _replay(changes[index], key, stored, sealer)
        elif key in states.in_use or key in ours:
            results[index] = IdempotencyKeyInUse()
        ours.add(key)
    return results


def _replay(change: Change, key: ReplyKey, stored: StoredReply, sealer: Sealer) -> Result:
    if change.idempotency is None or change.idempotency.fingerprint != stored.fingerprint:
        return IdempotencyKeyReused()
    reply = open_reply(key, stored, sealer)
    return Outcome(replayed=reply) if reply else AnswerErased()


def _decided(
    changes: Sequence[Change], waiting: list[int], tools: Tools, now: datetime
) -> Generator[Any, Any, tuple[Overlay, Drafts]]:
    locked: Locked = yield _locks([changes[index] for index in waiting])
    views = {tenant_id: View(directory, now) for tenant_id, directory in locked.directories.items()}
    memo: dict[int, Decided] = {}
    overlay = Overlay(locked, Facts(), tools.sealer)
    drafts = _attempt(changes, waiting, views, overlay, memo)
    if overlay.needs:
        facts: Facts = yield overlay.needs
        overlay = Overlay(locked, facts, tools.sealer)
        drafts = _attempt(changes, waiting, views, overlay, memo)
    return overlay, drafts


def _locks(changes: Sequence[Change]) -> LockRows:
    ids: set[tuple[int, int]] = set()
    uids: set[tuple[int, UUID]] = set()
    families: set[tuple[int, int]] = set()
    for change in changes:
        scope = change.scope
        if isinstance(scope, ById):
            ids.update((change.tenant_id, row_id) for row_id in scope.ids)
        elif isinstance(scope, ByUid):
            uids.add((change.tenant_id, scope.uid))
        elif isinstance(scope, ByFamily):
            families.add((change.tenant_id, scope.family_id))
        elif isinstance(scope, ByMany):
            ids.update((change.tenant_id, row_id) for row_id in scope.ids)
            families.update((change.tenant_id, family_id) for family_id in scope.families)
    tenants = frozenset(change.tenant_id for change in changes)
    return LockRows(frozenset(ids), frozenset(uids), frozenset(families), tenants)


def _attempt(
    changes: Sequence[Change],
    waiting: list[int],
    views: dict[int, View],
    overlay: Overlay,
    memo: dict[int, Decided],
) -> Drafts:
    drafts: Drafts = {}
    for index in waiting:
        change = changes[index]
        try:
            view = views.get(change.tenant_id)
            if view is None:
                raise Unauthenticated
            decided = memo[index] = decide(change, view, overlay, memo.get(index))
            if len(changes) > 1:
                demand_small(decided)
            drafts[index] = settle(change, view, overlay, decided)
        except Unmet:
            drafts[index] = Postponed()
        except TooLarge:
            drafts[index] = Postponed(alone=True)
        except Exception as error:  # noqa: BLE001 - whatever a decision raises is its own answer
            drafts[index] = error
    return drafts


def _writes(
    changes: Sequence[Change], drafts: Drafts, overlay: Overlay, tools: Tools, now: datetime
) -> Writes:
    writes = Writes(keys=overlay.new_keys, counters=overlay.next_ids)
    touched: dict[Key, None] = {}
    for index, draft in drafts.items():
        change = changes[index]
        if isinstance(draft, Draft) and not change.dry_run:
            said: list[Said] = []
            for before, after in draft.pairs:
                event = event_of(change, before, after, now, tools.ids)
                writes.events.append(event)
                touched[(event.tenant_id, event.appointment_id)] = None
                said.append((before, after, event))
            mailing = mailing_of(change, said, draft.directory, tools.channels) if tools.channels else None
            if mailing is not None:
                writes.mailings.append(written(mailing, tools.sealer))
    for key in touched:
        _write_row(writes, overlay, key, tools.sealer)
    for key, claims in overlay.claims.items():
        writes.released.add(key)
        writes.claims.extend((key[0], claim) for claim in claims)
    return writes


def _write_row(writes: Writes, overlay: Overlay, key: Key, sealer: Sealer) -> None:
    before, after = overlay.stored(key), overlay.row(key)
    if after is not None:
        if before is None:
            writes.inserts.append(after)
        else:
            writes.updates.append(Replaced(before, after))
    elif before is not None:
        writes.deletes.append(before)
    claimant = after.claimant if after else None
    if claimant != (before.claimant if before else None):
        writes.words[key] = search_words(key[0], after.appointment.claimant if after else None, sealer)
    named = _viewers(after)
    if named != _viewers(before):
        writes.viewers[key] = named


def _viewers(row: Row | None) -> frozenset[int]:
    return viewers(row.appointment) if row else NOBODY


def _conflicts(changes: Sequence[Change], drafts: Drafts) -> Generator[Any, Any, dict[int, frozenset[int]]]:
    asking = {
        index: draft
        for index, draft in drafts.items()
        if isinstance(draft, Draft) and changes[index].wants_conflicts
    }
    probes = [_probes(draft) for index, draft in asking.items() if not changes[index].dry_run]
    hits: frozenset[Key] = frozenset()
    if any(probes):
        hits = yield FindConflicts(tuple(probe for some in probes for probe in some))
    found: dict[int, frozenset[int]] = {}
    for index, draft in asking.items():
        if changes[index].dry_run:
            found[index] = yield from _dry_conflicts(draft)
        else:
            found[index] = _hit(draft, hits)
    return found


def _dry_conflicts(draft: Draft) -> Generator[Any, Any, frozenset[int]]:
    # What a dry run changed stands nowhere, so the engine leaves those rows out and they are compared here.
    unwritten = tuple(row.appointment.id for pair in draft.pairs for row in pair if row is not None)
    probes = _probes(draft)
    hits: frozenset[Key] = (yield FindConflicts(probes, unwritten)) if probes else frozenset()
    others = [after.appointment for _before, after in draft.pairs if after is not None]
    return _hit(draft, hits) | {probe.id for probe in probes for other in others if overlaps(probe, other)}


def _probes(draft: Draft) -> tuple[Probe, ...]:
    return tuple(probe_of(row.appointment) for row in draft.rows if occupies(row.appointment))


def _hit(draft: Draft, hits: frozenset[Key]) -> frozenset[int]:
    return frozenset(
        row.appointment.id for row in draft.rows if (row.appointment.tenant_id, row.appointment.id) in hits
    )


def _result(
    draft: Draft | Exception | Postponed,
    conflicts: frozenset[int],
    change: Change,
    tools: Tools,
    now: datetime,
) -> Result:
    if not isinstance(draft, Draft):
        return draft
    dry_run = change.dry_run
    pairs = tuple((_plain(before), _plain(after)) for before, after in draft.pairs) if dry_run else None
    outcome = Outcome(
        rows=tuple(row.appointment for row in draft.rows),
        deleted=tuple(row.appointment for row in draft.deleted),
        changed_ids=frozenset(after.appointment.id for _before, after in draft.pairs if after is not None),
        conflicts=conflicts,
        ignored=draft.ignored,
        pairs=pairs,
        lost=draft.lost,
        directory=draft.directory,
        sends_mail=_sends(change, draft, tools, now),
        claimant_notices=_claimants_told(pairs or (), draft, tools, now),
    )
    if draft.held is None:
        return outcome
    draft.held.would = outcome
    return draft.held


def _sends(change: Change, draft: Draft, tools: Tools, now: datetime) -> bool:
    if change.mail is None or Channel.EMAIL not in tools.channels:
        return False
    return any(sends(change, before, after, draft.directory, now) for before, after in draft.pairs)


def _claimants_told(pairs: Pairs, draft: Draft, tools: Tools, now: datetime) -> tuple[ClaimantNotice, ...]:
    return tuple(
        told for pair in pairs for told in claimant_notices(*pair, draft.directory, tools.channels, now)
    )


def _plain(row: Row | None) -> Appointment | None:
    return row.appointment if row is not None else None


def _replies(
    keys: dict[int, ReplyKey],
    changes: Sequence[Change],
    results: dict[int, Result],
    overlay: Overlay,
    tools: Tools,
    now: datetime,
) -> tuple[KeptReply, ...]:
    kept = []
    for index, key in keys.items():
        outcome, idempotency = results[index], changes[index].idempotency
        if idempotency and isinstance(outcome, Outcome) and outcome.replayed is None:
            claimants = {row.claimant.id for row in (*outcome.rows, *outcome.deleted) if row.claimant}
            known = ((uid, overlay.key_of((key[0], uid))) for uid in sorted(claimants))
            wrapped = {uid: claimant_key for uid, claimant_key in known if claimant_key is not None}
            sealed = seal_reply(key, idempotency.answer(outcome), wrapped, tools.sealer)
            kept.append(KeptReply(key, idempotency.fingerprint, tuple(wrapped), sealed, now))
    return tuple(kept)
