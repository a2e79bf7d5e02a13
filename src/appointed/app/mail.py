"""Letters put together: by which server and gateway, in whose name, and in which words."""

import asyncio
import random
from collections.abc import Callable
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from prometheus_client import CollectorRegistry

from appointed.domain.letter import Channel
from appointed.mail.languages import Texts
from appointed.mail.message import Sender
from appointed.mail.metrics import Tally
from appointed.mail.postman import Post, Postman
from appointed.mail.preview import Previews
from appointed.mail.sms import Gateway, Texter
from appointed.mail.smtp import Mailer, Server
from appointed.sealing.sealer import Sealer
from appointed.settings import Settings
from appointed.usecases.ports import Clock, IdSource, Store

# As many as HMAC-SHA256 has.
LEAST_SECRET_BYTES = 32
# A claim outlasts the longest attempt by so much.
LEASE_SECONDS = 60.0


class MailUnusable(Exception):
    """The settings of mail do not fit each other; the message names what is missing."""


class Letters(msgspec.Struct, frozen=True):
    """One process's letters: who carries them, None where there is no way; `close` ends idle connections."""

    postman: Postman | None
    texter: Texter | None


def channels_of(settings: Settings) -> frozenset[Channel]:
    """Tell by which ways people can be told."""
    ways = {Channel.EMAIL: settings.mail_host, Channel.SMS: settings.sms_url}
    return frozenset(channel for channel, place in ways.items() if place)


def previews_of(settings: Settings) -> Previews:
    """Make who writes letters for those who want to read them first; raises MailUnusable."""
    return Previews(texts=_texts(settings), sender=_shown_sender(settings, _sender(settings)))


def letters_of(
    settings: Settings,
    store: Store,
    sealer: Sealer,
    clock: Clock,
    ids: IdSource,
    registry: CollectorRegistry,
    stop: asyncio.Event,
) -> Letters:
    """Put the parts together; raises MailUnusable."""
    if not channels_of(settings):
        return Letters(None, None)
    address = _sender(settings)
    texter = _texter(settings, clock)
    base_url = (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
    post = Post(
        store=store,
        texts=_texts(settings),
        sender=_shown_sender(settings, address),
        base_url=base_url,
        pseudonym=pseudonym_of(sealer),
        clock=clock,
        ids=ids,
        share=random.random,
        tally=Tally(registry),
        mailer=_mailer(settings, address),
        texter=texter,
        poll=settings.webhook_poll_seconds,
        lease=max(settings.mail_seconds, settings.sms_seconds) + LEASE_SECONDS,
    )
    return Letters(Postman(post, stop), texter)


def _shown_sender(settings: Settings, address: Address) -> Sender:
    return Sender(
        address=address.addr_spec if address.username else "",
        name=address.display_name,
        host=urlsplit(settings.public_url).hostname or address.domain or "localhost",
    )


def pseudonym_of(sealer: Sealer) -> Callable[[int, str], str]:
    """Make what names addresses that letters go to."""
    return lambda tenant_id, address: sealer.search_hash("mail", tenant_id, address).hex()


def languages_of_letters(settings: Settings) -> dict[str, str]:
    """Name the languages that letters are written in, by their codes."""
    return _texts(settings).offered()


def _texts(settings: Settings) -> Texts:
    folder = Path(settings.mail_texts) if settings.mail_texts else None
    if folder is not None and not folder.is_dir():
        raise MailUnusable(f"mail_texts: there is no folder {folder}.")
    return Texts(folder)


def _sender(settings: Settings) -> Address:
    if not settings.mail_host:
        return Address()
    name, address = parseaddr(settings.mail_from)
    try:
        found = Address(display_name=name, addr_spec=address)
    except (ValueError, LookupError, MessageError):
        # Python 3.13 raises another of them than 3.11 for what is no address.
        found = Address()
    if not found.username or not found.domain:
        raise MailUnusable("mail_host needs mail_from, the one address that letters are from.")
    return found


def _mailer(settings: Settings, sender: Address) -> Mailer | None:
    if not settings.mail_host:
        return None
    password = ""
    if settings.mail_password_file:
        password = _read("mail_password_file", settings.mail_password_file).decode().strip("\r\n")
    if bool(settings.mail_user) != bool(password):
        raise MailUnusable("mail_user and mail_password_file go together.")
    if settings.mail_ca and not Path(settings.mail_ca).is_file():
        raise MailUnusable(f"mail_ca: there is no file {settings.mail_ca}.")
    server = Server(
        host=settings.mail_host,
        port=settings.mail_port,
        tls=settings.mail_tls,
        sender=sender.addr_spec,
        user=settings.mail_user,
        password=password,
        trusted=settings.mail_ca,
        seconds=settings.mail_seconds,
    )
    return Mailer(server)


def _texter(settings: Settings, clock: Clock) -> Texter | None:
    if not settings.sms_url:
        return None
    if not settings.sms_secret_file:
        raise MailUnusable("sms_url needs sms_secret_file, by which the gateway knows who asks.")
    secret = _read("sms_secret_file", settings.sms_secret_file).strip()
    if len(secret) < LEAST_SECRET_BYTES:
        raise MailUnusable(f"sms_secret_file: {LEAST_SECRET_BYTES} bytes at least.")
    return Texter(
        Gateway(url=settings.sms_url, secret=secret, sender=settings.sms_from, seconds=settings.sms_seconds),
        clock,
    )


def _read(name: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise MailUnusable(f"{name}: {error}") from error
