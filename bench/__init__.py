"""Measurements, each a command of its own; nothing here decides whether a test passes."""
