"""Invitations by mail that somebody wants to read before they are sent."""

from typing import Protocol

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Directory
from appointed.usecases.receivers import Receiver


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that nobody has sent: whose, for whom, and what it says."""

    sender: Receiver
    receivers: tuple[Receiver, ...]
    subject: str
    text: str
    html: str


class Invitations(Protocol):
    """Writes invitations for those who want to read them first."""

    def invitation(
        self, row: Appointment, directory: Directory, language: str, by: int, base_url: str
    ) -> Preview:
        """Write what the participants of an appointment that `by` saves with mail would get.

        `language` "" is the department's. Without a mail server the sender has no address.
        """
        ...
