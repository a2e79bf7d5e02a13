"""Departments, users and the caller under `/api/v1/` (ours: ADR 0116)."""
