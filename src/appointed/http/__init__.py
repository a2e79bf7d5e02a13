"""Reading HTTP: bodies and their limits, preconditions, media types, who is calling."""
