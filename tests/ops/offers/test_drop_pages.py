"""The pages of limited editions: for staff by role, for everybody without an account and without script."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from canyu.kit.clock import get_now
from canyu.kit.jsonio import dump_json, parse_json
from canyu.ops.campaigns.public.rules import name_text
from canyu.ops.config import load_config
from canyu.ops.offers.drops import actions
from canyu.ops.offers.drops.claiming.actions import claim_together, pay_claim
from canyu.ops.offers.drops.claiming.rules import Answered, Ask
from canyu.ops.offers.drops.models import Claim, Drop, LatePayment
from canyu.ops.people.rules import Role
from canyu.ops.webhook.rules import sign
from drop_fixtures import count_stand, release_drop
from offer_fixtures import get_person

pytestmark = pytest.mark.usefixtures("empty_ledger", "brand_lake")
FORM = {
    "code": "su7-gold", "name_zh": "金色限量", "name_en": "Gold edition", "units": "100", "quotas": "cn=60, de=10",
    "per_person": "1", "price": "529900", "currency": "CNY", "opens_at": "2026-06-18T10:00:00", "entry": "first_come",
    "hold_minutes": "15",
}  # fmt: skip
SECRET = "s" * 32
CONSENT = "I agree that this browser gets a random number, kept for 90 days, so that I get my unit once."


def visitor() -> Client:
    return Client(headers={"accept-language": "en"})


def open_drop(**given: object) -> Drop:
    return release_drop(opens_at=get_now() - timedelta(hours=1), **given)  # type: ignore[arg-type]


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.content.decode()


def test_an_edition_is_written_by_one_released_by_another_and_accounted_for(sign_in: Callable[..., Client]) -> None:
    manager, lead = sign_in(Role.CAMPAIGN_MANAGER), sign_in(Role.MARKETING_LEAD)
    assert manager.post("/offers/drops/new/", FORM).status_code == 302
    drop = Drop.objects.get()
    address = f"/offers/drops/one/{drop.pk}/"
    assert visitor().get("/drop/su7-gold/").status_code == 404
    assert manager.post(f"{address}release/").status_code == 409
    assert lead.post(f"{address}release/").status_code == 302
    page = read(manager, address)
    assert "Yes: 100 = 0 sold + 0 held + 100 free." in page
    assert "su7-gold" in read(visitor(), "/drop/su7-gold/") or "Gold edition" in read(visitor(), "/drop/su7-gold/")


def test_those_who_only_read_change_nothing(sign_in: Callable[..., Client]) -> None:
    drop = open_drop()
    addresses = ["/offers/drops/new/", *(f"/offers/drops/one/{drop.pk}/{s}/" for s in ("release", "draw", "close"))]
    assert [Client().post(address).status_code for address in addresses] == [302] * 4
    analyst = sign_in(Role.DATA_ANALYST)
    assert [analyst.post(address).status_code for address in addresses] == [403] * 4
    assert Drop.objects.get().state == "released"
    assert sign_in(Role.PR_OFFICER).get("/offers/drops/").status_code == 403


@pytest.mark.parametrize(
    "faulty", [{"quotas": "cn=101"}, {"quotas": "cn"}, {"price": "much"}, {"entry": "lottery"}], ids=str
)
def test_a_faulty_form_keeps_nothing(sign_in: Callable[..., Client], faulty: dict[str, str]) -> None:
    assert sign_in(Role.CAMPAIGN_MANAGER).post("/offers/drops/new/", {**FORM, **faulty}).status_code == 400
    assert Drop.objects.count() == 0


def test_a_visitor_claims_once_with_consent_pays_and_gets_a_certificate() -> None:
    drop = open_drop(units=2)
    client = visitor()
    assert "I agree" in read(client, "/drop/su7-gold/")
    assert client.post("/drop/su7-gold/enter/", {}).status_code == 400
    assert Claim.objects.count() == 0
    for _time in range(3):
        page = client.post("/drop/su7-gold/enter/", {"consent": "1"}).content.decode()
        assert "No. 1 of 2" in page
    claim = Claim.objects.get()
    certificate = f"/drop/su7-gold/certificate/{claim.token}/"
    assert client.get(certificate).status_code == 404
    pay_claim(claim.token, "bank-1", get_now())
    assert "No. 1 of 2" in read(client, certificate)
    assert certificate in read(client, "/drop/su7-gold/")
    assert certificate not in read(visitor(), "/drop/su7-gold/")
    assert count_stand(drop) == (1, 0, 1)
    assert (claim.language, claim.consent) == ("en", name_text(CONSENT, "en"))


def test_a_form_sent_twice_is_one_person_and_a_forged_cookie_is_nobody() -> None:
    open_drop()
    page = read(visitor(), "/drop/su7-gold/")
    form = {"consent": "1", "pass": page.split('name="pass" value="')[1].split('"')[0]}
    for _time in range(2):
        assert "No. 1 of 10" in visitor().post("/drop/su7-gold/enter/", form).content.decode()
    forger = visitor()
    forger.cookies["canyu_guest"] = Claim.objects.get().person.removeprefix("guest:")
    assert "No. 1 of 10" not in read(forger, "/drop/su7-gold/")
    assert "No. 2 of 10" in forger.post("/drop/su7-gold/enter/", {"consent": "1"}).content.decode()


def test_an_erased_guest_does_not_come_back_by_cookie_or_by_pass() -> None:
    drop, guest = open_drop(), visitor()
    form = {"consent": "1", "pass": read(guest, "/drop/su7-gold/").split('name="pass" value="')[1].split('"')[0]}
    assert "No. 1 of 10" in guest.post("/drop/su7-gold/enter/", form).content.decode()
    cookie, person = guest.cookies["canyu_guest"].value, Claim.objects.get().person
    actions.forget_persons([person])
    assert "No. 1 of 10" not in read(guest, "/drop/su7-gold/")
    for given in (form, {"consent": "1"}):
        guest.cookies["canyu_guest"] = cookie
        assert "No. " in guest.post("/drop/su7-gold/enter/", given).content.decode()
    assert not Claim.objects.filter(person=person).exists()
    assert Claim.objects.values("person").distinct().count() == 3
    (told, other) = claim_together(drop, [Ask(person), Ask("p-other")], get_now())
    assert (told.state, other.serial) == (Answered.FORGOTTEN, 4)


def test_the_guests_cookie_is_secure_as_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    open_drop()
    for is_https in (False, True):
        monkeypatch.setenv("CANYU_HTTPS", str(is_https).lower())
        load_config.cache_clear()
        guest = visitor()
        guest.post("/drop/su7-gold/enter/", {"consent": "1"})
        assert bool(guest.cookies["canyu_guest"]["secure"]) is is_https
    monkeypatch.undo()
    load_config.cache_clear()


def test_before_the_opening_second_the_page_offers_nothing_to_claim() -> None:
    drop = release_drop(opens_at=get_now() + timedelta(hours=1))
    assert "has not opened yet" in read(visitor(), "/drop/su7-gold/")
    page = visitor().post("/drop/su7-gold/enter/", {"consent": "1"}).content.decode()
    assert "It has not opened yet." in page
    assert count_stand(drop) == (0, 0, 10)


def test_the_draw_is_published_after_it_was_drawn_and_not_before() -> None:
    now = get_now()
    drop = release_drop(entry="lottery", opens_at=now - timedelta(hours=2), closes_at=now + timedelta(hours=1))
    visitor().post("/drop/su7-gold/enter/", {"consent": "1"})
    before = visitor().get("/drop/su7-gold/draw.json").content.decode()
    assert drop.seed not in before
    assert drop.commitment in read(visitor(), "/drop/su7-gold/")
    actions.draw_places(get_person("reviewer"), drop.pk, "", now + timedelta(hours=1))
    assert parse_json(visitor().get("/drop/su7-gold/draw.json").content)["seed"] == drop.seed
    assert visitor().get("/drop/none/draw.json").status_code == 404


def test_the_payment_callback_is_signed_and_a_late_one_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANYU_HOOK_SECRETS", f"bank={SECRET}")
    load_config.cache_clear()
    open_drop(units=1)
    visitor().post("/drop/su7-gold/enter/", {"consent": "1"})
    claim = Claim.objects.get()

    def call(reference: str, secret: str = SECRET) -> tuple[int, dict[str, object]]:
        body, stamp = dump_json({"claim": claim.token, "reference": reference}).encode(), str(int(time.time()))
        headers = {"X-Canyu-Source": "bank", "X-Canyu-Time": stamp, "X-Canyu-Signature": sign(secret, stamp, body)}
        answer = Client().post("/api/offers/drops/paid", body, content_type="application/json", headers=headers)
        return answer.status_code, parse_json(answer.content)

    assert call("a", "x" * 32)[0] in {401, 403}
    assert call("a") == (200, {"claim": claim.token, "serial": 1, "state": "sold", "is_late": False})
    assert call("a")[1]["is_late"] is False
    assert call("b")[1]["is_late"] is True
    assert LatePayment.objects.get().reference == "b"
    monkeypatch.undo()
    load_config.cache_clear()
