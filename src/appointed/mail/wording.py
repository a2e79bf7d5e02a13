"""What a letter says: subject, text, HTML, or a short message."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment

from appointed.domain.appointment import Appointment
from appointed.domain.letter import Note
from appointed.domain.meeting import Place, claimant_url, invited_url
from appointed.domain.time_of_day import days_zone
from appointed.mail.languages import Words
from appointed.mail.outgoing import Outgoing, Word
from appointed.mail.own_words import is_page, words_of
from appointed.usecases.receivers import name_of

MOST_DATES: Final = 12
LONGEST_SUBJECT: Final = 180
LONGEST_SMS: Final = 600
FRAME: Final = ("heading", "lead", "facts", "link", "hint", "help", "footer")
WITHOUT_LINK: Final = frozenset({Word.CANCELLED, Word.REPLACED})


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What letters are written by: texts of the receiver's language, templates, zone, and our own address."""

    words: Words
    templates: Environment
    zone: ZoneInfo
    base_url: str


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A letter's words; `title` names the appointment in calendars, `link` leads to its meeting."""

    subject: str
    text: str
    html: str
    title: str
    link: str


def write_mail(letter: Outgoing, page: Page, note: Note | None = None) -> Written:
    """Write a mail."""
    said = _said(letter, page)
    values = _values(letter, page, said)
    given = note or Note()
    subject = given.subject or said["subject"].format_map(values)
    own = words_of(given.body)
    shown = {
        "subject": one_line(subject),
        "heading": said["heading"].format_map(values),
        "lead": said.get("body", "").format_map(values),
        "facts": list(_facts(letter, page, values)),
        "link": values["link"],
        "open_link": _of_link(letter, page)["open_link"],
        "link_hint": _of_link(letter, page)["link_hint"] if letter.guest is None else "",
        "text": own or (letter.rows[0].description if letter.guest else ""),
        "hint": _hint(letter, page.words),
        "help_heading": page.words["claimant"]["help"],
        "help": _help(letter),
        "footer": page.words["footer"],
        "language": page.words["language"],
    }
    if own and is_page(given.body):
        # Whoever sends a whole page has taken what we would say from the draft, or left it out.
        shown |= dict.fromkeys(FRAME, "")
    return Written(
        subject=one_line(subject)[:LONGEST_SUBJECT],
        text=page.templates.get_template("letter.txt.j2").render(shown).strip() + "\n",
        html=page.templates.get_template("letter.html.j2").render(shown),
        title=values["title"],
        link=values["link"],
    )


def write_sms(letter: Outgoing, page: Page) -> str:
    """Write a short message."""
    said = _said(letter, page)
    return one_line(said["sms"].format_map(_values(letter, page, said)))[:LONGEST_SMS]


def one_line(text: str) -> str:
    """Put a text on one line, without signs that nobody sees."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _said(letter: Outgoing, page: Page) -> Words:
    if letter.side is not None:
        joining: Words = page.words["join"][letter.side]
        return joining
    place = page.words if letter.guest else page.words["claimant"]
    said: Words = place[letter.word]
    return said


def _of_link(letter: Outgoing, page: Page) -> Words:
    found: Words = page.words["join" if letter.side is not None else "claimant"]
    return found


def _values(letter: Outgoing, page: Page, said: Words) -> dict[str, Any]:
    row, words = letter.rows[0], page.words
    owner = letter.directory.associates.get(row.owner_id)
    support = one_line(_help(letter))
    return {
        "title": _title(letter, words),
        "when": _first(letter, page),
        "organiser": owner.full_name if owner else "",
        "guest": letter.guest and (name_of(letter.guest, letter.directory) or letter.guest_address),
        "department": letter.department.name if letter.department else "",
        "reference": row.reference,
        "link": _link(letter, row, page.base_url),
        "help": f"{words['claimant']['help']} {support}" if support else "",
    }


def _title(letter: Outgoing, words: Words) -> str:
    row = letter.rows[0]
    said = row.title or row.description.strip().partition("\n")[0]
    if letter.guest is not None and (said or row.claimant is None):
        return one_line(said) or str(words["untitled"])
    # What a claimant comes for is nobody's business in a mailbox.
    department = letter.department.name if letter.department else ""
    return one_line(words["claimant"]["title"].format(department=department))


def _link(letter: Outgoing, row: Appointment, base_url: str) -> str:
    if letter.word in WITHOUT_LINK:
        return ""
    if letter.guest is not None:
        return row.video_url
    if row.meeting is None:
        return ""
    if letter.side is not None:
        return invited_url(row.meeting, letter.side, row.tenant_id, row.id, base_url)
    return claimant_url(Place(row.tenant_id, row.id, row.link_key), row.reference, base_url)


def _help(letter: Outgoing) -> str:
    return letter.department.support_text if letter.guest is None and letter.department else ""


def _hint(letter: Outgoing, words: Words) -> str:
    if letter.guest is None or (not letter.guest.key and letter.word is Word.ACCEPTED):
        # What somebody took from its receiver is in that diary by now.
        return ""
    if letter.receiver.associate_id:
        return str(words["in_diary"])
    return str(words["answer"]) if letter.word in (Word.INVITED, Word.MOVED) else ""


def _facts(letter: Outgoing, page: Page, values: dict[str, Any]) -> Any:
    row, words = letter.rows[0], page.words
    yield words["when"], "\n".join(_dates(letter, page))
    if row.location and letter.guest is not None:
        yield words["where"], one_line(row.location)
    if letter.guest is not None and values["organiser"]:
        yield words["organiser"], values["organiser"]
    if letter.guest is None:
        yield words["reference"], row.reference


def _dates(letter: Outgoing, page: Page) -> list[str]:
    rows = sorted(letter.rows, key=lambda row: row.starts_at)
    lines = [_when(row, letter, page) for row in rows[:MOST_DATES]]
    rest = len(rows) - MOST_DATES
    return [*lines, page.words["more"].format(count=rest)] if rest > 0 else lines


def _first(letter: Outgoing, page: Page) -> str:
    first = _when(min(letter.rows, key=lambda row: row.starts_at), letter, page)
    if len(letter.rows) == 1:
        return first
    return str(page.words["dates"].format(count=len(letter.rows), first=first))


def _when(row: Appointment, letter: Outgoing, page: Page) -> str:
    """Say when an appointment is, on the receiver's wall; whole days are the same on all walls."""
    zone = days_zone(row, letter.directory.zone) if row.is_all_day else page.zone
    start, end = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
    if row.is_all_day:
        end = max(end - timedelta(seconds=1), start)
    values = {
        "date": _day(start, page.words),
        "last": _day(end, page.words),
        "start": f"{start:%H:%M}",
        "end": f"{end:%H:%M}",
        "zone": str(zone),
    }
    form = "day" if row.is_all_day else "span"
    return str(page.words[form if start.date() == end.date() else f"{form}_days"].format_map(values))


def _day(at: datetime, words: Words) -> str:
    return str(
        words["date"].format(
            weekday=words["weekdays"][at.weekday()],
            day=at.day,
            month=words["months"][at.month - 1],
            year=at.year,
        )
    )
