"""Mail about appointments."""
