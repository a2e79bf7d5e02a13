"""Video rooms."""
