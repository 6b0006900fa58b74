"""What travels: signatures, encryption, hostile XML, typed messages and the replies that read back as they were."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import example, given, settings
from hypothesis import strategies as st

import canyu.care.wechat as wechat
from canyu.care.wechat import (
    Article,
    CallRefused,
    Event,
    Followed,
    ImageReply,
    KfSignal,
    LocationMessage,
    MenuScanned,
    MenuTapped,
    MessageCipher,
    NewsReply,
    OtherEvent,
    OtherMessage,
    Scanned,
    TextMessage,
    TextReply,
    TransferReply,
    VideoMessage,
    VoiceMessage,
    check_text,
    find_key,
    parse_message,
    render_reply,
    seal_reply,
    sign,
    sign_page,
)
from canyu.care.wechat.cipher import read_key
from canyu.care.wechat.xml import MOST_BYTES, parse_xml
from canyu.kit.errors import BadInput

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
CIPHER = MessageCipher(KEY, "wx-app")
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=200)
XML_TEXTS = TEXTS.map(lambda text: NOT_XML.sub("", text).replace("\r", "")).filter(str.strip)


def make_push(**fields: str) -> str:
    given = {"ToUserName": "us", "FromUserName": "user", "CreateTime": "1700000000", "MsgType": "text"} | fields
    return "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in given.items()) + "</xml>"


def test_all_names_are_given_and_sorted() -> None:
    assert all(getattr(wechat, name) is not None for name in wechat.__all__)
    kinds = [(not name.isupper(), name[0].islower(), name) for name in wechat.__all__]
    assert kinds == sorted(kinds)


def test_a_page_is_signed_as_in_the_vendors_documentation() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    page = "http://mp.weixin.qq.com?params=value"
    found = sign_page(ticket, "Wm3WZYTPz0wzccnW", 1414587457, page + "#part")
    assert found == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


@settings(max_examples=60)
@given(TEXTS)
def test_any_text_that_is_sealed_opens_as_it_was(text: str) -> None:
    sealed = CIPHER.seal(text)
    assert CIPHER.open(sealed) == text
    assert len(base64.b64decode(sealed)) % 32 == 0


def test_two_seals_of_one_text_differ() -> None:
    assert CIPHER.seal("在") != CIPHER.seal("在")


@given(st.binary(max_size=200))
def test_no_sealed_rubbish_opens(rubbish: bytes) -> None:
    with pytest.raises(CallRefused):
        CIPHER.open(base64.b64encode(rubbish).decode())
    with pytest.raises(CallRefused):
        CIPHER.open(rubbish.decode("latin-1") + "=")


def seal_raw(plain: bytes) -> str:
    key = read_key(KEY)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


@pytest.mark.parametrize(
    "plain",
    [
        b"r" * 16 + (99).to_bytes(4, "big") + b"hi" + b"wx-app" + b"\x04" * 4,  # longer than it is
        b"r" * 16 + (2).to_bytes(4, "big") + b"hi" + b"wx-app" + b"\x00" * 4,  # no padding
        b"r" * 16 + (2).to_bytes(4, "big") + b"hi" + b"wx-app" + b"\x04\x04\x03\x04",  # torn padding
        b"r" * 16 + (2).to_bytes(4, "big") + b"\xff\xfe" + b"wx-app" + b"\x04" * 4,  # no UTF-8
        b"r" * 16 + (2).to_bytes(4, "big") + b"hi" + b"wx-apq" + b"\x04" * 4,  # another receiver
        b"\x20" * 32,  # nothing but padding
    ],
)
def test_what_is_not_sealed_by_the_scheme_is_refused(plain: bytes) -> None:
    good = b"r" * 16 + (2).to_bytes(4, "big") + b"hi" + b"wx-app" + b"\x04" * 4
    assert CIPHER.open(seal_raw(good)) == "hi"
    with pytest.raises(CallRefused):
        CIPHER.open(seal_raw(plain))


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (BOMB + make_push(Content="&b;"), "DOCTYPE"),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + make_push(Content="&a;"), "DOCTYPE"),
        (make_push(Content="&a;"), "breaks off at line 1"),
        (make_push(Content="x" * MOST_BYTES), "more than 256 KiB"),
        ("米" * (MOST_BYTES // 2), "more than 256 KiB"),
        ("<a>" * 9 + "</a>" * 9, "500 elements or 8 levels"),
        ("<a>" + "<b/>" * 500 + "</a>", "500 elements or 8 levels"),
        ("<?php x?>" + make_push(), "processing instruction"),
        ('<?xml version="1.0" encoding="GBK"?>' + make_push(), "declares GBK"),
        (make_push().encode("utf-16"), "not UTF-8"),
        (make_push(Content="屏").encode("gbk"), "not UTF-8"),
        (make_push(Content="\x01"), "breaks off"),
        (make_push() + make_push(), "breaks off"),
        (make_push(Content="a</Content><Content>b"), "Content stands there twice"),
        ("", "breaks off"),
        ("\ud800", "not UTF-8"),
    ],
)
def test_hostile_xml_is_refused_with_its_reason(body: str | bytes, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        parse_message(body)


@given(st.text(alphabet="<>/!?[]&;xmlCDATA \"='\ud800é0", max_size=80) | st.binary(max_size=80))
def test_no_xml_fails_otherwise_than_by_its_reason(body: str | bytes) -> None:
    told: list[str] = []
    try:
        told.append(parse_message(body).account)
    except BadInput as refusal:
        told += [str(refusal), refusal.mend]
    assert all(told)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"MsgType": ""}, "MsgType of the push"),
        ({"FromUserName": " "}, "FromUserName"),
        ({"CreateTime": "yesterday"}, "CreateTime .*'yesterday'"),
        ({"CreateTime": "-1"}, "CreateTime"),
        ({"CreateTime": "9" * 11}, "CreateTime"),
        ({}, "Content"),
        ({"MsgType": "image"}, "MediaId"),
        ({"MsgType": "event"}, "Event"),
        ({"MsgType": "location", "Location_X": "nan", "Location_Y": "1"}, "Location_X"),
        ({"MsgType": "location", "Location_X": "1", "Location_Y": "181"}, "Location_Y"),
        ({"MsgType": "event", "Event": "kf_msg_or_event", "Token": "t"}, "OpenKfId"),
    ],
)
def test_a_push_that_lacks_something_names_the_field(fields: dict[str, str], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        parse_message(make_push(**fields))


def test_messages_are_read_as_what_they_are() -> None:
    text = parse_message(make_push(Content="在吗 😀", MsgId="7", bizmsgmenuid="101"))
    assert text == TextMessage(
        account="us",
        user="user",
        created_at=datetime.fromtimestamp(1700000000, UTC),
        msg_id="7",
        content="在吗 😀",
        menu_id="101",
    )
    voice = parse_message(make_push(MsgType="voice", MediaId="m", Format="amr", Recognition="坏了"))
    assert isinstance(voice, VoiceMessage)
    assert voice.recognised == "坏了"
    video = parse_message(make_push(MsgType="shortvideo", MediaId="m", ThumbMediaId="t"))
    assert isinstance(video, VideoMessage)
    assert video.is_short
    place = parse_message(make_push(MsgType="location", Location_X="23.1", Location_Y="113.3", Label="广州"))
    assert isinstance(place, LocationMessage)
    assert (place.latitude, place.longitude, place.label) == (23.1, 113.3, "广州")
    other = parse_message(make_push(MsgType="hologram", Deep="<Inner>1</Inner>"))
    assert isinstance(other, OtherMessage)
    assert ("Deep/Inner", "1") in other.values


def make_event(name: str, **fields: str) -> Event:
    found = parse_message(make_push(MsgType="event", Event=name, **fields))
    assert isinstance(found, Event)
    return found


def test_events_are_read_as_what_they_are() -> None:
    follow = make_event("subscribe", EventKey="qrscene_store-12", Ticket="t")
    assert isinstance(follow, Followed)
    assert follow.scene == "store-12"
    scan = make_event("SCAN", EventKey="store-12")
    assert isinstance(scan, Scanned)
    assert scan.scene == "store-12"
    assert isinstance(make_event("CLICK", EventKey="repair"), MenuTapped)
    scanned = make_event(
        "scancode_waitmsg",
        EventKey="k",
        ScanCodeInfo="<ScanType>qrcode</ScanType><ScanResult>SN-1</ScanResult>",
    )
    assert isinstance(scanned, MenuScanned)
    assert scanned.result == "SN-1"
    signal = make_event("kf_msg_or_event", FromUserName="", Token="t", OpenKfId="kf")
    assert isinstance(signal, KfSignal)
    assert signal.user == ""
    assert isinstance(make_event("kf_create_session", KfAccount="a@b"), OtherEvent)


def test_a_push_has_one_name_for_ever() -> None:
    first = make_push(Content="在", MsgId="7")
    assert find_key(parse_message(first)) == find_key(parse_message(make_push(Content="别的", MsgId="7")))
    assert find_key(parse_message(first)) != find_key(parse_message(make_push(Content="在", MsgId="8")))
    assert find_key(parse_message(first)) != find_key(parse_message(make_push(Content="在", MsgId="7", ToUserName="b")))
    events = [
        make_event("subscribe"),
        make_event("SCAN"),
        make_event("CLICK", EventKey="a"),
        make_event("CLICK", EventKey="b"),
        make_event("subscribe", FromUserName="other"),
        make_event("subscribe", CreateTime="1700000001"),
        make_event("kf_msg_or_event", Token="t", OpenKfId="a"),
        make_event("kf_msg_or_event", Token="t", OpenKfId="b"),
    ]
    assert len({find_key(each) for each in events}) == len(events)
    assert find_key(make_event("SUBSCRIBE")) == find_key(events[0])


@settings(max_examples=60)
@given(XML_TEXTS)
@example("]]>")
@example("<![CDATA[a]]>]]>&lt;😀")
def test_any_reply_reads_back_as_it_was(text: str) -> None:
    to = parse_message(make_push(Content="在"))
    told = parse_xml(render_reply(TextReply(text), to, AT))
    assert told.get_text("Content") == text
    assert (told.get_text("ToUserName"), told.get_text("FromUserName")) == ("user", "us")
    card = Article(text, text, "https://example.com")
    news = parse_xml(render_reply(NewsReply([card]), to, AT))
    assert ("Articles/item/Title", text) in list(news.list_leaves())


def test_replies_of_each_kind() -> None:
    to = parse_message(make_push(Content="在"))
    image = dict(parse_xml(render_reply(ImageReply("m"), to, AT)).list_leaves())
    assert (image["MsgType"], image["Image/MediaId"]) == ("image", "m")
    transfer = dict(parse_xml(render_reply(TransferReply("kf@us"), to, AT)).list_leaves())
    assert (transfer["MsgType"], transfer["TransInfo/KfAccount"]) == ("transfer_customer_service", "kf@us")
    assert transfer["CreateTime"] == str(int(AT.timestamp()))


def test_eight_cards_answer_an_event_and_one_a_message() -> None:
    cards = [Article(str(each), "", "https://example.com") for each in range(8)]
    tapped = make_event("CLICK", EventKey="a")
    assert parse_xml(render_reply(NewsReply(cards), tapped, AT)).get_text("ArticleCount") == "8"
    with pytest.raises(BadInput, match="9 cards"):
        render_reply(NewsReply([*cards, cards[0]]), tapped, AT)
    with pytest.raises(BadInput, match="8 cards, not 1 to 1"):
        render_reply(NewsReply(cards), parse_message(make_push(Content="在")), AT)


@pytest.mark.parametrize(
    ("text", "reason"),
    [(" ", "empty"), ("米" * 683, "2049 bytes"), ("a\x00b", "Character 2"), ("a\ud800", "Character 2")],
)
def test_a_text_that_the_vendor_would_not_take_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        check_text(text)


def test_a_sealed_reply_carries_its_signature() -> None:
    told = parse_xml(seal_reply("<xml/>", CIPHER, "token", "nonce", AT))
    stamp = str(int(AT.timestamp()))
    assert told.get_text("MsgSignature") == sign("token", stamp, "nonce", told.get_text("Encrypt"))
    assert (told.get_text("TimeStamp"), CIPHER.open(told.get_text("Encrypt"))) == (stamp, "<xml/>")
