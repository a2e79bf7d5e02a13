"""A store whose letters are sent, by postmen that come and go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from appointed.domain.directory import Department, Person
from appointed.domain.letter import Channel, LetterState
from appointed.domain.participant import Participant
from appointed.mail.languages import Texts
from appointed.mail.message import Sender
from appointed.mail.metrics import Tally
from appointed.mail.postman import Post, Postman
from appointed.mail.sms import Texter
from appointed.mail.smtp import Mailer, Server
from appointed.usecases.identifiers import seeded
from tests.mail.mailserver import Mailbox
from tests.store.world import ADA, KARI, RECORDS, ROOM, AnyStore, World

BOTH = frozenset(Channel)
SENDER = Sender(address="diary@appointed.example", name="Diaries", host="appointed.example")
KARIS = Person(id=7, first_name="Kari", last_name="Nord", email="kari@inside.example")
ADAS = Person(id=8, first_name="Ada", last_name="West", email="ada@inside.example")
OUTSIDE = Participant(key=1, email_address="Out@Side.example", send_email=True)
COLLEAGUE = Participant(key=2, associate_id=KARI, send_email=True)
A_ROOM = Participant(key=3, associate_id=ROOM, send_email=True)


def department(**values: Any) -> Department:
    (found,) = [one for one in RECORDS if isinstance(one, Department) and one.id == 1]
    return replace(found, **values)


async def people(store: AnyStore) -> None:
    """Give Ada and Kari persons with mail addresses."""
    named = {ADA: 8, KARI: 7}
    associates = [
        replace(one, person_id=named[one.id])
        for one in RECORDS
        if type(one).__name__ == "Associate" and one.id in named
    ]
    await store.put_records(1, [KARIS, ADAS, *associates])


@dataclass
class Office:
    """One store, its clock, and the mail server that letters go to."""

    world: World
    store: AnyStore
    box: Mailbox
    texter: Texter | None = None
    texts: Texts = field(default_factory=Texts)
    seconds: float = 5.0

    def post(self, name: str, **more: Any) -> Post:
        server = Server(
            host="127.0.0.1", port=self.box.port, tls="none", sender=SENDER.address, seconds=self.seconds
        )
        values: dict[str, Any] = {
            "store": self.store,
            "texts": self.texts,
            "sender": SENDER,
            "base_url": "https://appointed.example",
            "pseudonym": lambda tenant, text: self.world.sealer.search_hash("mail", tenant, text).hex(),
            "clock": self.world.clock,
            "ids": seeded(name),
            "share": lambda: 0.0,
            "tally": Tally(CollectorRegistry()),
            "mailer": Mailer(server),
            "texter": self.texter,
            "poll": 0.01,
            "grace": 0.2,
        }
        return Post(**(values | more))

    @asynccontextmanager
    async def posting(self, name: str = "postman", **more: Any) -> AsyncIterator[Postman]:
        """Run a postman; he stops in order at the end."""
        stop = asyncio.Event()
        postman = Postman(self.post(name, **more), stop)
        task = asyncio.create_task(postman.serve())
        try:
            yield postman
        finally:
            stop.set()
            await task

    async def settled(self) -> dict[str, int]:
        """Let time pass whenever everything rests, until no letter is on its way; counts their states."""
        async with asyncio.timeout(60):
            while True:
                fresh = self.world.run("SELECT count(*) FROM mailing WHERE state = 'fresh'")[0][0]
                waiting = await self.store.mail.letters(1, UNDER_WAY)
                if not fresh and not waiting:
                    return self.states()
                # What nobody can have claimed yet is not due; time passes for all others.
                due = [one.due_at for one in waiting if one.lease is None and one.due_at is not None]
                if not fresh and len(due) == len(waiting) and min(due) > self.world.clock.now:
                    self.world.clock.now = max(due)
                await asyncio.sleep(0.01)

    def states(self) -> dict[str, int]:
        rows = self.world.run("SELECT state, count(*) FROM letter GROUP BY state ORDER BY state")
        return {str(state): int(count) for state, count in rows}

    async def sent(self) -> list[tuple[str, Any]]:
        """Have everything sent that waits, and give what arrived since the box was last emptied."""
        async with self.posting():
            await self.settled()
        arrived, self.box.got = self.box.got, []
        return arrived


UNDER_WAY = (LetterState.WAITING, LetterState.SENDING)
ENDED = (LetterState.SENT, LetterState.REFUSED, LetterState.UNSURE, LetterState.VOID)
