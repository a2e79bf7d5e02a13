"""What the command line says of letters: what was not sent, and to try it again."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from appointed.domain.letter import LetterState
from appointed.usecases.ports import Store

# Due since long ago is due now.
AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
MOST_LISTED: Final = 1_000
OPEN: Final = (LetterState.WAITING, LetterState.SENDING, LetterState.REFUSED, LetterState.UNSURE)


class ListLetters(msgspec.Struct, frozen=True, tag="mail list", kw_only=True):
    """Tell which letters were not sent, and why."""

    tenant_id: int


class SendLettersAgain(msgspec.Struct, frozen=True, tag="mail again", kw_only=True):
    """Try again what was refused, and what nobody knows to have arrived."""

    tenant_id: int


MailCommand = ListLetters | SendLettersAgain


async def tend_mail(store: Store, command: MailCommand) -> dict[str, Any]:
    """Carry out a command about letters."""
    if isinstance(command, SendLettersAgain):
        count = await store.mail.again(command.tenant_id, AT_ONCE)
        return {"tenant": command.tenant_id, "again": count}
    letters = await store.mail.letters(command.tenant_id, OPEN, MOST_LISTED)
    counts = Counter(letter.state for letter in letters)
    report: dict[str, Any] = {str(state): counts[state] for state in OPEN}
    for letter in letters:
        tried = f"{letter.tried_at:%Y-%m-%d %H:%M}" if letter.tried_at else "not tried"
        said = (str(letter.state), tried, letter.last_error)
        report[f"{letter.mailing_id} {letter.name}"] = ", ".join(part for part in said if part)
    return report
