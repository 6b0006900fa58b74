"""The collector: a door for tracking clients, a durable inbox behind it, and a carrier from there into the lake."""

from canyu.events.collector.app import Collector, Door
from canyu.events.collector.calls import Dialect
from canyu.events.collector.carrier import Carried, Carrier, Desk
from canyu.events.collector.frames import Frame
from canyu.events.collector.inbox import Inbox
from canyu.events.collector.limits import Limits
from canyu.events.collector.segments import InboxFull
from canyu.events.collector.sources import Keyring, Source, hash_key
from canyu.events.collector.translate import Refused, Tally, Translator

__all__ = [
    "Carried",
    "Carrier",
    "Collector",
    "Desk",
    "Dialect",
    "Door",
    "Frame",
    "Inbox",
    "InboxFull",
    "Keyring",
    "Limits",
    "Refused",
    "Source",
    "Tally",
    "Translator",
    "hash_key",
]
