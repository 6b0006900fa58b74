"""What browsers are told, on every kind of answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

ADDRESSES = ["/account/login/", "/healthz", "/pulse/", "/nothing-here", "/static/console/console.css"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_refuses_foreign_and_inline_code(
    address: str, brand_lake: Path, sign_in: Callable[..., Client]
) -> None:
    response = sign_in(administrator=True).get(address)
    response.close()
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert (policy["frame-ancestors"], policy["base-uri"], policy["form-action"]) == ("'none'", "'none'", "'self'")
    assert response["X-Content-Type-Options"] == "nosniff"
    if not address.startswith("/static/"):
        assert response["X-Frame-Options"] == "DENY"
        assert response["Referrer-Policy"] == "same-origin"


def test_no_template_has_inline_code() -> None:
    templates = Path(__file__).parents[2] / "src" / "canyu" / "console" / "templates"
    for path in templates.rglob("*.html"):
        text = path.read_text("utf-8")
        assert "<style" not in text, path
        assert ' style="' not in text, path
        assert ' onclick="' not in text, path
        assert "<script>" not in text, path


def test_static_addresses_carry_the_hash_of_their_file(brand_lake: Path, db: None) -> None:
    page = Client().get("/account/login/").content.decode()
    address = page.split('href="/static/console/console.css')[1].split('"')[0]
    assert len(address) == len("?v=") + 12


def test_an_unknown_host_is_refused(brand_lake: Path, db: None) -> None:
    assert Client(headers={"host": "evil.example"}).get("/healthz").status_code in {200, 400}
    assert Client(headers={"host": "evil.example"}).get("/account/login/").status_code == 400


def test_the_way_back_stays_on_this_site(brand_lake: Path, db: None) -> None:
    client = Client()
    for there in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        response = client.post("/theme/", {"theme": "dark", "next": there})
        assert response["Location"] == "/"
        assert "evil" not in client.post("/language/", {"language": "en", "next": there})["Location"]
