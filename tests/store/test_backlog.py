"""What waits to be delivered is counted for all tenants, by indexes, and no further than need be."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import apsw

from appointed.domain.letter import Channel, LetterName, LetterState, Note
from appointed.domain.participant import Participant
from appointed.store.backlog import COUNTS
from appointed.store.backlog import backlog as counted
from appointed.usecases.mail_ports import Attempt
from appointed.usecases.ports import NoRows
from appointed.usecases.safety_ports import Backlog
from appointed.usecases.webhook_ports import Ending, RoundResult
from tests.builders import a_webhook
from tests.store.world import NOW, World, a_change, a_draft, adding, create, plant

LEASE = UUID(int=7)
MINUTE = timedelta(minutes=1)
GUEST = Participant(key=1, email_address="guest@out.example", send_email=True)


async def test_what_waits_is_counted_until_it_is_delivered(world: World) -> None:
    world.options["channels"] = frozenset(Channel)
    store = await world.open()
    assert await store.backlog() == Backlog(0, 0, 0), "before there is any tenant"
    await plant(store, tenants=2)
    for _twice in range(2):
        await store.webhooks.create(a_webhook())
    await create(store)
    await create(store, tenant_id=2)
    await store.change(a_change(adding(a_draft(participants=(GUEST,))), NoRows(), mail=Note()))
    assert await store.backlog() == Backlog(events=3, calls=0, letters=1)
    assert await store.webhooks.spread(1, NOW, 100) == 2
    (mailing,) = await store.mail.fresh(1, 10)
    await store.mail.spread(mailing, [LetterName("1/0/email", "a"), LetterName("1/1/email", "b")], NOW)
    assert await store.backlog() == Backlog(events=1, calls=4, letters=2)
    taken = await store.webhooks.claim(1, 1, at=NOW, until=NOW + MINUTE, lease=LEASE, limit=1)
    assert (await store.backlog()).calls == 4, "what is under way has not arrived"
    await store.webhooks.record(1, [RoundResult(delivery=taken[0], ending=Ending.DELIVERED, at=NOW)])
    (letter, *_others) = await store.mail.claim(1, NOW, NOW + MINUTE, LEASE, 1)
    await store.mail.settle(letter[0], Attempt(state=LetterState.SENT, at=NOW))
    assert await store.backlog() == Backlog(events=1, calls=3, letters=1)
    assert await store._scan(counted(most=1)) == Backlog(events=1, calls=1, letters=1)


async def test_sqlite_counts_by_index(tmp_path: Path) -> None:
    world = World("sqlite", tmp_path / "appointed.db")
    await world.open()
    await world.close()
    connection = apsw.Connection(str(world.place))
    found = connection.execute(f"EXPLAIN QUERY PLAN {COUNTS.replace('$', '?')}", (1,)).fetchall()
    connection.close()
    steps = {
        step for *_place, step in found if step.startswith(("SEARCH", "SCAN", "USE")) and step != "SCAN w"
    }
    assert steps == {
        "SCAN t",
        "SEARCH o USING PRIMARY KEY (tenant_id=?)",
        "SEARCH d USING COVERING INDEX delivery_lane (tenant_id=?)",
        "SEARCH l USING INDEX letter_lane (tenant_id=?)",
        "SEARCH m USING COVERING INDEX mailing_fresh (tenant_id=?)",
    }


async def test_one_tenants_queue_is_not_read_for_each_of_them(world: World) -> None:
    if world.engine == "sqlite":
        return
    await plant(await world.open(), tenants=2)
    world.run(
        "INSERT INTO outbox (tenant_id, event_id, appointment_id, revision, topic, due_at)"
        " SELECT 1, gen_random_uuid(), g, 1, 'changed', now() FROM generate_series(1, 30000) g"
    )
    world.run("ANALYZE outbox")
    steps = repr(world.run(f"EXPLAIN {COUNTS.replace('$1', '10000')}"))
    assert "outbox_pkey" in steps
    assert "Seq Scan on outbox" not in steps
