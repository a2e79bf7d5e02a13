"""A record as an answer: as JSON or XML, with its tags."""

from collections.abc import Callable

import msgspec
from starlette.types import ASGIApp

from appointed.domain.directory import Record, View
from appointed.http.conditional import etag, not_modified
from appointed.http.dates import http_date
from appointed.http.headers import Headers
from appointed.http.replies import WholeAnswer
from appointed.superoffice.answer import JSON, VARY, XML, header_list
from appointed.superoffice.context import Manner
from appointed.superoffice.records.tables import Kind
from appointed.superoffice.request import Wish
from appointed.superoffice.xml import write_xml
from appointed.usecases.ports import Clock, Outcome, Reply

WITH_LINKS = "WithLinks"


def writer_of(kind: Kind, manner: Manner, wish: Wish, clock: Clock) -> Callable[[Outcome], Reply]:
    """Make the function that answers a change with the entity as it stands, or would stand, after it."""

    def write(outcome: Outcome) -> Reply:
        if outcome.directory is None or outcome.record is None:
            raise TypeError("the store answered a change without its record")
        view = View(outcome.directory, clock())
        reply = _reply(kind, outcome.record, view, manner, wish)
        if not outcome.ignored:
            return reply
        ignored = ("Appointed-Ignored", header_list(outcome.ignored))
        return msgspec.structs.replace(reply, headers=(*reply.headers, ignored))

    return write


def read_answer(
    headers: Headers, kind: Kind, record: Record, view: View, manner: Manner, wish: Wish
) -> ASGIApp:
    """Answer a read, with 304 when the caller has this form of this revision."""
    tag = etag(record.revision, wish.form)
    if not_modified(headers, tag, None if record.is_second_shared else record.modified_at):
        return WholeAnswer(Reply(304, _tags(record, wish), b""))
    return WholeAnswer(_reply(kind, record, view, manner, wish))


def draft_answer(kind: Kind, record: Record, view: View, manner: Manner, wish: Wish) -> ASGIApp:
    """Answer a record that is not stored: without tags."""
    body, media_type = _body(kind, record, view, manner, wish, with_links=False)
    return WholeAnswer(Reply(200, (("Content-Type", media_type), VARY), body))


def _reply(kind: Kind, record: Record, view: View, manner: Manner, wish: Wish) -> Reply:
    body, media_type = _body(kind, record, view, manner, wish, with_links=True)
    return Reply(200, (("Content-Type", media_type), *_tags(record, wish)), body)


def _tags(record: Record, wish: Wish) -> tuple[tuple[str, str], ...]:
    return (
        ("ETag", etag(record.revision, wish.form)),
        ("Last-Modified", http_date(record.modified_at)),
        VARY,
    )


def _body(
    kind: Kind, record: Record, view: View, manner: Manner, wish: Wish, *, with_links: bool
) -> tuple[bytes, str]:
    tree = kind.tree(record, manner.general(view), with_links=with_links)
    if wish.selection is not None:
        tree = wish.selection.trimmed(tree)
    if wish.is_xml:
        return write_xml(kind.root + WITH_LINKS if with_links else kind.root, tree), XML
    return msgspec.json.encode(tree), JSON
