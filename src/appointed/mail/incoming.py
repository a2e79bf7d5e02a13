"""Mail that comes in: who sent it, and the calendar that it carries (RFC 5322, RFC 6047)."""

import email
import re
from collections import Counter
from email.message import EmailMessage, Message
from email.policy import EmailPolicy, Policy
from typing import cast

import msgspec

from appointed.ical.replies import MOST_BYTES as MOST_CALENDAR_BYTES

MOST_BYTES = 10_000_000
CALENDAR_TYPES = ("text/calendar", "application/ics")
# The standard library takes long for each part, for each line within many open parts, for each
# parameter of the headers that describe parts, and for each address of a header.
MOST_PARTS = 100
MOST_LINES = 200_000
MOST_DESCRIBING = 20_000
MOST_CHARACTERS = 1_000
# Python knows more, among them some that take very long.
CHARSETS = re.compile(
    r"utf-?8|(us-)?ascii|iso-8859-\d{1,2}|latin-?1|windows-125\d|koi8-[ru]|utf-16"
    r"|gb2312|gbk|gb18030|big5|shift_jis|euc-(jp|kr)|iso-2022-jp"
)


class UnreadableMail(ValueError):
    """The message brings no calendar; the message of the error says why."""


class Incoming(msgspec.Struct, frozen=True):
    """The one address a message is from (lower case), and the calendar in it, as UTF-8."""

    sender: str
    calendar: bytes


class _Bounded(EmailPolicy):
    """The standard library's policy for one message, which stops when that asks for too much."""

    seen: Counter[str]

    def __init__(self) -> None:
        super().__init__(message_factory=self.part)
        # Policies refuse assignments.
        vars(self)["seen"] = Counter()

    def part(self, policy: Policy | None = None) -> EmailMessage:
        self.seen["parts"] += 1
        if self.seen["parts"] > MOST_PARTS:
            raise UnreadableMail("The message has too many parts.")
        return EmailMessage(policy)

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        if name.lower().startswith("content-"):
            self.seen["describing"] += len(value)
        if self.seen["describing"] > MOST_DESCRIBING:
            raise UnreadableMail("The message describes its parts at too great length.")
        return name, value


def read_message(data: bytes) -> Incoming:
    """Read a message as a mail server hands it on; raises UnreadableMail."""
    if len(data) > MOST_BYTES:
        raise UnreadableMail("The message is too large.")
    if data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n") > MOST_LINES:
        raise UnreadableMail("The message has too many lines.")
    try:
        policy = cast("Policy[EmailMessage]", _Bounded())
        message = email.message_from_bytes(data, policy=policy)
        return Incoming(_sender(message), _calendar(message))
    except UnreadableMail:
        raise
    # The standard library's parser stumbles over some damaged messages in ways of its own.
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise UnreadableMail("The message is damaged.") from error


def _sender(message: EmailMessage) -> str:
    said = [str(text) for name, text in message.raw_items() if name.lower() == "from"]
    if len(said) != 1 or len(said[0]) > MOST_CHARACTERS:
        raise UnreadableMail("The message is not from exactly one address.")
    senders = [one.addr_spec for one in message["From"].addresses]
    if len(senders) != 1 or "@" not in senders[0]:
        raise UnreadableMail("The message is not from exactly one address.")
    return str(senders[0]).lower()


def _calendar(message: EmailMessage) -> bytes:
    for kind in CALENDAR_TYPES:
        for part in message.walk():
            if part.get_content_type() == kind:
                return _bytes(part)
    # Some programs do not know what they attach.
    for part in message.walk():
        if (part.get_filename() or "").lower().endswith(".ics"):
            return _bytes(part)
    raise UnreadableMail("The message brings no calendar.")


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        raise UnreadableMail("The calendar in the message cannot be read.")
    if len(payload) > MOST_CALENDAR_BYTES:
        raise UnreadableMail("The calendar in the message is too large.")
    charset = part.get_content_charset("utf-8")
    if not CHARSETS.fullmatch(charset):
        raise UnreadableMail("The calendar in the message is in an unknown charset.")
    return payload.decode(charset, errors="replace").encode()
