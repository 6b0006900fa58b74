"""What a subscription may name, and how an event or alert is written for it (CloudEvents 1.0); pure, no database."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from django.utils.translation import gettext as _

from canyu.events import Verb
from canyu.kit.jsonio import parse_json
from canyu.ops.sources.errors import AddressRefused, SourceUnusable

ALERT = "alert"
KINDS: tuple[str, ...] = (*(verb.value for verb in Verb), ALERT)
EVENT_TYPE, ALERT_TYPE = "canyu.event.{}.v1", "canyu.alert.fired.v1"
SOURCE = "/canyu/{}"
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)
MOST_ATTEMPTS = 15


def check_kinds(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return the kinds once each; raises SourceUnusable where one is none, or none is named."""
    found = tuple(dict.fromkeys(kinds))
    if not found or any(kind not in KINDS for kind in found):
        raise SourceUnusable(_("Choose at least one type of event."), mend=_("Tick what the address should be told."))
    return found


def check_url(url: str, *, may_be_plain: bool) -> str:
    """Return an address that a webhook may have; whether it leads inside is told when it is connected to.

    Raises AddressRefused.
    """
    parts = urlsplit(url.strip())
    if parts.scheme != "https" and not (may_be_plain and parts.scheme == "http"):
        raise AddressRefused(_("The address does not begin with https://."), mend=_("Use an HTTPS address."))
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise AddressRefused(
            _("The address cannot be used."), mend=_("Write it as https://host/path, without a user or password.")
        )
    return parts.geturl()


def derive_secret(server_key: str, subscription: int, turn: int) -> str:
    """Return the secret of a subscription: nothing is stored, and a new turn makes a new one."""
    message = f"canyu webhook {subscription} {turn}".encode()
    return "cyw_" + hmac.new(server_key.encode(), message, hashlib.sha256).hexdigest()


def write_event(event: Mapping[str, Any]) -> str:
    """Return an event of the lake as a CloudEvent in JSON; source and id together say which one it is."""
    attributes = {
        "id": event["id"],
        "source": SOURCE.format(quote(event["source"], safe="")),
        "type": EVENT_TYPE.format(event["type"]),
        "time": event["time"],
        "datacontenttype": "application/json",
    }
    data = {name: _plain(value) for name, value in event.items() if value is not None}
    if isinstance(data.get("props"), str):
        data["props"] = parse_json(data["props"])
    return _write(attributes, data)


def write_alert(alert_id: str, found: datetime, facts: Mapping[str, Any]) -> str:
    """Return an alert as a CloudEvent in JSON."""
    attributes = {
        "id": alert_id,
        "source": SOURCE.format("alerts"),
        "type": ALERT_TYPE,
        "time": found,
        "datacontenttype": "application/json",
    }
    return _write(attributes, dict(facts))


def find_wait(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts.

    >>> find_wait(1), find_wait(4)
    (datetime.timedelta(seconds=30), datetime.timedelta(seconds=240))
    """
    doubled: int = 1 << min(attempts - 1, 12)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _write(attributes: dict[str, Any], data: dict[str, Any]) -> str:
    return JSONFormat().write(CloudEvent(attributes, data)).decode()
