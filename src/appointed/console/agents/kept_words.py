"""What a kept form will send, in words: so that whoever presses its button sees it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from appointed.console.agents import department_form
from appointed.console.agents.desk import read_zone
from appointed.console.agents.edit_form import DATA, GROUPS, ON, WAS, Look, instant_text
from appointed.console.agents.kept import Kept
from appointed.console.agents.offers import read_instant
from appointed.console.look.languages import Language
from appointed.domain.directory import Department, Directory
from appointed.domain.principal import Principal
from appointed.domain.rights import may_see_department, may_see_user

Line = tuple[str, str]
# What each form does, by the end of its address.
_TITLES: Final = {
    "book": "agents.booking.title",
    "edit": "agents.edit.title",
    "cancel": "agents.cancel.title",
    "reschedule": "agents.moving.title",
    "message": "agents.message.title",
    "ask": "agents.invite.send",
}
# Departments are named by numbers.
_RECORD: Final = "agents.departments.one"
_LABELS: Final = {
    "message": "agents.message.label",
    "reason": "agents.again.reason",
    "role": "agents.field.role",
    "to": "agents.invite.to_both",
    "department": "agents.field.department_id",
    "minutes": "agents.field.duration_in_minutes",
}
_BEGINS: Final = "agents.field.appointment_at"
_LOOKS: Final = {
    field.name: field.look
    for groups in (GROUPS, department_form.GROUPS)
    for fields in groups.values()
    for field in fields
}
# Choices that the language files have words for, by their fields.
_CHOICES: Final = {
    "status": "agents.status.",
    "features_bandwidth": "agents.bandwidth.",
    "role": "agents.invite.as_",
}
_NOTHING: Final = "–"


class KeptWords(msgspec.Struct, frozen=True):
    """Words for what a form holds, of nobody whom its reader may not know of.

    Times are those of the zone that it was shown in.
    """

    kept: Kept
    language: Language
    principal: Principal
    directory: Directory

    @property
    def zone(self) -> ZoneInfo:
        """Give the zone of the times."""
        return read_zone(self._text("zone")) or self.directory.zone

    @property
    def title(self) -> str:
        """Say what the form does."""
        return self.language.text(_TITLES.get(self.kept.path.rpartition("/")[2], _RECORD))

    def lines(self) -> list[Line]:
        """Name what was typed or chosen, and what it is now."""
        return [*self._begins(), *self._plain(), *self._changed()]

    def _begins(self) -> Iterator[Line]:
        own, slot = self._text("own"), self._text("slot")
        chosen = own if slot in ("", "own") else slot
        if chosen:
            yield self.language.text(_BEGINS), self._moment(chosen)

    def _plain(self) -> Iterator[Line]:
        for name, label in _LABELS.items():
            if text := self._text(name):
                yield self.language.text(label), self._written(name, text)

    def _changed(self) -> Iterator[Line]:
        for name in self.kept.fields:
            text = self._text(name)
            if WAS + name in self.kept.fields and name != "own" and text != self._text(WAS + name):
                yield self._label(name), self._written(name, text)

    def _text(self, name: str) -> str:
        return self.kept.fields.get(name, "").strip()

    def _label(self, name: str) -> str:
        if name.startswith(DATA):
            asked = (field for one in self._departments() for field in one.data_fields)
            found = next((field.name for field in asked if DATA + str(field.id) == name), "")
            return found or self.language.text("agents.fact.old_question")
        return self._worded(f"agents.field.{name}", name)

    def _written(self, name: str, text: str) -> str:
        write: Mapping[str, Callable[[str], str]] = {
            "appointment_at": self._moment,
            "department": self._department,
            "department_id": self._department,
            "default_user_id": self._associate,
        }
        if name in write:
            return write[name](text)
        if _LOOKS.get(name) == Look.SWITCH:
            return self.language.text("agents.on" if text == ON else "agents.off")
        return self._worded(_CHOICES.get(name, "=") + text, text) or _NOTHING

    def _moment(self, text: str) -> str:
        found = read_instant(text if text.endswith("Z") else instant_text(text, self.zone))
        try:
            return self.language.moment(found, self.zone) if found else text or _NOTHING
        except OverflowError:
            return text

    def _department(self, text: str) -> str:
        names = {str(one.id): one.name for one in self._departments()}
        return names.get(text, text) or _NOTHING

    def _associate(self, text: str) -> str:
        everybody = self.directory.associates.values()
        names = {
            str(one.id): one.full_name
            for one in everybody
            if may_see_user(self.principal, one, self.directory)
        }
        return names.get(text, text) or _NOTHING

    def _departments(self) -> list[Department]:
        return [
            one
            for one in self.directory.departments.values()
            if may_see_department(self.principal, one.id, self.directory)
        ]

    def _worded(self, key: str, otherwise: str) -> str:
        return self.language.text(key) if isinstance(self.language.texts.get(key), str) else otherwise
