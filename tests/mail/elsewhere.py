"""A guest's calendar elsewhere, which knows only what letters say."""

from datetime import datetime
from typing import Any

import recurring_ical_events
from icalendar import Calendar


def events(mail: Any) -> list[Any]:
    """Give the events of a mail's calendar."""
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return list(Calendar.from_ical(part.get_content()).walk("VEVENT"))


class Elsewhere:
    """A guest's calendar, which knows of a series what letters say, and takes no date it does not know."""

    def __init__(self) -> None:
        self.series: Any = None
        self.counted = 0
        self.apart: dict[datetime, Any] = {}

    def take(self, mail: Any) -> str:
        """Do what the letter asks; answers its method."""
        (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
        calendar = Calendar.from_ical(part.get_content())
        method = str(calendar["METHOD"])
        assert part["Content-Type"].params["method"] == method
        for event in calendar.walk("VEVENT"):
            # Real ones leave out what counts lower than what they have.
            counted = int(event["SEQUENCE"])
            assert "RECURRENCE-ID" in event or counted >= self.counted, f"{counted} after {self.counted}"
            self.counted = max(self.counted, counted)
            if "RECURRENCE-ID" not in event and method == "CANCEL":
                # All of it, and what else stands there of single dates.
                self.series, self.apart, self.counted = None, {}, 0
                break
            if "RECURRENCE-ID" not in event:
                self.series, self.apart = event, {}
                continue
            date = event["RECURRENCE-ID"].dt
            assert date in self._own(), f"{method} of {date}"
            self.apart[date] = None if method == "CANCEL" else event
        return method

    def _own(self) -> list[datetime]:
        if self.series is None:
            return []
        calendar = Calendar()
        calendar.add_component(self.series)
        return [one["DTSTART"].dt for one in recurring_ical_events.of(calendar).all()]

    def dates(self) -> list[str]:
        """Say when it has the series, on the wall."""
        at = {date: date for date in self._own()}
        at |= {date: one and one["DTSTART"].dt for date, one in self.apart.items()}
        return sorted(f"{one:%m-%d %H}" for one in at.values() if one)
