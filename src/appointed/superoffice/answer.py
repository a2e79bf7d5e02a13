"""Answers of the SuperOffice contract: an entity as JSON or XML with its tags, and failures."""

import re
from collections.abc import Callable, Iterator

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from appointed.domain.appointment import Appointment
from appointed.domain.directory import View
from appointed.domain.errors import AppointedError, NotAcceptable
from appointed.domain.rights import Access, access
from appointed.http.conditional import etag, not_modified
from appointed.http.dates import http_date
from appointed.http.dry_run import is_told, would_be
from appointed.http.headers import Headers, headers_of
from appointed.http.lost import lost_header
from appointed.http.negotiate import XML_TYPES, negotiate
from appointed.http.replies import WholeAnswer
from appointed.superoffice import errors
from appointed.superoffice.context import NO_BLOCKERS, Blockers, Context, Manner
from appointed.superoffice.render import entity, entity_tree
from appointed.superoffice.request import Wish
from appointed.superoffice.trial import is_in_xml, tried_reply
from appointed.superoffice.xml import write_xml
from appointed.usecases.ports import Clock, Outcome, Reply

JSON = "application/json; charset=utf-8"
XML = "application/xml; charset=utf-8"
ROOT = "AppointmentEntityWithLinks"
PLAIN_ROOT = "AppointmentEntity"
REPLAYED = ("Idempotent-Replayed", "true")
LONGEST_LIST = 4_096
_NOT_PLAIN = re.compile(r"[^ -~]")
VARY = ("Vary", "Accept, Accept-Language, SO-Language, SO-TimeZone")
# What the status line says (Response; Sample response; of deleting, the vendor's own document).
FOUND, UPDATED = b"AppointmentEntity found.", b"AppointmentEntity updated."
DELETED = b"AppointmentEntity deleted."


class Seen(msgspec.Struct, frozen=True):
    """A row as it is answered, with what it was read beside."""

    row: Appointment
    view: View
    has_conflict: bool
    blockers: Blockers = NO_BLOCKERS


Writer = Callable[[Outcome], Reply]


def writer_of(manner: Manner, wish: Wish, clock: Clock) -> Writer:
    """Make the function that answers a change with the entity as it stands after it."""

    def write(outcome: Outcome) -> Reply:
        row = outcome.rows[0]
        if outcome.directory is None:
            raise TypeError("the store answered a change without its directory")
        seen = Seen(
            row, View(outcome.directory, clock()), row.id in outcome.conflicts, outcome.blockers or {}
        )
        reply = _reply(seen, manner, wish)
        if not (outcome.ignored or outcome.lost):
            return reply
        return Reply(reply.status, (*reply.headers, *_left_out(outcome)), reply.body)

    return write


def _left_out(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Name what was given and ignored, and the days of exceptions that a new rule had no place for."""
    if outcome.ignored:
        yield "Appointed-Ignored", header_list(outcome.ignored)
    yield from lost_header(outcome)


def header_list(names: tuple[str, ...]) -> str:
    """Write names as the value of a header."""
    # Keys of dictionaries are the caller's own spelling: no header may carry whatever they hold.
    return _NOT_PLAIN.sub("?", ", ".join(names))[:LONGEST_LIST]


def answer(outcome: Outcome, write: Writer, said: bytes = b"") -> ASGIApp:
    """Answer a change, what its earlier twin was answered, or what a dry run found.

    A change that was made is answered with the phrase `said`.
    """
    if outcome.pairs is not None:
        real = write(outcome)
        return WholeAnswer(tried_reply((outcome,), real, is_xml=is_in_xml(real)))
    if outcome.replayed is None:
        return WholeAnswer(write(outcome), said)
    replayed = outcome.replayed
    return WholeAnswer(Reply(replayed.status, (*replayed.headers, REPLAYED), replayed.body))


def entity_answer(seen: Seen, manner: Manner, wish: Wish, *more: tuple[str, str]) -> ASGIApp:
    """Answer a row without tags: one that is not stored, or an agent's; `more` are headers."""
    body, media_type = _body(seen, context_of(seen, manner), wish, with_links=False)
    return WholeAnswer(Reply(200, (("Content-Type", media_type), VARY, *more), body))


def read_answer(headers: Headers, seen: Seen, manner: Manner, wish: Wish) -> ASGIApp:
    """Answer a read, with 304 when the caller has this form of this revision.

    Whoever may not read the row gets no tags and no 304: these would tell that somebody changed it.
    """
    row = seen.row
    if access(manner.principal, row, seen.view.directory) < Access.READ:
        return WholeAnswer(_reply(seen, manner, wish), FOUND)
    tag = etag(row.revision, wish.form)
    if not_modified(headers, tag, None if row.is_second_shared else row.modified_at):
        return WholeAnswer(Reply(304, _tags(row, wish), b""))
    return WholeAnswer(_reply(seen, manner, wish), FOUND)


def write_error(request: Request, error: AppointedError) -> ASGIApp:
    """Word a failure, in XML for those who want nothing else, or tell of it where a dry run asked for it."""
    is_xml = wants_xml(headers_of(request.scope))
    reply = errors.reply_to(error, is_xml=is_xml)
    if is_told(request.scope, reply.status):
        return WholeAnswer(tried_reply(would_be(error), reply, is_xml=is_xml, error=error))
    return WholeAnswer(reply, errors.phrase_of(error))


def wants_xml(headers: Headers) -> bool:
    """Tell whether a failure is told in XML; whatever else cannot be had is told in JSON."""
    try:
        return negotiate(headers) in XML_TYPES
    except NotAcceptable:
        return False


def _reply(seen: Seen, manner: Manner, wish: Wish) -> Reply:
    ctx = context_of(seen, manner)
    body, media_type = _body(seen, ctx, wish)
    tags = _tags(seen.row, wish) if ctx.access >= Access.READ else (VARY,)
    return Reply(200, (("Content-Type", media_type), *tags), body)


def _tags(row: Appointment, wish: Wish) -> tuple[tuple[str, str], ...]:
    return (("ETag", etag(row.revision, wish.form)), ("Last-Modified", http_date(row.modified_at)), VARY)


def context_of(seen: Seen, manner: Manner) -> Context:
    """Make the context to write a row in."""
    known = msgspec.structs.replace(manner, has_conflict=seen.has_conflict, blockers=seen.blockers)
    return known.context(seen.row, seen.view)


def _body(seen: Seen, ctx: Context, wish: Wish, *, with_links: bool = True) -> tuple[bytes, str]:
    if not wish.is_xml and wish.selection is None:
        return entity(seen.row, ctx, with_links=with_links), JSON
    tree = entity_tree(seen.row, ctx, with_links=with_links)
    if wish.selection is not None:
        tree = wish.selection.trimmed(tree)
    if wish.is_xml:
        return write_xml(ROOT if with_links else PLAIN_ROOT, tree), XML
    return msgspec.json.encode(tree), JSON
