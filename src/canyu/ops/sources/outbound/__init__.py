"""Outbound webhooks: events and alerts told on as CloudEvents, signed, tried again, and replayed on demand."""
