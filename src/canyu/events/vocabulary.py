"""The words for what happens: one verb per event type, and what each type needs.

The verbs follow the manner of Activity Streams 2.0 (W3C Recommendation, 2017): an actor did something to an
object, perhaps in answer to a parent. Names that marketing tools send (Segment's e-commerce spec) map onto them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What happened, in one word."""

    POST = "post"
    REPOST = "repost"
    COMMENT = "comment"
    LIKE = "like"
    VIEW = "view"
    SHARE = "share"
    SCAN = "scan"
    CLICK = "click"
    VISIT = "visit"
    JOIN = "join"
    SUBMIT = "submit"
    VOTE = "vote"
    ORDER = "order"
    REFUND = "refund"
    CLAIM = "claim"
    REDEEM = "redeem"
    CONTRIBUTE = "contribute"
    COMPLAIN = "complain"
    REPLY = "reply"
    RESOLVE = "resolve"
    RATE = "rate"
    BOOK = "book"
    OBSERVE = "observe"


@dataclass(frozen=True, slots=True)
class VerbSpec:
    """What one verb means and which fields an event of it must carry (beside id, type, time, source)."""

    meaning: str
    needs: tuple[str, ...]
    activity: str
    """Its type in Activity Streams 2.0; a ``canyu:`` name where the standard has none."""


SPECS: dict[Verb, VerbSpec] = {
    Verb.POST: VerbSpec("a person published something of their own", ("text",), "Create"),
    Verb.REPOST: VerbSpec("a person passed a post on, with or without words", ("parent",), "Announce"),
    Verb.COMMENT: VerbSpec("a person answered a post in public", ("parent", "text"), "canyu:Comment"),
    Verb.LIKE: VerbSpec("a person approved of something", ("parent",), "Like"),
    Verb.VIEW: VerbSpec("a person saw something", ("object",), "View"),
    Verb.SHARE: VerbSpec("a person made a share link or poster", ("actor", "object"), "Offer"),
    Verb.SCAN: VerbSpec("a person scanned a share code", ("parent",), "canyu:Scan"),
    Verb.CLICK: VerbSpec("a person followed a link", ("object",), "canyu:Click"),
    Verb.VISIT: VerbSpec("a person came to a page or a store", ("object",), "Arrive"),
    Verb.JOIN: VerbSpec("a person joined a campaign, group or live session", ("actor", "object"), "Join"),
    Verb.SUBMIT: VerbSpec("a person entered a work or a form", ("actor", "object"), "Add"),
    Verb.VOTE: VerbSpec("a person voted for an entry", ("actor", "parent"), "canyu:Vote"),
    Verb.ORDER: VerbSpec(
        "a person ordered; value is the amount", ("actor", "object", "value", "currency"), "canyu:Order"
    ),
    Verb.REFUND: VerbSpec(
        "an order was given back; value is the amount, positive", ("object", "value", "currency"), "canyu:Refund"
    ),
    Verb.CLAIM: VerbSpec("a person claimed a unit, voucher or reward", ("actor", "object"), "Accept"),
    Verb.REDEEM: VerbSpec("a person used a voucher or points", ("actor", "object"), "canyu:Redeem"),
    Verb.CONTRIBUTE: VerbSpec("a person gave data, a theme, code or a test", ("actor", "object"), "canyu:Contribute"),
    Verb.COMPLAIN: VerbSpec("a person told of a defect or a grievance", ("text",), "Flag"),
    Verb.REPLY: VerbSpec("the brand or an agent answered", ("parent", "text"), "canyu:Reply"),
    Verb.RESOLVE: VerbSpec("a case was solved", ("parent",), "canyu:Resolve"),
    Verb.RATE: VerbSpec("a person gave a rating; value is the score", ("object", "value"), "canyu:Rate"),
    Verb.BOOK: VerbSpec("a person booked a visit, drive or service", ("actor", "object"), "canyu:Book"),
    Verb.OBSERVE: VerbSpec(
        "a measured fact from outside; object is what was measured, props.metric the measure",
        ("object", "value", "props"),
        "canyu:Observe",
    ),
}

# Segment's published e-commerce, mobile and video event names; a name of ours maps onto itself.
SEGMENT_NAMES: dict[str, Verb] = {
    "Order Completed": Verb.ORDER,
    "Order Placed": Verb.ORDER,
    "Order Refunded": Verb.REFUND,
    "Order Cancelled": Verb.REFUND,
    "Product Clicked": Verb.CLICK,
    "Product Viewed": Verb.VIEW,
    "Product List Viewed": Verb.VIEW,
    "Promotion Viewed": Verb.VIEW,
    "Promotion Clicked": Verb.CLICK,
    "Product Shared": Verb.SHARE,
    "Cart Shared": Verb.SHARE,
    "Product Reviewed": Verb.RATE,
    "Coupon Entered": Verb.CLAIM,
    "Coupon Applied": Verb.REDEEM,
    "Page Viewed": Verb.VISIT,
    "Screen Viewed": Verb.VISIT,
    "Application Opened": Verb.VISIT,
    "Deep Link Opened": Verb.CLICK,
    "Signed Up": Verb.JOIN,
    "Video Playback Started": Verb.VIEW,
}


def find_verb(name: str) -> Verb | None:
    """Return the verb for one of our names or a Segment-style name, or None where there is none.

    >>> find_verb("Order Completed"), find_verb("repost"), find_verb("nonsense")
    (<Verb.ORDER: 'order'>, <Verb.REPOST: 'repost'>, None)
    """
    if name in SEGMENT_NAMES:
        return SEGMENT_NAMES[name]
    try:
        return Verb(name.strip().lower())
    except ValueError:
        return None
