"""What was opened a moment ago serves the same document under the same key, and nothing else."""

import pytest

from appointed.domain.participant import Claimant
from appointed.sealing.keys import ServerKeys
from appointed.sealing.sealer import Sealer
from appointed.store.document import new_key, seal_claimant, to_row
from appointed.store.opened import KEPT_SECONDS, MOST_CHARACTERS, MOST_KEPT, OpenedRows
from tests.builders import appointment
from tests.store.world import a_claimant

PERSON = a_claimant(7)


class World:
    def __init__(self) -> None:
        self.now = 100.0
        self.sealer = Sealer(ServerKeys(b"c" * 32, b"l" * 32))
        self.rows = OpenedRows(self.sealer, lambda: self.now)
        self.wrapped = new_key(1, PERSON.id, self.sealer)

    def body(self, number: int = 1) -> str:
        row = appointment(id=number, claimant=PERSON)
        return to_row(row, seal_claimant(1, PERSON, self.wrapped, self.sealer)).body


def test_the_same_document_is_opened_once_for_a_while() -> None:
    world = World()
    body = world.body()
    first = world.rows.open(body, world.wrapped)
    assert first.appointment.claimant == PERSON
    world.now += KEPT_SECONDS - 0.1
    assert world.rows.open(str(body), world.wrapped) is first
    world.now += 0.1
    again = world.rows.open(body, world.wrapped)
    assert (again is first, again) == (False, first)


def test_without_its_key_nobody_is_found() -> None:
    world = World()
    body = world.body()
    world.rows.open(body, world.wrapped)
    erased = world.rows.open(body, None).appointment.claimant
    assert erased is not None
    assert (erased.id, erased.name) == (PERSON.id, None)


def test_what_nothing_opens_is_shown_without_its_claimant_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    body, damaged = world.body(), world.wrapped[:-1] + bytes([world.wrapped[-1] ^ 1])
    for _look in range(2):
        world.now += KEPT_SECONDS
        shown = world.rows.open(body, damaged).appointment
        assert (shown.id, shown.claimant) == (1, Claimant(id=PERSON.id))
    assert world.rows.open(body, world.wrapped).appointment.claimant == PERSON
    (told,) = caplog.messages
    assert told.endswith("tenant 1, appointment 1")


def test_only_so_many_are_kept() -> None:
    world = World()
    plain = [to_row(appointment(id=number), None).body for number in range(1, MOST_KEPT + 2)]
    rows = [world.rows.open(body, None) for body in plain]
    assert world.rows.open(plain[-1], None) is rows[-1]
    assert world.rows.open(plain[0], None) is not rows[0]


def test_long_ones_are_fewer() -> None:
    world = World()
    long = [to_row(appointment(id=number, agenda="x" * 60_000), None).body for number in range(1, 200)]
    rows = [world.rows.open(body, None) for body in long]
    assert world.rows.open(long[-1], None) is rows[-1]
    assert sum(map(len, long)) > MOST_CHARACTERS
    assert world.rows.open(long[0], None) is not rows[0]
