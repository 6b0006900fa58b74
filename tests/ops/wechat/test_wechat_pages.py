"""The pages of WeChat in both languages: conversations, accounts whose secrets never come back, and the sidebar."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from canyu.kit.clock import get_now
from canyu.ops.care.models import Case, CaseMessage
from canyu.ops.fans.models import Request
from canyu.ops.people.rules import Role
from canyu.ops.wechat.errors import AccountUnusable
from canyu.ops.wechat.models import Conversation, Outgoing, WeChatAccount
from canyu.ops.wechat.queries import find_account
from canyu.ops.wechat.rules import POLICY
from wechat_fixtures import KEY, TOKEN, hear, make_account, send, write_event, write_text
from wechat_vendor import SECRET, Vendor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("brand_lake")]
HOSTILE = "<script>alert(1)</script>"
OTHER_KEY = KEY[::-1]
FORM = {"name": "shop", "label": "商城", "vendor": "official_account", "receive_id": "wx-app", "token": TOKEN}


@pytest.fixture
def care(sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.CARE_AGENT, name="xiaomei")


@pytest.fixture
def lead(sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.MARKETING_LEAD, name="chen")


def read(client: Client, address: str, language: str = "en", status: int = 200) -> str:
    response = client.get(address, headers={"accept-language": language})
    assert response.status_code == status, response.content
    return response.content.decode()


def write(text: str = "屏幕碎了", account: WeChatAccount | None = None) -> Conversation:
    now = get_now()
    hear(account or make_account(), write_text(text, at=now), now)
    return Conversation.objects.get()


def test_a_conversation_its_quota_and_its_case_are_read_in_both_languages(care: Client, vendor: Vendor) -> None:
    talk = write(HOSTILE)
    case = Case.objects.get()
    for address in ("/talks/", f"/talks/one/{talk.pk}/", f"/care/one/{case.pk}/", f"/talks/sidebar/{talk.account.pk}/"):
        assert HOSTILE not in read(care, address)
        assert re.search(r"<h1>[^<]*[\u4e00-\u9fff]", read(care, address, "zh-hans"))
    page = read(care, f"/care/one/{case.pk}/")
    assert "WeChat: 5 messages may be sent still," in page
    said = {"audience": "customer", "text": "请寄来"}
    assert care.post(f"/care/one/{case.pk}/say/", said).status_code == 302
    assert "waits to be sent" in read(care, f"/care/one/{case.pk}/")
    send(get_now())
    assert '<span class="tag good">WeChat: sent</span>' in read(care, f"/care/one/{case.pk}/")
    assert "请寄来" in read(care, f"/talks/one/{talk.pk}/")


def test_the_sixth_answer_is_refused_on_the_page_and_the_words_stay_in_the_field(care: Client) -> None:
    write()
    case = Case.objects.get()
    for number in range(5):
        care.post(f"/care/one/{case.pk}/say/", {"audience": "customer", "text": f"第{number}"})
    page = read(care, f"/care/one/{case.pk}/")
    assert "All 5 messages are used up" in page
    before = CaseMessage.objects.count()
    refused = care.post(f"/care/one/{case.pk}/say/", {"audience": "customer", "text": "第六条"})
    assert (refused.status_code, CaseMessage.objects.count(), Outgoing.objects.count()) == (409, before, 5)
    assert "Reach the user by phone" in refused.content.decode()
    assert 'dir="auto">第六条</textarea>' in refused.content.decode()
    inside = care.post(f"/care/one/{case.pk}/say/", {"audience": "inside", "text": "已电话联系"})
    assert inside.status_code == 302


def test_a_stuck_message_is_sent_again_by_a_person(care: Client, vendor: Vendor) -> None:
    talk = write()
    case = Case.objects.get()
    care.post(f"/care/one/{case.pk}/say/", {"audience": "customer", "text": "warm"})
    send(get_now())
    vendor.faults.append("cut")
    care.post(f"/care/one/{case.pk}/say/", {"audience": "customer", "text": "第二条"})
    send(get_now())
    page = read(care, f"/talks/one/{talk.pk}/")
    assert "may arrive twice" in page
    row = Outgoing.objects.last()
    assert row is not None
    assert care.post(f"/talks/one/{talk.pk}/again/{row.pk}/").status_code == 302
    assert care.post(f"/talks/one/{talk.pk}/again/{row.pk}/").status_code == 409
    assert care.post(f"/talks/one/{talk.pk}/again/999/").status_code == 404
    assert send(get_now()) == 1


def test_a_wish_to_be_erased_is_taken_in(care: Client) -> None:
    talk = write()
    assert care.post(f"/talks/one/{talk.pk}/erase/").status_code == 302
    request = Request.objects.get()
    assert (request.wish, request.channel, request.asked_by) == ("erase", "WeChat", "xiaomei")


def test_an_account_is_made_tested_changed_and_its_secrets_rotated(lead: Client, vendor: Vendor) -> None:
    assert lead.post("/talks/accounts/new/", {**FORM, "key": "short"}).status_code == 400
    assert lead.post("/talks/accounts/new/", {**FORM, "frames": "http://a.example"}).status_code == 400
    assert lead.post("/talks/accounts/new/", {**FORM, "vendor": "wecom"}).status_code == 400  # WeCom always encrypts
    made = lead.post("/talks/accounts/new/", {**FORM, "key": KEY, "secret": SECRET, "frames": "https://a.example"})
    row = WeChatAccount.objects.get()
    address = f"/talks/accounts/one/{row.pk}/"
    assert made["Location"] == address
    assert lead.post("/talks/accounts/new/", {**FORM, "key": KEY}).status_code == 400  # the name is taken
    page = read(lead, address)
    assert "http://testserver/wechat/shop/" in page
    assert "id and secret are right" in lead.post(address + "test/", follow=True).content.decode()
    assert lead.post(address + "secrets/", {"key": OTHER_KEY}).status_code == 302
    assert find_account("shop").keys == (OTHER_KEY, KEY)  # type: ignore[union-attr]
    lead.post(address + "secrets/", {"secret": "wrong"})
    refused = lead.post(address + "test/")
    assert (refused.status_code, "secret of the account is wrong" in refused.content.decode()) == (502, True)
    lead.post(address + "edit/", {"label": "新名字", "frames": "", "name": "other"})
    row.refresh_from_db()
    assert (row.name, row.label, row.frames) == ("shop", "新名字", [])
    lead.post(address + "switch/", {"on": "0"})
    assert find_account("shop") is None
    kept = [row.token, row.secret, *row.keys]
    pages = [read(lead, each) for each in (address, address + "edit/", "/talks/accounts/", "/talks/accounts/new/")]
    assert [secret for secret in (TOKEN, KEY, OTHER_KEY, SECRET) if secret in "".join([*pages, *kept])] == []


def test_secrets_that_another_key_sealed_are_told_and_not_guessed(settings: object) -> None:
    row = make_account()
    settings.SECRET_KEY = "another key of the server"  # type: ignore[attr-defined]
    with pytest.raises(AccountUnusable, match="cannot be opened"):
        find_account(row.name)


def test_only_who_may_opens_accounts_and_conversations(care: Client, sign_in: Callable[..., Client]) -> None:
    talk = write()
    analyst = sign_in(Role.DATA_ANALYST)
    assert care.get(f"/talks/accounts/one/{talk.account.pk}/").status_code == 403
    for address in ("/talks/", f"/talks/one/{talk.pk}/", f"/talks/sidebar/{talk.account.pk}/"):
        assert analyst.get(address).status_code == 403
        assert Client().get(address).status_code == 302


def test_the_sidebar_is_embedded_by_listed_origins_only(care: Client) -> None:
    account = make_account(frames=("https://work.weixin.qq.com", "https://a.example"))
    listed = care.get(f"/talks/sidebar/{account.pk}/")
    ends = f"{POLICY}; frame-ancestors https://work.weixin.qq.com https://a.example"
    assert (listed["Content-Security-Policy"], "X-Frame-Options" in listed) == (ends, False)
    WeChatAccount.objects.update(frames=[])
    alone = care.get(f"/talks/sidebar/{account.pk}/")
    assert alone["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert care.get("/talks/")["X-Frame-Options"] == "DENY"


@pytest.mark.usefixtures("assistant")
def test_the_sidebar_suggests_an_answer_with_its_source_or_says_why_not(care: Client) -> None:
    talk = write("发票怎么开？", make_account(is_answering=False))
    page = read(care, f"/talks/sidebar/{talk.account.pk}/?user={talk.user}")
    assert 'data-copies-text="suggested"' in page
    assert "Source:" in page
    assert Case.objects.get().number in page
    assert not re.search(r"<script(?! src)|<style| on\w+=", page)
    page = read(care, f"/talks/sidebar/{talk.account.pk}/?user={talk.user}&q=我要投诉")
    assert "No answer from the articles: complaint" in page
    assert "They never wrote" in read(care, f"/talks/sidebar/{talk.account.pk}/?user=nobody")
    hear(talk.account, write_event("subscribe", user="u2", at=get_now()), get_now())
    assert f"?user={talk.user}" in read(care, f"/talks/sidebar/{talk.account.pk}/")
