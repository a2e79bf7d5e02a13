"""What an invitation would say, before it is sent to anybody."""

from zoneinfo import ZoneInfo

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Directory
from appointed.domain.letter import Channel, LetterName
from appointed.domain.participant import Participant
from appointed.mail.languages import Texts
from appointed.mail.message import Sender
from appointed.mail.outgoing import Outgoing, Word
from appointed.mail.wording import Page, write_mail
from appointed.usecases.invitations import Preview
from appointed.usecases.receivers import Receiver, letters_to

NOBODY = Participant(key=0)


class Previews(msgspec.Struct, frozen=True, kw_only=True):
    """Writes invitations as the postman would, to be read by whoever is to send them."""

    texts: Texts
    sender: Sender

    def invitation(
        self, row: Appointment, directory: Directory, language: str, by: int, base_url: str
    ) -> Preview:
        """Write the invitation that participants of a new appointment would get by mail."""
        told = [(notice.participant, to) for notice, to in letters_to(None, row, directory, by)]
        # Somebody outside reads how to answer, whoever has a diary here does so there.
        told.sort(key=lambda one: one[1].associate_id != 0)
        guest, receiver = told[0] if told else (NOBODY, Receiver(address=""))
        place = (row.tenant_id, row.department_id)
        letter = Outgoing(
            name=LetterName("", ""),
            word=Word.INVITED,
            channel=Channel.EMAIL,
            receiver=receiver,
            directory=directory,
            rows=(row,),
            guest=guest,
        )
        department = letter.department
        words = self.texts.words(language or (department.language if department else ""), *place)
        page = Page(
            words=words,
            templates=self.texts.environment(*place),
            zone=ZoneInfo(directory.tenant.zone),
            base_url=base_url,
        )
        written = write_mail(letter, page)
        owner = directory.associates.get(row.owner_id)
        return Preview(
            sender=Receiver(
                address=self.sender.address,
                name=owner.full_name if owner else self.sender.name,
                associate_id=row.owner_id,
            ),
            receivers=tuple(to for _guest, to in told),
            subject=written.subject,
            text=written.text,
            html=written.html,
        )
