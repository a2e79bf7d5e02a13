"""The audit log, single claimants and the customer's settings under `/api/v1/` (ours: ADR 0151)."""
