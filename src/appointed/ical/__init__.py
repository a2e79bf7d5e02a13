"""iCalendar in and out; no I/O."""
