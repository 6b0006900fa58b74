"""The same wire by wechatpy, which shares nothing with ours: each reads what the other wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.care.wechat import (
    Article,
    CallRefused,
    ImageReply,
    LocationMessage,
    MessageCipher,
    NewsReply,
    Reply,
    TextMessage,
    TextReply,
    TransferReply,
    parse_message,
    render_reply,
    seal_reply,
    sign,
)
from canyu.care.wechat.signatures import check_signature
from canyu.care.wechat.xml import parse_xml

pytest.importorskip("wechatpy", reason="wechatpy is not installed: make install-dev")

import wechatpy
import wechatpy.crypto
import wechatpy.enterprise.crypto
import wechatpy.exceptions
import wechatpy.replies
import wechatpy.utils

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
STAMP = str(int(AT.timestamp()))
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OURS = MessageCipher(KEY, "wx-app")
THEIRS = {
    "official": wechatpy.crypto.WeChatCrypto("token", KEY, "wx-app"),
    "wecom": wechatpy.enterprise.crypto.WeChatCrypto("token", KEY, "wx-app"),
}
WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=80)


@settings(max_examples=40)
@given(st.lists(WORDS, min_size=3, max_size=3))
def test_both_sign_alike(parts: list[str]) -> None:
    token, stamp, nonce = parts
    wechatpy.utils.check_signature(token, sign(token, stamp, nonce), stamp, nonce)
    signer = wechatpy.utils.WeChatSigner()
    signer.add_data(*parts)
    check_signature(signer.signature, *parts)
    with pytest.raises(wechatpy.exceptions.InvalidSignatureException):
        wechatpy.utils.check_signature(token, sign(token, stamp, nonce + "x"), stamp, nonce)


@pytest.mark.parametrize("vendor", ["official", "wecom"])
@settings(max_examples=40)
@given(WORDS)
def test_they_open_what_we_seal(vendor: str, text: str) -> None:
    sealed = OURS.seal(text)
    envelope = f"<xml><Encrypt>{sealed}</Encrypt></xml>"
    signature = sign("token", STAMP, "nonce", sealed)
    assert THEIRS[vendor].decrypt_message(envelope, signature, STAMP, "nonce") == text


@pytest.mark.parametrize("vendor", ["official", "wecom"])
@settings(max_examples=40)
@given(WORDS)
def test_we_open_what_they_seal(vendor: str, text: str) -> None:
    told = parse_xml(THEIRS[vendor].encrypt_message(text, "nonce", STAMP))
    check_signature(told.get_text("MsgSignature"), "token", STAMP, "nonce", told.get_text("Encrypt"))
    assert OURS.open(told.get_text("Encrypt")) == text


def test_both_refuse_another_receiver() -> None:
    sealed = MessageCipher(KEY, "wx-other").seal("在")
    with pytest.raises(CallRefused, match="not for this account"):
        OURS.open(sealed)
    with pytest.raises(wechatpy.exceptions.InvalidAppIdException):
        THEIRS["official"].decrypt_message({"Encrypt": sealed}, sign("token", STAMP, "n", sealed), STAMP, "n")


def make_push(**fields: str) -> str:
    given = {"ToUserName": "us", "FromUserName": "user", "CreateTime": STAMP, "MsgId": "7"} | fields
    return "<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in given.items()) + "</xml>"


@settings(max_examples=40)
@given(WORDS.filter(lambda text: text == text.strip() and "]]>" not in text and not set(text) & {"\ufffe", "\uffff"}))
def test_both_read_a_message_alike(text: str) -> None:
    xml = make_push(MsgType="text", Content=text)
    ours, theirs = parse_message(xml), wechatpy.parse_message(xml)
    assert isinstance(ours, TextMessage)
    assert (ours.content, ours.user, ours.account, ours.msg_id) == (
        theirs.content,
        theirs.source,
        theirs.target,
        str(theirs.id),
    )
    assert (ours.created_at, theirs._data["CreateTime"]) == (AT, STAMP)


@pytest.mark.parametrize(
    ("fields", "ours_name", "theirs_name"),
    [
        ({"MsgType": "image", "PicUrl": "https://e.cn/p", "MediaId": "m"}, "media_id", "media_id"),
        ({"MsgType": "voice", "MediaId": "m", "Format": "amr", "Recognition": "坏了"}, "recognised", "recognition"),
        ({"MsgType": "shortvideo", "MediaId": "m", "ThumbMediaId": "t"}, "thumb_media_id", "thumb_media_id"),
        ({"MsgType": "link", "Title": "标题", "Description": "d", "Url": "https://e.cn"}, "title", "title"),
        ({"MsgType": "event", "Event": "CLICK", "EventKey": "repair"}, "key", "key"),
        ({"MsgType": "event", "Event": "SCAN", "EventKey": "12", "Ticket": "t"}, "scene", "scene_id"),
        ({"MsgType": "event", "Event": "subscribe", "EventKey": "qrscene_12", "Ticket": "t"}, "scene", "scene_id"),
        ({"MsgType": "event", "Event": "subscribe", "EventKey": "qrscene_12", "Ticket": "t"}, "ticket", "ticket"),
        ({"MsgType": "event", "Event": "VIEW", "EventKey": "https://e.cn"}, "key", "url"),
    ],
)
def test_both_read_a_field_alike(fields: dict[str, str], ours_name: str, theirs_name: str) -> None:
    xml = make_push(**fields)
    found = getattr(parse_message(xml), ours_name)
    assert found == getattr(wechatpy.parse_message(xml), theirs_name)
    assert found


def test_both_read_a_place_alike() -> None:
    xml = make_push(MsgType="location", Location_X="23.134521", Location_Y="113.358803", Scale="20", Label="广州")
    ours, theirs = parse_message(xml), wechatpy.parse_message(xml)
    assert isinstance(ours, LocationMessage)
    assert (ours.latitude, ours.longitude) == tuple(float(each) for each in theirs.location)


CARD = {"title": "标题😀", "description": "说明", "image": "https://e.cn/p.jpg", "url": "https://e.cn/?a=1&b=2"}


@pytest.mark.parametrize(
    ("ours", "theirs", "given_to_theirs"),
    [
        (TextReply("收到😀 <a>&"), wechatpy.replies.TextReply, {"content": "收到😀 <a>&"}),
        (ImageReply("m"), wechatpy.replies.ImageReply, {"media_id": "m"}),
        (TransferReply(), wechatpy.replies.TransferCustomerServiceReply, {}),
        (
            NewsReply([Article(CARD["title"], CARD["description"], CARD["url"], CARD["image"])]),
            wechatpy.replies.ArticlesReply,
            {"articles": [CARD]},
        ),
    ],
)
def test_both_write_a_reply_alike(ours: Reply, theirs: Any, given_to_theirs: dict[str, Any]) -> None:
    xml = make_push(MsgType="text", Content="在")
    reply = theirs(message=wechatpy.parse_message(xml), time=int(AT.timestamp()), **given_to_theirs)
    written = parse_xml(render_reply(ours, parse_message(xml), AT))
    assert sorted(written.list_leaves()) == sorted(parse_xml(reply.render()).list_leaves())


def test_they_open_a_reply_that_we_sealed() -> None:
    xml = render_reply(TextReply("收到😀"), parse_message(make_push(MsgType="text", Content="在")), AT)
    sealed = seal_reply(xml, OURS, "token", "nonce", AT)
    signature = parse_xml(sealed).get_text("MsgSignature")
    assert THEIRS["official"].decrypt_message(sealed, signature, STAMP, "nonce") == xml
