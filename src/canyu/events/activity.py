"""Events as Activity Streams 2.0 (W3C Recommendation, 2017), so that other systems can read them without our schema."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from canyu.events.vocabulary import SPECS, Verb
from canyu.kit.jsonio import parse_json

CONTEXT: list[Any] = ["https://www.w3.org/ns/activitystreams", {"canyu": "urn:canyu:ns:"}]
"""The context of every document; ``canyu:`` names what the standard has no word for."""

SPEAKING = frozenset({Verb.POST, Verb.COMMENT, Verb.REPLY, Verb.COMPLAIN, Verb.SUBMIT, Verb.RATE})
"""Types whose object is the words themselves."""


def build_activity(event: dict[str, Any]) -> dict[str, Any]:
    """Return one event (a row of ``EVENT_SCHEMA``) as an activity; what is null is left out.

    An extension type stands beside ``Activity``, as section 5 of the vocabulary asks.
    """
    verb = Verb(event["type"])
    named = SPECS[verb].activity
    activity: dict[str, Any] = {
        "id": _name("event", event["id"]),
        "type": ["Activity", named] if named.startswith("canyu:") else named,
        "published": event["time"],
        "actor": {"type": "Person", "id": _name("actor", event["actor"])} if event["actor"] else None,
        "object": _build_object(verb, event),
        "target": _name("object", event["object"]) if event["object"] and verb in SPEAKING else None,
        "generator": {"type": "Service", "name": event["channel"]} if event["channel"] else None,
        "canyu:received": event["received"],
        "canyu:verb": event["type"],
        "canyu:source": event["source"],
        "canyu:market": event["market"],
        "canyu:campaign": event["campaign"],
        "canyu:value": event["value"],
        "canyu:currency": event["currency"],
        "canyu:props": parse_json(event["props"]) if event["props"] else None,
    }
    return {key: value for key, value in activity.items() if value is not None}


def _build_object(verb: Verb, event: dict[str, Any]) -> dict[str, Any] | str | None:
    parent = _name("event", event["parent"]) if event["parent"] else None
    if verb in SPEAKING and event["text"]:
        note: dict[str, Any] = {"type": "Note", "content": event["text"]}
        if event["lang"]:
            note["contentMap"] = {event["lang"]: event["text"]}
        if event["actor"]:
            note["attributedTo"] = _name("actor", event["actor"])
        if parent:
            note["inReplyTo"] = parent
        return note
    thing: dict[str, Any] = {"type": "Object", "id": _name("object", event["object"])} if event["object"] else {}
    if event["text"]:
        thing["content"] = event["text"]
    if not thing:
        return parent
    if parent:
        thing["inReplyTo"] = parent
    return thing if event["object"] or parent is None else {"id": parent, "type": "Note", "content": event["text"]}


def _name(kind: str, key: str) -> str:
    return f"urn:canyu:{kind}:{quote(key, safe='')}"
