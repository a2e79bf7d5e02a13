"""Adapters of the Store port: SQLite and PostgreSQL; all hand-written SQL."""
