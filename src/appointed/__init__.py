"""Appointed: an appointment server that keeps one appointment and speaks of it in two public contracts."""

__version__ = "0.1.0"
