"""The letter to those who want to hear that a webhook fails: which one, where it calls, what comes of it."""

from urllib.parse import urlsplit

from jinja2 import Environment

from appointed.domain.letter import LetterName, Mailing, Note
from appointed.domain.webhook import HookState, Webhook
from appointed.mail.languages import Words
from appointed.mail.outgoing import Pseudonym
from appointed.mail.wording import LONGEST_SUBJECT, Written, one_line


def letters_of(mailing: Mailing, pseudonym: Pseudonym) -> list[LetterName]:
    """Name the one letter of such a mailing; none when its words cannot be opened any more."""
    note = mailing.note or Note()
    if not note.to:
        return []
    reader = pseudonym(mailing.tenant_id, note.to)
    hook = f"w{note.webhook_id}"
    return [LetterName(f"{hook}/failing/{note.channel}/x{reader}", f"{hook}/{note.channel}/x{reader}")]


def write_failing(hook: Webhook, words: Words, templates: Environment) -> Written:
    """Write the letter. Of the target only its host is told: what follows may be a secret."""
    said = words["webhook"]
    is_stopped = hook.state is HookState.STOPPED
    target = urlsplit(hook.target_url)
    values = {
        "name": one_line(hook.name) or str(hook.id),
        "host": target.hostname or "",
        "count": hook.usage.errors_in_row,
    }
    shown = {
        "heading": said["heading"].format_map(values),
        "lead": said["stopped" if is_stopped else "body"].format_map(values),
        "facts": [
            (said["name"], values["name"]),
            (said["target"], values["host"]),
            (said["error"], one_line(hook.usage.last_error)),
        ],
        "link": "",
        "text": "",
        "hint": "" if is_stopped else said["hint"].format_map(values),
        "help": "",
        "footer": words["footer"],
        "language": words["language"],
    }
    return Written(
        subject=one_line(said["subject"].format_map(values))[:LONGEST_SUBJECT],
        text=templates.get_template("letter.txt.j2").render(shown).strip() + "\n",
        html=templates.get_template("letter.html.j2").render(shown),
        title="",
        link="",
    )
