"""Takes letters from the store to those they are for, for as long as it runs."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from appointed.domain.directory import Associate
from appointed.domain.errors import AppointedError, SealBroken
from appointed.domain.letter import (
    UNREAD,
    Channel,
    Letter,
    LetterName,
    LetterState,
    Mailing,
    Note,
    Purpose,
    SeriesTold,
    is_address,
)
from appointed.domain.preference import nearest, owners_of
from appointed.domain.retries import next_round
from appointed.domain.webhook import HookState
from appointed.mail.dates import Known
from appointed.mail.failing import letters_of, write_failing
from appointed.mail.languages import Style, Texts
from appointed.mail.message import Envelope, Sender, calendar_of, compose, compose_plain, message_id
from appointed.mail.metrics import Tally
from appointed.mail.outgoing import Outgoing, Pseudonym, Word, outgoing
from appointed.mail.sms import Texter
from appointed.mail.smtp import NO_ADDRESS, Begin, Mailer, Result
from appointed.mail.wording import Page, write_mail, write_sms
from appointed.usecases.mail_ports import Attempt
from appointed.usecases.ports import Clock, IdSource, Store
from appointed.usecases.receivers import Receiver
from appointed.usecases.worker import Worker

log = logging.getLogger(__name__)

MOST_MAILINGS: Final = 50
# Letters under way at once.
PLACES: Final = 8
KEPT_MAILINGS: Final = 32
# Preferences by which whoever has a diary here says how to be written to.
LANGUAGE, ZONE = "mail\nlanguage", "mail\ntimezone"
# What nobody wants to read afterwards.
BEFORE: Final = frozenset({Word.INVITED, Word.MOVED, Word.REMINDED, Word.ASKED})
NO_SERVER: Final = "there is no mail server"
NOTHING: Final = "there is nothing to tell any more"
# What no key opens will not open tomorrow either; by hand it can be tried again once the keys are back.
SEALED: Final = Result(LetterState.REFUSED, "no key of this server opens what is to be told")
NOT_WRITTEN: Final = "the letter could not be written"


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """What letters are written with, and who carries them; a way without a carrier is off.

    `share` gives random numbers from 0 to 1. Times are in seconds: between looks for work of others, that a
    claim lasts, for letters under way to end when stopping.
    """

    store: Store
    texts: Texts
    sender: Sender
    base_url: str
    pseudonym: Pseudonym
    clock: Clock
    ids: IdSource
    share: Callable[[], float]
    tally: Tally
    mailer: Mailer | None = None
    texter: Texter | None = None
    poll: float = 2.0
    lease: float = 120.0
    grace: float = 10.0


class Postman:
    """One process's share of the work; any number of them may run on one store."""

    def __init__(self, post: Post, stop: asyncio.Event) -> None:
        self._post = post
        self._mail = post.store.mail
        self._worker = Worker("letters", self._turn, stop, poll=post.poll)
        self._under_way: set[asyncio.Task[None]] = set()
        self._known: OrderedDict[Mailing, dict[str, Outgoing]] = OrderedDict()

    async def serve(self) -> None:
        """Work until told to stop, then let letters under way end."""
        await self._worker.serve()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self._post.grace)
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _turn(self) -> bool:
        moved = False
        for tenant_id in await self._mail.work(self._post.clock()):
            for mailing in await self._mail.fresh(tenant_id, MOST_MAILINGS):
                await self._spread(mailing)
                moved = True
            moved |= await self._take(tenant_id)
        return moved

    async def _spread(self, mailing: Mailing) -> None:
        try:
            if mailing.purpose is Purpose.WEBHOOK:
                names = letters_of(mailing, self._post.pseudonym)
            else:
                names = [letter.name for letter in (await self._letters(mailing)).values()]
        except SealBroken:
            names = [
                LetterName(f"{UNREAD}/{mailing.purpose}/{way}/0", f"{mailing.id}") for way in self._channels()
            ]
        except (ValueError, LookupError, TypeError) as error:
            # One that cannot be read must not stop those behind it.
            log.error("a mailing cannot be read: tenant %d, %s", mailing.tenant_id, type(error).__name__)
            names = []
        await self._mail.spread(mailing, _off_excluded(names, self._channels()), self._post.clock())

    def _channels(self) -> set[Channel]:
        ways = {Channel.EMAIL: self._post.mailer, Channel.SMS: self._post.texter}
        return {channel for channel, carrier in ways.items() if carrier is not None}

    async def _letters(self, mailing: Mailing) -> dict[str, Outgoing]:
        known = self._known.get(mailing)
        if known is None:
            told = []
            for item in mailing.items:
                moment = await self._mail.moment(mailing.tenant_id, item)
                if moment is not None:
                    told.append((item, moment))
            known = self._known[mailing] = outgoing(mailing, told, self._post.pseudonym)
            while len(self._known) > KEPT_MAILINGS:
                self._known.popitem(last=False)
        return known

    async def _take(self, tenant_id: int) -> bool:
        free = PLACES - len(self._under_way)
        if free <= 0:
            return False
        now, lease = self._post.clock(), self._post.ids.uuid4()
        until = now + timedelta(seconds=self._post.lease)
        claimed = await self._mail.claim(tenant_id, now, until, lease, free)
        for letter, mailing in claimed:
            task = asyncio.create_task(self._carry(letter, mailing))
            self._under_way.add(task)
            task.add_done_callback(self._ended)
        return bool(claimed)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._worker.wake()

    async def _carry(self, letter: Letter, mailing: Mailing) -> None:
        has_begun = False

        async def begin() -> bool:
            nonlocal has_begun
            has_begun = True
            return await self._mail.begin(letter)

        try:
            result = await self._sent(letter, mailing, begin)
        except asyncio.CancelledError:
            if not has_begun:
                # Nobody has it yet; another process may go on at once.
                await self._settle(letter, Result(LetterState.WAITING, "the server stopped"), is_round=False)
            raise
        except SealBroken:
            result = SEALED
        except AppointedError as error:
            # The store is away: the claim ends by itself.
            log.warning("a letter waits for the store: %s", error.code)
            return
        except Exception as error:  # noqa: BLE001 - one letter must never stop the others
            # What went wrong may quote what was to be sent: its kind must do.
            log.error("a letter could not be written: tenant %d, %s", letter.tenant_id, type(error).__name__)
            result = Result(LetterState.UNSURE if has_begun else LetterState.WAITING, NOT_WRITTEN)
        await self._settle(letter, result)

    async def _sent(self, letter: Letter, mailing: Mailing, begin: Begin) -> Result:
        if mailing.purpose is Purpose.WEBHOOK:
            return await self._sent_of_failing(letter, mailing, begin)
        if letter.rounds:
            # Time has passed: a claimant may be erased, an appointment over.
            self._known.pop(mailing, None)
        told = (await self._letters(mailing)).get(letter.name)
        if told is None:
            return Result(LetterState.VOID, NOTHING)
        if told.word in BEFORE and _ends_at(told) <= self._post.clock():
            return Result(LetterState.VOID, "its time is over")
        style = await self._style(told, mailing)
        page = self._page(told, style)
        if told.channel is Channel.SMS:
            if self._post.texter is None:
                return Result(LetterState.VOID, "there is no gateway")
            name = message_id(mailing.id, letter.name, self._post.sender.host).strip("<>")
            return await self._post.texter.send(name, told.receiver.address, write_sms(told, page), begin)
        if self._post.mailer is None:
            return Result(LetterState.VOID, NO_SERVER)
        if not is_address(told.receiver.address):
            return NO_ADDRESS
        message, series = await self._message(told, letter, mailing, page)
        result = await self._post.mailer.send(told.receiver.address, message, begin)
        return msgspec.structs.replace(result, told=series)

    async def _sent_of_failing(self, letter: Letter, mailing: Mailing, begin: Begin) -> Result:
        post, note, tenant_id = self._post, mailing.note or Note(), mailing.tenant_id
        hooks = await post.store.webhooks.all(tenant_id)
        hook = next((one for one in hooks if one.id == note.webhook_id), None)
        if hook is None or (not hook.usage.errors_in_row and hook.state is not HookState.STOPPED):
            return Result(LetterState.VOID, NOTHING)
        if post.mailer is None:
            return Result(LetterState.VOID, NO_SERVER)
        if not is_address(note.to):
            return NO_ADDRESS
        directory = await post.store.directory(tenant_id)
        maker = directory.associates.get(hook.created_by)
        home = directory.departments.get(maker.group_id) if maker else None
        usual = Style(home.language if home else "", directory.tenant.zone)
        place = (tenant_id, home.id if home else 0)
        words = post.texts.words((await self._own_style(maker, usual, tenant_id)).language, *place)
        written = write_failing(hook, words, post.texts.environment(*place))
        envelope = Envelope(mailing_id=mailing.id, at=mailing.at, now=post.clock())
        message = compose_plain(letter.name, Receiver(address=note.to), written, post.sender, envelope)
        return await post.mailer.send(note.to, message, begin)

    async def _message(
        self, told: Outgoing, letter: Letter, mailing: Mailing, page: Page
    ) -> tuple[bytes, SeriesTold | None]:
        written = write_mail(told, page, mailing.note if told.guest is not None else None)
        row = told.rows[0]
        known = Known(receiver=self._post.pseudonym(letter.tenant_id, told.receiver.address))
        if row.series is not None and told.guest is not None:
            masters = await self._mail.series(row.tenant_id, row.series_id)
            known = msgspec.structs.replace(known, masters=masters, told=await self._mail.told(letter))
        calendar = calendar_of(told, written, known, self._post.sender, mailing.at, page.zone)
        envelope = Envelope(mailing_id=mailing.id, at=mailing.at, now=self._post.clock())
        message = compose(told, written, calendar, self._post.sender, envelope)
        return message, calendar.told if calendar is not None else None

    def _page(self, told: Outgoing, style: Style) -> Page:
        row = told.rows[0]
        place = (row.tenant_id, row.department_id)
        try:
            zone = ZoneInfo(style.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            zone = told.directory.zone
        return Page(
            words=self._post.texts.words(style.language, *place),
            templates=self._post.texts.environment(*place),
            zone=zone,
            base_url=self._post.base_url,
        )

    async def _style(self, told: Outgoing, mailing: Mailing) -> Style:
        department = told.department
        language = department.language if department else ""
        zone = told.directory.tenant.zone
        associate = told.directory.associates.get(told.receiver.associate_id)
        if mailing.note is not None and mailing.note.language and told.guest is not None:
            return Style(mailing.note.language, zone)
        return await self._own_style(associate, Style(language, zone), told.directory.tenant.id)

    async def _own_style(self, associate: Associate | None, usual: Style, tenant_id: int) -> Style:
        if associate is None:
            return usual
        owners = owners_of(associate)
        found = nearest(await self._post.store.preferences(tenant_id, owners, LANGUAGE, ZONE))
        return Style(
            found[LANGUAGE].value if LANGUAGE in found else usual.language,
            found[ZONE].value if ZONE in found else usual.zone,
        )

    async def _settle(self, letter: Letter, result: Result, *, is_round: bool = True) -> None:
        now = self._post.clock()
        state, due_at = result.state, None
        if state is LetterState.WAITING:
            due_at = next_round(letter.rounds + 1, now, self._post.share()) if is_round else now
            state = LetterState.REFUSED if due_at is None else state
        attempt = Attempt(
            state=state, at=now, due_at=due_at, is_round=is_round, error=result.error, told=result.told
        )
        try:
            await self._mail.settle(letter, attempt)
        except AppointedError as error:
            log.warning("what became of a letter is not written down: %s", error.code)
            return
        self._post.tally.settled(letter, state)
        if result.error:
            # What the mail server said may hold an address; it stands with the letter.
            log.warning("a letter was not sent: tenant %d, %s", letter.tenant_id, state)


def _ends_at(told: Outgoing) -> datetime:
    # Who still expects the former time must hear of another one, though it is over.
    former = told.former if told.word is Word.MOVED else ()
    return max(row.ends_at for row in (*told.rows, *former))


def _off_excluded(names: list[LetterName], channels: set[Channel]) -> list[LetterName]:
    return [name for name in names if name.name.split("/")[2] in channels]
