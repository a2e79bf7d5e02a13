"""Filters that nobody should send."""

BAD = (
    "(" * 1_000 + "completed" + ")" * 1_000,
    "completed and " * 700 + "completed",
    "location is '" + "x" * 10_000 + "'",
    "x" * 10_001,
    "location is 'x' OR 1=1 --",
    "'; DROP TABLE appointment; --",
    "location is 'x'); DELETE FROM appointment; --",
    "appointmentId eq 1 UNION SELECT 1",
    "type eq 99999999999999999999",
    "date eq 99999-01-01",
    "saleId eq 'x'",
    "completed set 7",
    "contact/name",
    "\x00",
    "location is '\x00'",
)
