"""Payloads of Segment-style trackers (track, page, identify, alias and more) as events, without their server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from canyu.events.identity import make_event_id
from canyu.events.importers.expressions import MINOR_DIGITS
from canyu.events.schema import Event
from canyu.events.vocabulary import SPECS, Verb, find_verb
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words

CALLS = {"page": Verb.VISIT, "screen": Verb.VISIT, "group": Verb.JOIN}
CALLS |= {"identify": Verb.JOIN, "alias": Verb.JOIN}
"""What a call without an event name says; ``track`` names its event itself."""
ACCOUNT = "account"
"""What an identify or alias joins; its ``parent`` is the actor that the same person was before."""
BEFORE = {"identify": "anonymousId", "alias": "previousId"}

# Segment's e-commerce spec: where each type names its object, the most specific first
OBJECTS: dict[Verb, tuple[str, ...]] = {
    Verb.ORDER: ("order_id", "checkout_id"),
    Verb.REFUND: ("order_id",),
    Verb.CLAIM: ("coupon_id", "coupon", "promotion_id", "reward_id"),
    Verb.REDEEM: ("coupon_id", "coupon", "reward_id"),
    Verb.VISIT: ("url", "path", "name"),
}
ANY_OBJECT = ("object", "product_id", "sku", "promotion_id", "asset_id", "list_id", "cart_id", "url", "link")
AMOUNTS = ("total", "revenue", "value")
WORDS = ("text", "review_body", "share_message", "message", "content")

# A person's own data: minimal by design, so it does not enter the lake with a tracker's traits.
PERSONAL = frozenset(
    {"email", "phone", "name", "firstname", "lastname", "first_name", "last_name", "username", "birthday", "address"}
    | {"avatar", "ip", "street", "mobile", "wechat", "openid", "unionid", "id_card", "姓名", "手机", "邮箱", "身份证"}
)
NESTED = PERSONAL - {"name", "username", "address"}  # a product in a list has a name, a page an address
UTM = ("source", "medium", "name", "term", "content")
DEEPEST = 32
NO_WORDS = Words("", "")
NOTHING: Mapping[str, Any] = MappingProxyType({})


class FieldFault(BadInput):
    """One field of a payload cannot be used; ``field`` and ``reason`` (a stable code) say which and why."""

    def __init__(self, field: str, reason: str, message: Words, *, mend: Words = NO_WORDS) -> None:
        super().__init__(message, mend=mend)
        self.field = field
        self.reason = reason
        self.message_words = message
        self.mend_words = mend


def read_segment(
    payload: Mapping[str, Any],
    *,
    source: str,
    now: datetime,
    name_actor: Callable[[str], str] = str,
    names: Mapping[str, str] = NOTHING,
) -> Event:
    """Return the event one payload tells of. Pure: the same payload gives the same event but for ``received``.

    ``name_actor`` turns a user's id into the lake's actor, for instance its salted hash. Money is in minor units
    of its currency; products, the link's utm marks and what else was sent stay in ``props``, personal traits do not.
    ``names`` maps event names of the sender's own to the vocabulary's.
    Raises FieldFault naming the field that is wrong or missing.

    >>> sent = {"type": "track", "event": "Order Completed", "messageId": "m1", "userId": "u1",
    ...         "timestamp": "2025-03-01T12:00:00+08:00",
    ...         "properties": {"order_id": "o9", "revenue": 1999.5, "currency": "CNY"}}
    >>> event = read_segment(sent, source="shop", now=datetime(2025, 3, 1, 5, tzinfo=UTC))
    >>> event.type, event.object, event.value, event.currency
    ('order', 'o9', 199950, 'CNY')
    """
    if type(payload) is not dict and not isinstance(payload, Mapping):
        raise FieldFault("", "not_object", Words("上报内容应是一个 JSON 对象。", "A payload is a JSON object."))
    verb = _read_verb(payload, names)
    sent = {**_read_object(payload, "properties"), **_read_object(payload, "traits")}
    context = _read_object(payload, "context")
    utm = _read_object(context, "campaign")
    value, currency = _read_value(verb, sent)
    user = _read_text(payload, "userId", "anonymousId")
    fields: dict[str, Any] = {
        "id": make_event_id(source, "segment", _need(payload, "messageId")),
        "type": str(verb),
        "time": _read_time(payload),
        "received": now,
        "source": source,
        "market": (_read_text(_read_object(context, "location"), "country") or "").lower() or None,
        "channel": _read_text(utm, "source") or _read_text(payload, "channel"),
        "actor": name_actor(user) if user else None,
        "object": _read_target(verb, payload, sent, context),
        "parent": _read_parent(payload, sent, name_actor),
        "campaign": _read_text(utm, "name") or _read_text(sent, "campaign"),
        "text": _read_text(sent, *WORDS),
        "lang": (_read_text(context, "locale") or "")[:2].lower() or None,
        "value": value,
        "currency": currency,
    }
    for need in SPECS[verb].needs:
        if need != "props" and fields[need] is None:
            place = _name_place(verb, need)
            raise FieldFault(
                need,
                "missing_field",
                Words(f"缺少字段 {need}：{verb} 事件需要它。", f"The field {need} is missing: a {verb} needs it."),
                mend=Words(f"请放在 {place.zh} 中上报。", f"Send it in {place.en}."),
            )
    rest = {key: _drop_personal(kept) for key, kept in sent.items() if key.lower() not in PERSONAL and key not in WORDS}
    if utm:
        rest |= {f"utm_{'campaign' if name == 'name' else name}": utm[name] for name in UTM if _read_text(utm, name)}
    return Event(**fields, props=_write_props(rest))


def _drop_personal(value: Any, depth: int = 0) -> Any:
    """Return a sent value without what it says of a person further down."""
    if depth > DEEPEST:
        raise FieldFault(
            "properties",
            "too_deep",
            Words("字段 properties 嵌套过深。", "The field properties is nested too deeply."),
            mend=Words(f"最多 {DEEPEST} 层。", f"Nest it {DEEPEST} levels at most."),
        )
    if isinstance(value, dict):
        return {key: _drop_personal(kept, depth + 1) for key, kept in value.items() if str(key).lower() not in NESTED}
    if isinstance(value, list):
        return [_drop_personal(item, depth + 1) for item in value]
    return value


def _read_verb(payload: Mapping[str, Any], names: Mapping[str, str]) -> Verb:
    call = payload.get("type", "track" if "event" in payload else None)
    if isinstance(call, str) and call in CALLS:
        return CALLS[call]
    if call != "track":
        raise FieldFault(
            "type",
            "unknown_type",
            Words(f"字段 type 的值是 {str(call)[:80]!r}，无法识别。", f"The field type is {str(call)[:80]!r}."),
            mend=Words(
                "请用 track、page、screen、identify、alias 或 group。",
                "Send track, page, screen, identify, alias or group.",
            ),
        )
    name = _need(payload, "event")
    verb = find_verb(names.get(name, name))
    if verb is None:
        raise FieldFault(
            "event",
            "unknown_event",
            Words(f"字段 event 无法识别：{name[:80]!r}。", f"The field event is unknown: {name[:80]!r}."),
            mend=Words("请用词汇表中列出的名称。", "Use a name of the vocabulary's list."),
        )
    return verb


def _read_time(payload: Mapping[str, Any]) -> datetime:
    text = _read_text(payload, "timestamp", "originalTimestamp", "sentAt")
    if text is None:
        raise tell_missing(
            "timestamp", Words("请写成 2025-03-01T12:00:00Z 这样的格式。", "Send it as 2025-03-01T12:00:00Z.")
        )
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise FieldFault(
            "timestamp",
            "not_time",
            Words(f"字段 timestamp 不是时间：{text[:40]!r}。", f"The field timestamp is not a time: {text[:40]!r}."),
            mend=Words("请用 ISO 8601 格式。", "Send it as ISO 8601."),
        ) from error
    if time.tzinfo is None:
        raise FieldFault(
            "timestamp",
            "no_zone",
            Words("字段 timestamp 没有时区。", "The field timestamp has no zone."),
            mend=Words("请在末尾加上 Z 或 +08:00。", "End it with Z or +08:00."),
        )
    return time.astimezone(UTC)


def _read_target(
    verb: Verb, payload: Mapping[str, Any], sent: Mapping[str, Any], context: Mapping[str, Any]
) -> str | None:
    if payload.get("type") == "group":
        return _need(payload, "groupId")
    if payload.get("type") in BEFORE:
        return ACCOUNT
    found = _read_text(sent, *OBJECTS.get(verb, ()), *ANY_OBJECT)
    if found is None and verb is Verb.VISIT:
        found = _read_text(_read_object(context, "page"), "url") or _read_text(payload, "name")
    if found is None and isinstance(sent.get("products"), list) and sent["products"]:
        first = sent["products"][0]
        found = _read_text(first, "product_id", "sku") if isinstance(first, Mapping) else None
    return found


def _read_parent(payload: Mapping[str, Any], sent: Mapping[str, Any], name_actor: Callable[[str], str]) -> str | None:
    """Return what the event answers; of an identify or alias, who the person was before, never what traits claim."""
    call = payload.get("type")
    if call not in BEFORE:
        return _read_text(sent, "parent", "share_id")
    before = _read_text(payload, BEFORE[call])
    is_other = before is not None and before != _read_text(payload, "userId", "anonymousId")
    return name_actor(before) if before and is_other else None


def _read_value(verb: Verb, sent: Mapping[str, Any]) -> tuple[int | None, str | None]:
    if verb in {Verb.ORDER, Verb.REFUND}:
        currency = _read_text(sent, "currency")
        amount = _read_number(sent, *AMOUNTS)
        if amount is None:
            return None, currency
        if currency is None:
            raise tell_missing(
                "currency",
                Words(
                    "请在 properties.currency 中写明 ISO 4217 货币代码。",
                    "Send its ISO 4217 code in properties.currency.",
                ),
            )
        if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
            raise FieldFault(
                "currency",
                "currency_not_iso",
                Words(
                    f"字段 currency 的值是 {currency[:10]!r}，无法识别。", f"The field currency is {currency[:10]!r}."
                ),
                mend=Words("请写 ISO 4217 货币代码，如 CNY。", "Send its ISO 4217 code, as CNY."),
            )
        minor = abs(amount) if verb is Verb.REFUND else amount
        return _to_whole(minor.scaleb(MINOR_DIGITS.get(currency, 2)), "revenue"), currency
    number = _read_number(sent, "rating", "value")
    return (None if number is None else _to_whole(number, "rating" if verb is Verb.RATE else "value")), None


def _write_props(rest: Mapping[str, Any]) -> str | None:
    try:
        return dump_json(rest) if rest else None
    except TypeError as error:
        raise FieldFault(
            "properties",
            "props_not_object",
            Words(f"字段 properties 无法保存：{error}。", f"The field properties cannot be kept: {error}."),
        ) from error


def _to_whole(number: Decimal, name: str) -> int:
    if number != number.to_integral_value() or abs(number) >= 2**63:
        raise FieldFault(
            name,
            "too_precise",
            Words(
                f"字段 {name} 的位数过多：{str(number)[:60]}。",
                f"The field {name} has more digits than it may: {str(number)[:60]}.",
            ),
            mend=Words("请先取整再上报。", "Round it before it is sent."),
        )
    return int(number)


def _read_number(sent: Mapping[str, Any], *names: str) -> Decimal | None:
    for name in names:
        given = sent.get(name)
        if given is None or isinstance(given, bool):
            continue
        try:
            number = Decimal(str(given))
        except InvalidOperation as error:
            raise tell_no_number(name, repr(str(given)[:40])) from error
        if not number.is_finite():
            raise tell_no_number(name, str(number))
        return number
    return None


def _read_object(within: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = within.get(name)
    if found is None:
        return NOTHING
    if type(found) is dict:  # what JSON gives: three times faster to ask than for any mapping
        return found
    if not isinstance(found, Mapping):
        raise FieldFault(
            name, "not_object", Words(f"字段 {name} 不是 JSON 对象。", f"The field {name} is not an object.")
        )
    return {str(key): value for key, value in found.items()}


def _read_text(within: Mapping[str, Any], *names: str) -> str | None:
    for name in names:
        found = within.get(name)
        if found is None:
            continue
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        if isinstance(found, str) and found.strip():
            return found.replace("\0", "")
    return None


def _need(payload: Mapping[str, Any], name: str) -> str:
    found = _read_text(payload, name)
    if found is None:
        raise tell_missing(
            name,
            Words(
                "Segment 的各个库都会上报它，参见其公共字段说明。",
                "Segment's libraries send it; see their common fields.",
            ),
        )
    return found


def _name_place(verb: Verb, need: str) -> Words:
    if need == "actor":
        return Words("userId 或 anonymousId", "userId or anonymousId")
    names = {"value": "revenue", "object": (*OBJECTS.get(verb, ()), *ANY_OBJECT)[0]}
    place = f"properties.{names.get(need, need)}"
    return Words(place, place)


def tell_missing(name: str, mend: Words) -> FieldFault:
    """Return the refusal of a payload that lacks a field."""
    return FieldFault(name, "missing_field", Words(f"缺少字段 {name}。", f"The field {name} is missing."), mend=mend)


def tell_no_number(name: str, given: str) -> FieldFault:
    """Return the refusal of a payload whose field should be a number."""
    return FieldFault(
        name, "no_number", Words(f"字段 {name} 不是数字：{given}。", f"The field {name} is not a number: {given}.")
    )
