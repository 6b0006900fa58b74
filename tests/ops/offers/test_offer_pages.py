"""The pages and the API of offers: who may do what, what is told, nothing changed on refusal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from canyu.kit.jsonio import dump_json, parse_json
from canyu.ops.config import load_config
from canyu.ops.offers import queries
from canyu.ops.offers.models import Code, Offer, Redemption
from canyu.ops.people.rules import Role
from canyu.ops.webhook.rules import sign
from offer_fixtures import TEN_PERCENT, add_code, release

pytestmark = pytest.mark.usefixtures("empty_ledger", "brand_lake")
FORM = {
    "key": "fridge-600", "name_zh": "冰箱减 600", "name_en": "600 off a fridge", "kind": "code", "discount": "amount",
    "value": "600", "currency": "CNY", "scope": "goods", "products": "fridge", "stacks": "common", "budget": "6000",
}  # fmt: skip
SECRET = "s" * 32
HOSTILE = "<script>window.hit=1</script>"


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.content.decode()


def make_body(order: str = "", *codes: str, price: int = 10_000) -> dict[str, Any]:
    lines = [{"product": "goods", "quantity": 1, "unit_price_minor": price}]
    cart = {"currency": "CNY", "at": "2026-06-18T10:00:00+08:00", "lines": lines}
    return {"format": 1, "cart": cart, "codes": list(codes), **({"order": order} if order else {})}


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """A shop's program that signs what it sends."""
    monkeypatch.setenv("CANYU_HOOK_SECRETS", f"shop={SECRET}")
    load_config.cache_clear()

    def send(what: str, body: dict[str, Any], secret: str = SECRET) -> Any:
        text, stamp = dump_json(body).encode(), str(int(time.time()))
        headers = {"X-Canyu-Source": "shop", "X-Canyu-Time": stamp, "X-Canyu-Signature": sign(secret, stamp, text)}
        headers["accept-language"] = "en"
        answer = Client().post(f"/api/offers/{what}", text, content_type="application/json", headers=headers)
        return answer.status_code, parse_json(answer.content)

    yield send
    monkeypatch.undo()
    load_config.cache_clear()


def test_an_offer_is_written_by_one_and_released_by_another(sign_in: Callable[..., Client]) -> None:
    manager, lead = sign_in(Role.CAMPAIGN_MANAGER), sign_in(Role.MARKETING_LEAD)
    assert manager.post("/offers/new/", FORM).status_code == 302
    offer = Offer.objects.get()
    address = f"/offers/one/{offer.pk}/"
    assert "a second person releases it" in read(manager, address)
    assert manager.post(f"{address}release/").status_code == 409
    assert lead.post(f"{address}release/").status_code == 302
    page = read(manager, address)
    assert "¥6,000" in page
    assert "600.00 off" in page
    assert manager.post(f"{address}edit/", FORM).status_code == 409


def test_those_who_only_read_change_nothing(sign_in: Callable[..., Client]) -> None:
    offer = release("ten", TEN_PERCENT)
    steps = ["edit", "release", "close", "code", "codes"]
    addresses = ["/offers/new/", *[f"/offers/one/{offer.pk}/{step}/" for step in steps]]
    assert [Client().post(address).status_code for address in addresses] == [302] * 6
    analyst = sign_in(Role.DATA_ANALYST)
    assert [analyst.post(address).status_code for address in addresses] == [403] * 6
    assert "ten" in read(analyst, "/offers/")
    assert sign_in(Role.PR_OFFICER).get("/offers/").status_code == 403
    assert (Offer.objects.get().state, Code.objects.count()) == ("released", 0)


def test_a_faulty_form_names_its_fields_and_keeps_nothing(sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.CAMPAIGN_MANAGER)
    faulty = {"value": "sixty", "currency": "yuan", "budget": "-1"}
    for name, value in faulty.items():
        assert client.post("/offers/new/", {**FORM, name: value}).status_code == 400
    answer = client.post("/offers/new/", {**FORM, "kind": "entitlement"})
    assert (answer.status_code, "Name what has to be bought" in answer.content.decode()) == (400, True)
    assert Offer.objects.count() == 0


def test_a_draft_comes_back_into_its_form(sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.CAMPAIGN_MANAGER)
    given = {"kind": "bundle", "bundle": "ac × 1\nfridge x 2", "min_amount": "99.50", "starts_at": "2026-06-18T10:00"}
    client.post("/offers/new/", {**FORM, **given})
    page = read(client, f"/offers/one/{Offer.objects.get().pk}/edit/")
    for text in ("ac × 1\nfridge × 2", 'value="600.00"', 'value="99.50"', 'value="2026-06-18T10:00"'):
        assert text in page


def test_codes_are_made_downloaded_and_not_shown(sign_in: Callable[..., Client]) -> None:
    offer, client = release("ten", TEN_PERCENT), sign_in(Role.CAMPAIGN_MANAGER)
    address = f"/offers/one/{offer.pk}/"
    assert client.post(f"{address}code/", {"code": "June-2026"}).status_code == 302
    assert client.post(f"{address}code/", {"code": "june2026"}).status_code == 400
    assert client.post(f"{address}codes/", {"number": "3"}).status_code == 302
    assert client.post(f"{address}codes/", {"number": "0"}).status_code == 400
    batch = Code.objects.filter(kind="personal").first().batch  # type: ignore[union-attr]
    file = b"".join(client.get(f"{address}codes/{batch}.csv").streaming_content).decode()  # type: ignore[attr-defined]
    rows = file.splitlines()
    assert (rows[0], len(rows)) == ("serial,code,person,state", 4)
    assert rows[1].split(",")[1] not in read(client, address)
    assert sign_in(Role.DATA_ANALYST).get(f"{address}codes/{batch}.csv").status_code == 403


def test_a_cart_is_tried_and_every_step_explained(sign_in: Callable[..., Client]) -> None:
    release("set", {"amount_minor": 300_000}, "bundle", bundle=[{"products": ["ac"]}, {"products": ["fridge"]}])
    client = sign_in(Role.DATA_ANALYST)
    form = {"lines": "ac, 1, 4999\nfridge, 1, 5999", "codes": HOSTILE, "currency": "CNY", "policy": "partial"}
    form |= {"base": "discounted", "per_product": "several", "rounding": "line"}
    page = client.post("/offers/try/", form).content.decode()
    assert "10,998.00 − 3,000.00 = 7,998.00" in page
    assert "There is no such code." in page
    assert HOSTILE not in page
    assert queries.count_left(Offer.objects.get()).used == 0
    answer = client.post("/offers/try/", {**form, "lines": "ac, many, 4999"})
    assert (answer.status_code, "cart.lines.quantity" in answer.content.decode()) == (400, True)


def test_a_shop_quotes_redeems_once_and_refunds(shop: Callable[..., Any]) -> None:
    offer = release("ten", TEN_PERCENT, uses=1)
    code = add_code(offer)
    status, told = shop("quote", make_body("", code))
    assert (status, told["total_minor"], told["steps"][0]["outcome"]) == (200, 9000, "applied")
    status, first = shop("redeem", make_body("o1", code))
    assert (status, first["total_minor"]) == (200, 9000)
    assert shop("redeem", make_body("o1", code)) == (200, first)
    status, refused = shop("redeem", make_body("o1", code, price=20_000))
    assert (status, refused["code"]) == (409, "order_reused")
    status, refused = shop("redeem", make_body("o2", code))
    assert (status, refused["code"], refused["message"]) == (409, "quantity_exceeded", "It has no uses left.")
    part = {"order": "o1", "amount_minor": 3_000}
    assert shop("refunds", part)[0] == 400  # without an id of its own
    for _time in range(2):
        status, told = shop("refunds", {**part, "refund": "r1"})
        assert (status, told["state"], told["refunded_minor"]) == (200, "redeemed", 3_000)
    for _time in range(3):
        told = shop("refunds", {"order": "o1"})[1]
        assert (told["state"], told["refunded_minor"]) == ("reversed", 9_000)
    assert shop("redeem", make_body("o3", code))[0] == 200


def test_a_shop_takes_an_order_and_gets_the_code_it_entitles_to(shop: Callable[..., Any]) -> None:
    release("car", {"amount_minor": 5000}, "entitlement", triggers=("su7",))
    order = {"order": "car-1", "person": "", "products": ["su7"]}
    status, issued = shop("orders", order)
    assert (status, [one["offer"] for one in issued]) == (200, ["car"])
    assert shop("orders", order)[1] == issued
    assert shop("redeem", make_body("o1", issued[0]["code"]))[1]["total_minor"] == 5000
    assert shop("refunds", {"order": "car-1"})[1]["clawed_minor"] == 5000


def test_a_program_without_the_secret_and_a_person_without_the_role_get_nothing(
    shop: Callable[..., Any], sign_in: Callable[..., Client]
) -> None:
    code = add_code(release("ten", TEN_PERCENT))
    for what in ("quote", "hold", "redeem", "let-go", "orders", "refunds"):
        assert shop(what, make_body("o1", code), "x" * 32)[0] in {401, 403}
    analyst = sign_in(Role.DATA_ANALYST)
    body = dump_json(make_body("o1", code))
    assert analyst.post("/api/offers/redeem", body, content_type="application/json").status_code == 403
    assert analyst.post("/api/offers/quote", body, content_type="application/json").status_code == 200
    assert Redemption.objects.count() == 0


def test_a_faulty_body_is_named_by_line_and_field(shop: Callable[..., Any]) -> None:
    status, told = shop("quote", {"format": 1, "cart": {"currency": "CNY", "lines": []}})
    assert (status, told["code"]) == (400, "bad_input")
    assert "cart.lines" in told["message"]
    assert "cart.at" in told["message"]
