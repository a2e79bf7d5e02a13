"""A whole answer on its way out; the same as Starlette's Response, without what no answer of ours needs."""

from starlette.types import Message, Receive, Scope, Send

from appointed.usecases.ports import Reply

# These have no body, and so no length (RFC 9110 §8.6).
BODILESS = frozenset({204, 304})

# Where a message says the phrase of its status line; ASGI has no word for it, and other servers pass it over.
REASON = "appointed.reason"
# Where it says for how many seconds what is sent may stay unanswered before the other end counts as gone.
UNANSWERED = "appointed.unanswered"


class WholeAnswer:
    """An ASGI application that sends one reply.

    `said` is the phrase of its status line, the usual one without; our own protocol alone reads it.
    """

    __slots__ = ("_reply", "_said")

    def __init__(self, reply: Reply, said: bytes = b"") -> None:
        self._reply = reply
        self._said = said

    @property
    def reply(self) -> Reply:
        """Give what will be sent."""
        return self._reply

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it; HEAD is answered without the body, but with its length."""
        reply = self._reply
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
        if reply.status not in BODILESS:
            headers.append((b"content-length", b"%d" % len(reply.body)))
        start: Message = {"type": "http.response.start", "status": reply.status, "headers": headers}
        if self._said:
            start[REASON] = self._said
        await send(start)
        await send({"type": "http.response.body", "body": reply.body})
