"""Webhooks as SuperOffice speaks of them: who is subscribed, and what they are told."""
