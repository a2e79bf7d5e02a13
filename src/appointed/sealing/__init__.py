"""Sealed values and their keys; no I/O but the key file."""
