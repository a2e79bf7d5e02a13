"""A request and its answer on one connection: a whole answer leaves in one write, not head and body apart."""

from collections.abc import Iterable, MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from appointed.http.replies import BODILESS, REASON, UNANSWERED

Message = MutableMapping[str, Any]
RawHeaders = Iterable[tuple[bytes, bytes]]

# No header may hold one; each line of a head ends with two of them.
_CONTROLS = bytes(range(9)) + bytes(range(10, 32)) + b"\x7f"
_LENGTH, _CONNECTION = b"content-length", b"connection"


class Exchange(RequestResponseCycle):
    """uvicorn's own, except that a head which tells the length waits for its body.

    Names of headers are lower case, as ASGI has them.
    """

    _head: Message | None = None
    _told: dict[bytes, bytes]

    async def send(self, message: Message) -> None:  # type: ignore[override]  # what ASGI calls a message
        """Take a part of the answer; writes once it is whole, or as it comes when nobody knows its length."""
        head = self._head
        if head is None:
            if self.response_started or self.access_log or not self._tells_length(message):
                if UNANSWERED in message:
                    wire: Any = self.transport
                    wire.give_up_after(message[UNANSWERED])
                await super().send(message)  # type: ignore[arg-type]
            else:
                self._head = message
                self.response_started = True
            return
        self._head = None
        if message["type"] != "http.response.body" or message.get("more_body", False):
            self.response_started = False
            await super().send(head)  # type: ignore[arg-type]
            await super().send(message)  # type: ignore[arg-type]
            return
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if not self.disconnected:
            self._answer(_status_line(head), head["headers"], message.get("body", b""))

    def _tells_length(self, message: Message) -> bool:
        if message["type"] != "http.response.start":
            return False
        self._told = dict(message.get("headers", ()))
        return _LENGTH in self._told or message["status"] in BODILESS

    def whole_body(self) -> bytes | None:
        """Give the request's body if all of it is there, and nobody has to wait; None otherwise.

        Also that of a caller who has left meanwhile: what was sent whole is done whole.
        """
        if self.more_body or self.response_complete or self.waiting_for_100_continue:
            return None
        if not self.disconnected:
            self.flow.resume_reading()
        self.message_event.clear()
        body, self.body = bytes(self.body), bytearray()
        return body

    def _answer(self, status_line: bytes, headers: RawHeaders, body: bytes) -> None:
        self.waiting_for_100_continue = False
        lines = [b"%b: %b\r\n" % header for header in (*self.default_headers, *headers)]
        is_last = b"close" in self._told.get(_CONNECTION, b"").lower()
        if not self.keep_alive and not is_last:
            lines.append(b"connection: close\r\n")
        self.keep_alive = self.keep_alive and not is_last
        head = b"".join([status_line, *lines, b"\r\n"])
        if len(head) - len(head.translate(None, _CONTROLS)) != 2 * (len(lines) + 2):
            raise RuntimeError("A header holds a control character.")
        if self.scope["method"] == "HEAD":
            body = b""
        elif len(body) != int(self._told.get(_LENGTH, 0)):
            raise RuntimeError("The body is not as long as its head says.")
        self.transport.write(head + body)
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


def _status_line(head: Message) -> bytes:
    said = head.get(REASON)
    return b"HTTP/1.1 %d %b\r\n" % (head["status"], said) if said else STATUS_LINE[head["status"]]
