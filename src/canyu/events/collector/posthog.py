"""PostHog's events in the shape of Segment's, so that one reading serves both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

# What PostHog's clients tell of themselves and of the page's workings: nothing that a person did to something.
CHATTER = frozenset(
    {"$autocapture", "$rageclick", "$dead_click", "$pageleave", "$set", "$feature_flag_called", "$web_vitals"}
    | {"$exception", "$snapshot", "$opt_in", "$groupidentify", "$heatmap", "$$heatmap"}
    | {"$performance_event", "$feature_enrollment_update", "$copy_autocapture"}
)
TYPES = {"$pageview": "page", "$screen": "screen", "$identify": "identify", "$create_alias": "alias"}
UTM = {"source": "utm_source", "medium": "utm_medium", "name": "utm_campaign", "term": "utm_term"} | {
    "content": "utm_content"
}
OWN = frozenset({"token", "distinct_id", *UTM.values()})
LONGEST_OFFSET_MS = 7 * 24 * 3600 * 1000


def is_chatter(event: Mapping[str, Any]) -> bool:
    """Say whether an event tells of the client itself, and not of what somebody did."""
    return event.get("event") in CHATTER


def build_payload(event: Mapping[str, Any], received: datetime) -> dict[str, Any]:
    """Return a PostHog event as a Segment-style payload; what the client notes of the device stays behind.

    >>> build_payload({"event": "$pageview", "uuid": "u", "distinct_id": "d",
    ...                "properties": {"$current_url": "https://a.example/"}}, datetime(2026, 1, 1))["type"]
    'page'
    """
    given = event.get("properties")
    given = given if isinstance(given, Mapping) else {}
    name = event.get("event")
    payload: dict[str, Any] = {
        "type": TYPES.get(name, "track") if isinstance(name, str) else "track",
        "event": name,
        "messageId": event.get("uuid") or given.get("$insert_id") or event.get("message_id"),
        "userId": event.get("distinct_id") or given.get("distinct_id"),
        "timestamp": event.get("timestamp") or _find_time(event, received),
        "name": given.get("$screen_name"),
        "context": {
            "campaign": {short: given[long] for short, long in UTM.items() if given.get(long)},
            "page": {"url": given.get("$current_url")},
            "locale": given.get("$browser_language") or given.get("$locale"),
        },
        # "$" begins what the client adds of itself: browser, screen, session, library, groups
        "properties": {key: value for key, value in given.items() if not key.startswith("$") and key not in OWN},
    }
    if name == "$identify":
        payload["anonymousId"] = given.get("$anon_distinct_id")
    elif name == "$create_alias":
        payload |= {"previousId": given.get("distinct_id") or event.get("distinct_id"), "userId": given.get("alias")}
        payload["properties"] = {}
    return payload


def _find_time(event: Mapping[str, Any], received: datetime) -> str:
    """Return the time of an event that says only how many milliseconds before the sending it was."""
    offset = event.get("offset")
    is_usable = isinstance(offset, int | float) and 0 <= offset <= LONGEST_OFFSET_MS
    return (received - timedelta(milliseconds=float(offset) if is_usable and offset else 0)).isoformat()
