"""The agents' pages under `/agent-web`: who waits, one appointment, and all that can be done with it."""
