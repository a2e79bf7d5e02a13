"""Background work: what is due by the clock, and who does it."""
