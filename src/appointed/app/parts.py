"""Put the parts of a server together, and start and stop them."""

import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry

from appointed import commands
from appointed.app.attending import attending
from appointed.app.auditing import auditing
from appointed.app.background import Background, background_of, working
from appointed.app.delivery import Webhooks, delivering, webhooks_of
from appointed.app.keeping import keeping
from appointed.app.mail import MailUnusable, channels_of, previews_of
from appointed.app.meetings import MeetingParts, MeetingsUnusable, meetings_of
from appointed.app.upkeep import end_process, sentry, upkeep
from appointed.domain.errors import StoreBusy
from appointed.http.attempts import Attempts
from appointed.http.bearer import Issuer, TokenVerifier
from appointed.http.door import Callers, Door
from appointed.http.event_stream import Streams
from appointed.http.health import Watch, free_percent_of
from appointed.http.jwks import RemoteKeys, fetch_document
from appointed.http.limits import Limits
from appointed.http.metrics import gathered
from appointed.http.origin import Origins
from appointed.http.passwords import Passwords
from appointed.http.signing import TokenSigner, load_signer
from appointed.http.throttle import Throttle
from appointed.jobs.hub import Hub
from appointed.mail.preview import Previews
from appointed.sealing.keys import KEY_FILE, KeyFileError, ServerKeys, load_or_create
from appointed.sealing.ring import SETTLE_SECONDS, KeyRing
from appointed.sealing.sealer import Sealer
from appointed.settings import Settings
from appointed.store.postgres import PostgresStore
from appointed.store.schema import DemoPresent, StoreUnusable
from appointed.store.sqlite import SqliteStore
from appointed.usecases.administer import Administrator
from appointed.usecases.administer_protection import Protection
from appointed.usecases.authenticate import Authenticator
from appointed.usecases.identifiers import Identifiers
from appointed.usecases.plant_demo import plant_demo
from appointed.usecases.ports import Clock, IdSource, Store
from appointed.usecases.presence import Attendance
from appointed.usecases.rotate_keys import KeysInUse, demand_own_keys

OWN_ISSUER = "urn:appointed"


class CannotStart(Exception):
    """The server or a command cannot start; the message says why and what to do."""


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """One server, put together and not yet started."""

    settings: Settings
    store: Store
    clock: Clock
    passwords: Passwords
    signer: TokenSigner
    authenticator: Authenticator
    administrator: Administrator
    ring: KeyRing
    origins: Origins
    door: Door
    registry: CollectorRegistry
    watch: Watch
    xsrf_key: bytes
    claimant_forms_key: bytes
    fingerprint_key: bytes
    link_attempts_key: bytes
    webhooks: Webhooks
    meetings: MeetingParts
    background: Background
    live: Hub
    streams: Streams
    attendance: Attendance


def utc_now() -> datetime:
    """Tell the time of the machine."""
    return datetime.now(UTC)


def limits_of(settings: Settings) -> Limits:
    """Take from the settings the limits that an operator may change."""
    return Limits(
        body_bytes=settings.max_body_bytes,
        form_bytes=settings.max_form_bytes,
        in_flight=settings.max_in_flight,
        in_flight_per_tenant=settings.max_in_flight_per_tenant,
        failed_logins_per_minute=settings.failed_logins_per_minute,
        header_seconds=settings.header_seconds,
        body_seconds=settings.body_seconds,
        handler_seconds=settings.handler_seconds,
        keep_alive_seconds=settings.keep_alive_seconds,
        drain_seconds=settings.drain_seconds,
        event_streams=settings.max_event_streams,
    )


def _watch(settings: Settings, store: Store, registry: CollectorRegistry) -> Watch:
    # PostgreSQL's disk is its own, and its own watchers' business.
    free = {} if settings.is_postgres else {"free_percent": free_percent_of(settings.sqlite_path.parent)}
    return Watch(store, gathered(registry), least_percent=settings.ready_disk_percent, **free)


def assemble(settings: Settings, clock: Clock = utc_now, ids: IdSource | None = None) -> Parts:
    """Put the parts together; raises CannotStart when keys or secrets cannot be used."""
    ids = ids or Identifiers()
    limits = limits_of(settings)
    ring, keys, signer = _keys(settings)
    sealer = ring.sealer
    store = _store(settings, sealer, clock, ids)
    attempts = Attempts(
        clock, limits.failed_logins_per_minute, shared=store.attempts, key=keys.derive("attempts")
    )
    passwords = Passwords(clock, limits, attempts=attempts)
    authenticator = Authenticator(store, passwords, _verifier(settings, signer, clock, limits), clock, ids)
    origins = Origins(settings.public_url, settings.trusted_proxies)
    xsrf_key = keys.derive("xsrf")
    throttle = Throttle(clock, settings.requests_per_minute) if settings.requests_per_minute else None
    callers = Callers(authenticator, origins, xsrf_key, limits, clock, throttle)
    streams = Streams(limits)
    callers.listen(streams.ask_all)
    registry = CollectorRegistry()
    meetings = _meetings(settings, store, clock, ids)
    webhooks = _webhooks(settings, store, sealer, clock, ids, registry)
    return Parts(
        settings=settings,
        store=store,
        clock=clock,
        passwords=passwords,
        signer=signer,
        authenticator=authenticator,
        administrator=Administrator(store, passwords, ids, Protection(store, clock, ring)),
        ring=ring,
        origins=origins,
        door=Door(
            store=store,
            callers=callers,
            clock=clock,
            ids=ids,
            limits=limits,
            base_url=origins.base_url,
            client_address=origins.client_address,
            invitations=_previews(settings),
            webhooks=webhooks.desk,
            has_meetings=meetings.calls.meetings is not None,
        ),
        registry=registry,
        watch=_watch(settings, store, registry),
        xsrf_key=xsrf_key,
        claimant_forms_key=keys.derive("claimant forms"),
        fingerprint_key=keys.derive("fingerprint"),
        # A login may read like what stands for a caller of links: the two are counted apart.
        link_attempts_key=keys.derive("link attempts"),
        webhooks=webhooks,
        meetings=meetings,
        live=Hub(store.live, settings.live_poll_seconds),
        streams=streams,
        attendance=Attendance(),
        background=background_of(settings, store, clock, ids, meetings.calls.window),
    )


def _webhooks(
    settings: Settings,
    store: Store,
    sealer: Sealer,
    clock: Clock,
    ids: IdSource,
    registry: CollectorRegistry,
) -> Webhooks:
    _demand_file("webhook_ca", settings.webhook_ca)
    try:
        return webhooks_of(settings, store, sealer, clock, ids, registry)
    except MailUnusable as error:
        raise CannotStart(str(error)) from error


def _previews(settings: Settings) -> Previews:
    try:
        return previews_of(settings)
    except MailUnusable as error:
        raise CannotStart(str(error)) from error


def _meetings(settings: Settings, store: Store, clock: Clock, ids: IdSource) -> MeetingParts:
    try:
        return meetings_of(settings, store, clock, ids)
    except MeetingsUnusable as error:
        raise CannotStart(str(error)) from error


def _keys(settings: Settings) -> tuple[KeyRing, ServerKeys, TokenSigner]:
    folder = settings.keys_folder
    try:
        if not settings.is_postgres and settings.sqlite_path.exists() and not (folder / KEY_FILE).exists():
            # New keys would open nothing of what the store holds.
            raise CannotStart(f"{settings.sqlite_path} was sealed with keys that are not in {folder}.")
        keys = load_or_create(folder)
        return KeyRing(folder, settle_seconds=SETTLE_SECONDS), keys, load_signer(folder, OWN_ISSUER)
    except (KeyFileError, OSError, ValueError) as error:
        raise CannotStart(str(error)) from error


async def demand_keys(parts: Parts) -> None:
    """Check that an open store was sealed with the keys that are there; raises CannotStart."""
    try:
        await demand_own_keys(parts.ring, parts.store.keys)
    except KeysInUse as error:
        folder = parts.settings.keys_folder
        raise CannotStart(f"{error} Put the database's own into {folder}.") from error
    except (KeyFileError, StoreBusy) as error:
        raise CannotStart(str(error)) from error


def _store(settings: Settings, sealer: Sealer, clock: Clock, ids: IdSource) -> Store:
    channels = channels_of(settings)
    if settings.is_postgres:
        return PostgresStore(settings.database, sealer, clock, ids, channels=channels)
    try:
        settings.sqlite_path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"{settings.sqlite_path.parent} cannot be made: {error}") from error
    return SqliteStore(settings.sqlite_path, sealer, clock, ids, channels=channels)


def _demand_file(name: str, path: str) -> None:
    if path and not Path(path).is_file():
        raise CannotStart(f"{name}: there is no file {path}.")


def _verifier(settings: Settings, signer: TokenSigner, clock: Clock, limits: Limits) -> TokenVerifier:
    issuers = [Issuer(signer.issuer, signer)]
    if settings.token_issuer:
        _demand_file("token_jwks", "" if "://" in settings.token_jwks else settings.token_jwks)
        source = settings.token_jwks or settings.token_issuer.rstrip("/") + "/.well-known/jwks.json"
        keys = RemoteKeys(source, fetch_document, clock, limits)
        issuers.append(Issuer(settings.token_issuer, keys, frozenset(settings.token_clients)))
    return TokenVerifier(tuple(issuers), clock, limits)


@contextlib.asynccontextmanager
async def started(parts: Parts, leave: Callable[[], None] = end_process) -> AsyncIterator[None]:
    """Open the store, plant the demo tenant when asked, hear commands, forget, deliver, work; close all.

    Raises CannotStart, also when a demo tenant would be reached from beyond loopback; should one appear
    later, `leave` is called.
    """
    try:
        await parts.store.open()
    except StoreUnusable as error:
        raise CannotStart(str(error)) from error
    try:
        parts.store.webhooks.listen(parts.live.nudge)
        await _prepare(parts)
        async with (
            _command_socket(parts),
            upkeep(parts.store, parts.clock),
            auditing(parts.store.audit),
            keeping(parts.ring),
            attending(parts.attendance, parts.store, parts.clock),
            _sentry(parts, leave),
            delivering(parts.webhooks, parts.store),
            working(parts.background),
        ):
            yield
    finally:
        await parts.live.stop()
        await parts.store.close()
        parts.passwords.close()


async def _prepare(parts: Parts) -> None:
    await demand_keys(parts)
    try:
        if not is_loopback(parts.settings.host):
            await parts.store.keep_demo_out()
        if parts.settings.demo and not await parts.store.tenants():
            await plant_demo(parts.store, parts.passwords, parts.clock())
    except DemoPresent as error:
        raise CannotStart(f"{error}: it is served on loopback only, not on {parts.settings.host}.") from error
    except (StoreUnusable, StoreBusy) as error:
        raise CannotStart(str(error)) from error


@contextlib.asynccontextmanager
async def _sentry(parts: Parts, leave: Callable[[], None]) -> AsyncIterator[None]:
    if is_loopback(parts.settings.host):
        yield
        return
    async with sentry(parts.store, leave):
        yield


@contextlib.asynccontextmanager
async def _command_socket(parts: Parts) -> AsyncIterator[None]:
    if parts.settings.is_postgres:
        yield
        return
    path = socket_path(parts.settings)
    async with contextlib.AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(commands.listening(path, parts.administrator))
        except OSError as error:
            raise CannotStart(f"{path}, which commands go through, cannot be made: {error}") from error
        yield


def socket_path(settings: Settings) -> Path:
    """Give where a server on SQLite listens for commands."""
    return settings.sqlite_path.with_suffix(".sock")


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
