"""What the clients are told: in each one's own shape, as much as it needs to go on sending."""

from __future__ import annotations

from typing import Any

from canyu.kit.raw_http import Answer, make_json_answer

KEPT = make_json_answer(200, {"success": True, "status": 1})
PREFLIGHT_HEADERS = (
    b"authorization, content-type, anonymousid, isprebatchedpayload, x-retry-count, x-requested-with, accept"
)


def refuse(status: int, code: str, message: str, *, wait_s: int = 0) -> Answer:
    """Return a refusal in the shape of all of Canyu's doors; ``wait_s`` says when to come again."""
    answer = make_json_answer(status, {"code": code, "message": message})
    return answer.with_headers((b"retry-after", str(wait_s).encode())) if wait_s else answer


NO_CALL = refuse(404, "not_found", "The collector has nothing here.")
NO_KEY = refuse(401, "unknown_key", "No source that is switched on has this write key.")
NO_ORIGIN = refuse(403, "origin", "Pages of this origin may not send with this key.")
NO_METHOD = refuse(405, "method", "Events are sent by POST.")
NO_JSON = refuse(400, "no_json", "The body is neither a batch nor an event in JSON.")
TOO_LARGE = refuse(413, "too_large", "The body is larger than the collector takes.")
TOO_SLOW = refuse(408, "too_slow", "The body did not arrive in time.")
FULL = refuse(503, "full", "The disk takes no more: send it again later.", wait_s=10)
BUSY_WAIT_S = 2


def refuse_for_now(wait_s: int = BUSY_WAIT_S) -> Answer:
    """Return the answer to a source that sends more than is taken just now."""
    return refuse(429, "too_many", "More than is taken just now: send it again later.", wait_s=wait_s)


def describe_segment(key: str, scheme: str, host: str) -> dict[str, Any]:
    """Return the settings that Segment's browser client asks for: everything goes back to where they came from."""
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": key,
                "apiHost": f"{host}/v1",
                "protocol": scheme,
                "unbundledIntegrations": [],
                "addBundledMetadata": False,
                "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
            }
        },
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }


def describe_rudderstack(key: str, name: str) -> dict[str, Any]:
    """Return the source that RudderStack's browser client asks for: switched on, with no destination of its own."""
    off = {"enabled": False}
    return {
        "source": {
            "id": name,
            "name": name,
            "writeKey": key,
            "enabled": True,
            "workspaceId": "canyu",
            "config": {"statsCollection": {"errors": off, "metrics": off}},
            "destinations": [],
            "dataplanes": {},
        }
    }


def describe_posthog(key: str) -> dict[str, Any]:
    """Return the settings that PostHog's browser client asks for: events only, no recording, no further scripts."""
    return {
        "token": key,
        "supportedCompression": ["gzip", "gzip-js"],
        "hasFeatureFlags": False,
        "sessionRecording": False,
        "surveys": False,
        "heatmaps": False,
        "autocapture_opt_out": True,
        "autocaptureExceptions": False,
        "capturePerformance": False,
        "captureDeadClicks": False,
        "productTours": False,
        "siteApps": [],
        "isAuthenticated": False,
        "defaultIdentifiedOnly": True,
        "toolbarParams": {},
        "analytics": {"endpoint": "/e/"},
    }


def describe_flags() -> dict[str, Any]:
    """Return the answer to a question for feature flags: there are none here."""
    return {
        "flags": {},
        "featureFlags": {},
        "featureFlagPayloads": {},
        "errorsWhileComputingFlags": False,
        "quotaLimited": [],
        "requestId": "",
    }
