"""Letters that agents send from an appointment's page, to a real mail server."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from appointed.domain.appointment import Appointment
from appointed.domain.meeting import Place, claimant_url
from tests.console.agents.world import MovingClock, World, fields_of, place
from tests.contracts.served import HOST, serving
from tests.mail.mailserver import Mailbox, mailserver

pytestmark = pytest.mark.asyncio(loop_scope="module")
IDA = "ida@words.example"


@dataclass
class Post(World):
    """The same with a mail server, and the log in which nobody is to be named."""

    box: Mailbox
    folder: Any

    async def arrived(self, count: int) -> list[tuple[str, Any]]:
        """Wait for so many mails, and that nothing else is on its way."""
        store = self.served.parts.store
        async with asyncio.timeout(30):
            while len(self.box.got) < count or await store.mail.work(self.clock.now):
                await asyncio.sleep(0.01)
        got, self.box.got = self.box.got, []
        assert len(got) == count
        return got


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def post(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    folder, clock = tmp_path_factory.mktemp("letters"), MovingClock()
    async with mailserver() as box:
        options = {
            "mail_host": "127.0.0.1",
            "mail_port": box.port,
            "mail_tls": "none",
            "mail_from": "Diary <diary@appointed.example>",
            "public_url": HOST,
            "webhook_poll_seconds": 0.02,
        }
        async with serving(folder, "sqlite:", options, clock=clock) as served:
            yield Post(served, clock, box, folder)


def link_in(mail: Any) -> str:
    found = re.search(r"http\S+", mail.get_body(("plain",)).get_content())
    assert found
    return found[0]


async def wants_mail(post: Post, **more: Any) -> None:
    answer = await post.served.so("PATCH", "departments/1", json={"invite_by_email": True} | more)
    assert answer.status_code == 200, answer.text


async def booked(post: Post) -> Appointment:
    row = await post.book(300, department_id=1)
    await post.arrived(1)
    return row


@pytest.mark.clause("SQ-LIFE-again")
async def test_the_invitation_goes_out_again_from_the_page(post: Post) -> None:
    await wants_mail(post)
    row = await booked(post)
    agent = await post.agent("demo")
    page = (await agent.get(place(row))).text
    form = fields_of(page[page.index('action="' + place(row, "/invitation")) :].partition("</form>")[0])
    for _press in range(2):
        answer = await agent.send(place(row, "/invitation"), form)
        assert answer.headers["location"] == place(row, "?done=invitation")
    assert "The invitation is on its way again." in (await agent.get(answer.headers["location"])).text
    ((to, mail),) = await post.arrived(1)
    assert (to, mail["Subject"].startswith("Your video appointment")) == ("jane@example.com", True)
    assert link_in(mail) == claimant_url(Place(1, row.id, row.link_key), row.reference, HOST)
    stolen = await agent.send(place(row, "/invitation"), {"token": "0" * 64})
    assert stolen.status_code == 403
    await post.arrived(0)


@pytest.mark.parametrize(
    ("language", "role", "subject"),
    [
        ("en", "interpreter", "Please interpret a video appointment"),
        ("cy", "guest", "A wnewch chi ymuno ag apwyntiad fideo"),
    ],
)
async def test_who_is_asked_to_join_gets_the_link_of_the_role(
    post: Post, language: str, role: str, subject: str
) -> None:
    await wants_mail(post, language=language)
    row = await booked(post)
    agent = await post.agent("demo")
    page = (await agent.get(place(row))).text
    assert 'name="to"' in page
    answer = await agent.post(place(row, "/ask"), role=role, to=IDA)
    assert (answer.status_code, answer.headers["location"]) == (303, place(row, "?done=asked_email"))
    assert "The link is on its way by e-mail." in (await agent.get(answer.headers["location"])).text
    ((to, mail),) = await post.arrived(1)
    assert (to, mail["Subject"].startswith(subject)) == (IDA, True)
    assert link_in(mail) in page
    assert f"/agent-web/join/{role}/" in link_in(mail)
    assert "Jane" not in mail.as_string()
    again = await agent.post(place(row, "/ask"), role=role, to=IDA.upper())
    assert again.status_code == 409
    assert "this address got the link before" in again.text
    await post.arrived(0)
    for file in post.folder.rglob("*"):
        assert not file.is_file() or b"words.example" not in file.read_bytes(), file


async def test_an_address_that_cannot_be_stays_in_its_field(post: Post) -> None:
    row = await post.book(300, department_id=2)
    agent = await post.agent("demo")
    await agent.get(place(row))
    wrong = await agent.post(place(row, "/ask"), role="guest", to='ida"@')
    assert wrong.status_code == 422
    assert 'value="ida&#34;@"' in wrong.text
    assert 'aria-describedby="to-hint to-wrong"' in wrong.text
    stolen = await agent.send(place(row, "/ask"), {"token": "0" * 64, "role": "guest", "to": IDA})
    assert (stolen.status_code, '<h2 id="kept-title">Send a link</h2>' in stolen.text) == (403, True)
    wanted = await agent.send(place(row, "/ask"), fields_of(stolen.text))
    assert (wanted.status_code, wanted.headers["location"]) == (303, place(row, "?done=asked_email"))
    ola = await post.agent("ola")
    foreign = await ola.post(place(row, "/ask"), role="guest", to=IDA)
    assert foreign.status_code == 403
    await post.patch(row, status="cancelled")
    assert 'name="to"' not in (await agent.get(place(row))).text
    over = await agent.post(place(row, "/ask"), role="guest", to="else@words.example")
    assert (over.status_code, "the appointment is “Cancelled” now" in over.text) == (409, True)
