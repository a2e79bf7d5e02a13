"""Webhooks beside the SQOD contract: subscribed in its style, sent as Standard Webhooks."""
