"""The addresses of the pages of sources."""

from __future__ import annotations

from django.urls import path

from canyu.ops.sources import pages
from canyu.ops.sources.outbound import pages as outbound

urlpatterns = [
    path("", pages.show_sources, name="sources"),
    path("new/", pages.create_source, name="create_source"),
    path("one/<int:source_id>/", pages.show_source, name="source"),
    path("one/<int:source_id>/switch/", pages.switch_source, name="switch_source"),
    path("one/<int:source_id>/rotate/", pages.rotate_key, name="rotate_source_key"),
    path("quarantine/", pages.show_quarantine, name="quarantine"),
    path("quarantine.jsonl", pages.send_quarantine, name="quarantine_file"),
    path("quarantine/retry/", pages.retry_quarantine, name="retry_quarantine"),
    path("quarantine/<int:event_pk>/drop/", pages.drop_event, name="drop_quarantined"),
    path("webhooks/", outbound.show_subscriptions, name="webhooks"),
    path("webhooks/new/", outbound.edit_subscription, name="create_webhook"),
    path("webhooks/<int:subscription_id>/", outbound.show_subscription, name="webhook"),
    path("webhooks/<int:subscription_id>/edit/", outbound.edit_subscription, name="edit_webhook"),
    path("webhooks/<int:subscription_id>/switch/", outbound.switch_subscription, name="switch_webhook"),
    path("webhooks/<int:subscription_id>/rotate/", outbound.rotate_secret, name="rotate_webhook_secret"),
    path("webhooks/<int:subscription_id>/replay/", outbound.replay, name="replay_webhook"),
]
