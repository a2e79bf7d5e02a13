"""Mailings and letters, read and written by scripts that are the same on both engines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from appointed.domain.letter import UNREAD, Letter, LetterName, LetterState, Mailing, SeriesTold
from appointed.sealing.sealer import Sealer
from appointed.store.document import Row, decode
from appointed.store.mailings import COLUMNS, INSERT, mailing_from, written
from appointed.store.scripts import Script, instant, json_text, uuid_of
from appointed.usecases.mail_ports import Attempt

LETTER = "mailing_id, name, lane, state, due_at, lease, rounds, last_error, tried_at"
LONGEST_ERROR = 500
# Their receivers have them, or may: what is told next counts higher.
REACHED = frozenset({LetterState.SENT, LetterState.UNSURE})
THIS = "WHERE tenant_id = $1 AND mailing_id = $2 AND name = $3"
# Before it comes whatever was told earlier in its lane, and what may turn out to be of its lane.
EARLIER = (
    "SELECT 1 FROM letter e WHERE e.tenant_id = l.tenant_id AND e.lane = l.lane"
    " AND (e.mailing_id, e.name) < (l.mailing_id, l.name) AND e.state IN ('waiting', 'sending')"
)
_told = msgspec.json.Decoder(SeriesTold).decode
UNKNOWN = (
    "SELECT 1 FROM mailing f WHERE f.tenant_id = l.tenant_id AND f.state = 'fresh' AND f.id < l.mailing_id"
)


class MailScripts:
    """The scripts, for one engine's way to pass over rows in others' hands and one server's sealer."""

    def __init__(self, skip: str, sealer: Sealer) -> None:
        self._skip = skip
        self._sealer = sealer

    def add(self, mailing: Mailing) -> Script[bool]:
        """Keep a mailing unless its key is known."""
        made = yield f"{INSERT} ON CONFLICT DO NOTHING RETURNING 1", written(mailing, self._sealer)
        return bool(made)

    def known(self, tenant_id: int, keys: Sequence[str]) -> Script[frozenset[str]]:
        """Tell which of these keys are there."""
        places = ", ".join(f"${number}" for number in range(2, len(keys) + 2))
        rows = yield (
            f"SELECT key FROM mailing WHERE tenant_id = $1 AND key IN ({places})",
            (tenant_id, *keys),
        )
        return frozenset(row[0] for row in rows)

    def work(self, at: datetime) -> Script[tuple[int, ...]]:
        """Name the tenants that have something to tell."""
        rows = yield (
            "SELECT t.id FROM tenant t WHERE EXISTS (SELECT 1 FROM mailing m WHERE m.tenant_id = t.id"
            " AND m.state = 'fresh') OR EXISTS (SELECT 1 FROM letter l WHERE l.tenant_id = t.id"
            " AND l.due_at IS NOT NULL AND l.due_at <= $1) ORDER BY t.id",
            (at,),
        )
        return tuple(row[0] for row in rows)

    def fresh(self, tenant_id: int, limit: int) -> Script[tuple[Mailing, ...]]:
        """List mailings whose letters are not known."""
        rows = yield (
            f"SELECT {COLUMNS} FROM mailing WHERE tenant_id = $1 AND state = 'fresh' ORDER BY id LIMIT $2",
            (tenant_id, limit),
        )
        return tuple(mailing_from(row, self._sealer) for row in rows)

    def spread(self, mailing: Mailing, letters: Sequence[LetterName], at: datetime) -> Script[None]:
        """Write down the letters of a mailing; the row's lock makes a second one wait and find nothing."""
        taken = yield (
            "UPDATE mailing SET state = 'spread' WHERE tenant_id = $1 AND id = $2 AND state = 'fresh'"
            " RETURNING 1",
            (mailing.tenant_id, mailing.id),
        )
        for letter in letters if taken else ():
            yield (
                "INSERT INTO letter (tenant_id, mailing_id, name, lane, due_at) VALUES ($1, $2, $3, $4, $5)",
                (mailing.tenant_id, mailing.id, letter.name, letter.lane, at),
            )

    def claim(
        self, tenant_id: int, at: datetime, until: datetime, lease: UUID, limit: int
    ) -> Script[tuple[tuple[Letter, Mailing], ...]]:
        """Take due letters."""
        yield (
            "UPDATE letter SET state = 'unsure', due_at = NULL, lease = NULL, last_error = $3"
            " WHERE tenant_id = $1 AND state = 'sending' AND due_at IS NOT NULL AND due_at <= $2",
            (tenant_id, at, "the sender ended before the server answered"),
        )
        rows = yield (
            "WITH w AS MATERIALIZED (SELECT mailing_id, name FROM letter l WHERE tenant_id = $1"
            " AND due_at IS NOT NULL AND due_at <= $2 AND state = 'waiting'"
            f" AND NOT EXISTS ({EARLIER}) AND NOT EXISTS ({UNKNOWN})"
            f" ORDER BY mailing_id, name LIMIT $5{self._skip})"
            " UPDATE letter SET due_at = $3, lease = $4 WHERE tenant_id = $1"
            " AND (mailing_id, name) IN (SELECT mailing_id, name FROM w)"
            f" RETURNING {LETTER}",
            (tenant_id, at, until, lease, limit),
        )
        letters = sorted(
            (_letter(tenant_id, row) for row in rows), key=lambda one: (one.mailing_id, one.name)
        )
        mailings = {}
        for mailing_id in dict.fromkeys(letter.mailing_id for letter in letters):
            found = yield (
                f"SELECT {COLUMNS} FROM mailing WHERE tenant_id = $1 AND id = $2",
                (tenant_id, mailing_id),
            )
            mailings[mailing_id] = mailing_from(found[0], self._sealer)
        return tuple((letter, mailings[letter.mailing_id]) for letter in letters)

    def begin(self, letter: Letter) -> Script[bool]:
        """Write down that a letter's end is on its way."""
        taken = yield (
            f"UPDATE letter SET state = 'sending' {THIS} AND lease = $4 AND state = 'waiting' RETURNING 1",
            (letter.tenant_id, letter.mailing_id, letter.name, letter.lease),
        )
        known = (yield from self.told(letter)) if taken else None
        if known is not None:
            # What the next letter tells must count higher, also when nobody knows what became of this one.
            yield (
                "UPDATE series_told SET told = $3 WHERE tenant_id = $1 AND lane = $2",
                (letter.tenant_id, letter.lane, json_text(replace(known, dates={}))),
            )
        return bool(taken)

    def settle(self, letter: Letter, attempt: Attempt) -> Script[None]:
        """Write down what came of a letter."""
        settled = yield (
            "UPDATE letter SET state = $5, due_at = $6, rounds = rounds + $7, last_error = $8, tried_at = $9,"
            f" lease = NULL {THIS} AND lease = $4 RETURNING 1",
            (
                letter.tenant_id,
                letter.mailing_id,
                letter.name,
                letter.lease,
                str(attempt.state),
                attempt.due_at if attempt.state is LetterState.WAITING else None,
                int(attempt.is_round),
                attempt.error[:LONGEST_ERROR],
                attempt.at,
            ),
        )
        told = attempt.told if settled and attempt.state in REACHED else None
        if told is not None:
            until = max((ends_at for _starts_at, ends_at in told.dates.values()), default=attempt.at)
            told = told if attempt.state is LetterState.SENT else replace(told, dates={})
            yield (
                "INSERT INTO series_told (tenant_id, lane, told, until) VALUES ($1, $2, $3, $4)"
                " ON CONFLICT (tenant_id, lane) DO UPDATE SET told = excluded.told, until = excluded.until",
                (letter.tenant_id, letter.lane, json_text(told), until),
            )

    def told(self, letter: Letter) -> Script[SeriesTold | None]:
        """Read what a letter's lane has told of its series."""
        rows = yield (
            "SELECT told FROM series_told WHERE tenant_id = $1 AND lane = $2",
            (letter.tenant_id, letter.lane),
        )
        return _told(rows[0][0]) if rows else None

    def letters(
        self, tenant_id: int, states: Sequence[LetterState], limit: int
    ) -> Script[tuple[Letter, ...]]:
        """List letters."""
        named = ", ".join(f"'{LetterState(state)}'" for state in states)
        rows = yield (
            f"SELECT {LETTER} FROM letter WHERE tenant_id = $1 AND state IN ({named})"
            " ORDER BY mailing_id DESC, name LIMIT $2",
            (tenant_id, limit),
        )
        return tuple(_letter(tenant_id, row) for row in rows)

    def again(self, tenant_id: int, at: datetime) -> Script[int]:
        """Let what was given up be tried again; a mailing that could not be read is spread anew."""
        unread = yield (
            "DELETE FROM letter WHERE tenant_id = $1 AND state IN ('refused', 'unsure')"
            f" AND name LIKE '{UNREAD}/%' RETURNING mailing_id",
            (tenant_id,),
        )
        for mailing_id in dict.fromkeys(row[0] for row in unread):
            yield (
                "UPDATE mailing SET state = 'fresh' WHERE tenant_id = $1 AND id = $2 RETURNING 1",
                (tenant_id, mailing_id),
            )
        rows = yield (
            "UPDATE letter SET state = 'waiting', due_at = $2, rounds = 0, lease = NULL"
            " WHERE tenant_id = $1 AND state IN ('refused', 'unsure') RETURNING 1",
            (tenant_id, at),
        )
        return len(rows) + len(unread)

    def series(self, tenant_id: int, series_id: int) -> Script[tuple[Row, ...]]:
        """Read the dates of a series, claimants sealed."""
        rows = yield (
            "SELECT body FROM appointment WHERE tenant_id = $1 AND series_id = $2 AND series_id <> 0",
            (tenant_id, series_id),
        )
        return tuple(decode(row[0]) for row in rows)

    def forget(self, before: datetime) -> Script[None]:
        """Drop what is old."""
        for (tenant_id,) in (yield "SELECT id FROM tenant ORDER BY id", ()):
            yield (
                "DELETE FROM letter WHERE tenant_id = $1 AND mailing_id IN"
                " (SELECT id FROM mailing WHERE tenant_id = $1 AND at < $2)",
                (tenant_id, before),
            )
            yield "DELETE FROM mailing WHERE tenant_id = $1 AND at < $2", (tenant_id, before)
            yield "DELETE FROM series_told WHERE tenant_id = $1 AND until < $2", (tenant_id, before)


def _letter(tenant_id: int, row: Sequence[Any]) -> Letter:
    values = dict(zip(LETTER.split(", "), row, strict=True))
    for name in ("due_at", "tried_at"):
        values[name] = None if values[name] is None else instant(values[name])
    values["mailing_id"] = uuid_of(values["mailing_id"])
    values["lease"] = None if values["lease"] is None else uuid_of(values["lease"])
    values["state"] = LetterState(values["state"])
    return Letter(tenant_id=tenant_id, **values)
