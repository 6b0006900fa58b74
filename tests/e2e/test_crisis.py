"""A crisis as staff and the public live it: from a claim to check to the retrospective, by their own pages."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from playwright.sync_api import Page, expect

import evidence_lake
from browsing import FINE, PHONE, examine
from canyu.kit.clock import get_now
from canyu.spread.graphs import build_graph, save_graph
from crisis_fixtures import REPORT

pytestmark = pytest.mark.browser
MARKET = "from kol_plan_market import fill_market; fill_market()"
ARCS = [
    ("r", "x"),
    *(("x", f"p{number}") for number in range(1, 6)),
    *(("k:A", f"p{number}") for number in range(1, 5)),
    ("k:B", "p5"),
]
STATEMENT = {
    "slug": "no-explosion",
    "title_zh": "关于“充电爆炸”的说明",
    "title_en": "On the claim of an explosion",
    "claim_zh": "SU7 充电时爆炸，三人死亡",
    "claim_en": "An SU7 exploded while charging and three people died",
    "source": "微博",
    "findings_zh": "当日没有充电事故报警；送检电池包未见异常。</script><script>window.hit=1</script>",
    "findings_en": "No charging accident was reported that day; the battery pack shows nothing.",
    "laboratory": "国家检测中心",
    "report_number": "J-2026-031",
    "publisher": "某某汽车",
    "signatory": "李工",
    "signatory_role": "质量总监",
}
GOODWILL = {
    "name_zh": "安心券",
    "name_en": "Peace of mind",
    "amount": "200",
    "product": "xiaomi/su7",
    "cap": "1000",
    "words_zh": "感谢您的耐心，凭码免费检查一次。",
    "words_en": "Thank you for your patience: one inspection is free with this code.",
}


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    """The lake with a rumour and its answers, moved to the days before now, and a graph that it spreads over."""

    def fill(path: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(evidence_lake, "START", get_now().replace(minute=0, second=0, microsecond=0) - timedelta(12))
            patch.setattr(evidence_lake, "DAYS", 11)
            evidence_lake.fill_evidence_lake(path)
        table = pa.table({"src": [a for a, _ in ARCS], "dst": [b for _, b in ARCS], "p": [1.0] * len(ARCS)})
        save_graph(build_graph(table, "src", "dst", probability="p"), path / "influence.graph")

    return fill


@pytest.fixture(scope="module")
def server_settings() -> dict[str, str]:
    return {"CANYU_AUDIENCE_PEOPLE": "9000000"}


def bring_in_officer(console: Any, admin: Page) -> Page:
    admin.goto("/people/")
    admin.fill("#username", "duty")
    admin.locator("section.card form").get_by_label("PR officer").check()
    admin.get_by_role("button", name="Open the account").click()
    one_time, own = admin.locator("code.secret").inner_text(), "duty likes green tea"
    officer: Page = console.sign_in_by_form("duty", one_time)
    for field, value in (("#id_oldpassword", one_time), ("#id_password1", own), ("#id_password2", own)):
        officer.fill(field, value)
    officer.get_by_role("button", name="Keep this password").click()
    officer.wait_for_url("**/pulse/")
    return officer


def open_case(page: Page) -> None:
    """From the queue of claims to a case, whose first response is given in public within its hour."""
    page.goto("/rumours/?days=28")
    page.get_by_role("link", name="Open a case from it").first.click()
    page.select_option("[name=kind]", "rumour")
    page.locator("main form.stack button.main").click()
    page.fill("#text", "我们已看到这一说法，正在核实，24 小时内公布结果。")
    page.select_option("#audience", "public")
    page.get_by_role("button", name="Say it").click()
    expect(page.locator("dl.strip .figure").first).to_contain_text("met")


def release_statement(writer: Page, reader: Page) -> str:
    """Write the statement and have somebody else release it; return where the public reads it."""
    writer.get_by_role("link", name="New statement").click()
    for name, text in STATEMENT.items():
        writer.fill(f"[name={name}]", text)
    writer.select_option("[name=verdict]", "false")
    report: Any = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": REPORT}
    writer.set_input_files("[name=attachments]", report)
    writer.get_by_role("button", name="Keep this version").click()
    expect(writer.get_by_text("somebody else has to release it")).to_be_visible()
    reader.goto(writer.url)
    reader.fill("#slug", STATEMENT["slug"])
    reader.get_by_role("button", name="Release statement").click()
    return f"/statements/{STATEMENT['slug']}/"


def read_in_public(console: Any, address: str) -> None:
    """Anybody reads it on a phone without an account or script: the claim, the report by its hash, and the remark."""
    person = console.open(**PHONE, java_script_enabled=False).new_page()
    person.goto(address)
    expect(person.locator("main")).to_contain_text("J-2026-031")
    expect(person.locator("main")).to_contain_text("not an independent check")
    told = json.loads(person.locator("script[type='application/ld+json']").inner_text())
    assert told["@type"] == "ClaimReview"
    assert told["reviewRating"]["alternateName"]
    seen = console.open(**PHONE).new_page()
    seen.goto(address)
    assert examine(seen) == FINE
    assert seen.evaluate("window.hit") is None


def test_a_rumour_is_answered_from_the_claim_to_the_retrospective(console: Any, tmp_path: Path) -> None:
    console.prepare(MARKET)
    admin = console.sign_in()
    officer = bring_in_officer(console, admin)
    open_case(officer)
    officer.get_by_role("button", name="Start a crisis run").click()
    expect(officer.get_by_role("heading", name="Checklist")).to_be_visible()
    run = officer.url
    address = release_statement(officer, admin)
    read_in_public(console, address)

    officer.goto(f"{run}rebuttal/?who=r&budget=1000&age=0&delay=0")
    while officer.get_by_role("link", name="Look again").count():
        officer.wait_for_timeout(500)
        officer.reload()
    expect(officer.get_by_text("KOL A", exact=True).first).to_be_visible()
    officer.get_by_role("button", name="Keep this plan with the crisis").click()
    expect(officer.get_by_text("Planned: people saved")).to_be_visible()

    officer.goto(f"{run}goodwill/")
    officer.select_option("[name=kind]", "voucher")
    day = get_now().date().isoformat()
    for name, text in {**GOODWILL, "bought_from": "2025-01-01", "bought_until": day}.items():
        officer.fill(f"[name={name}]", text)
    officer.fill("[name=words_zh]", "删除差评后即可领取。")
    officer.get_by_role("button", name="Keep as a draft").click()
    expect(officer.get_by_role("alert").first).to_be_visible()
    assert len(console.faults) == 1  # the refusal itself, which Chromium notes
    console.faults.clear()
    officer.fill("[name=words_zh]", GOODWILL["words_zh"])
    officer.get_by_role("button", name="Keep as a draft").click()
    expect(officer.get_by_text("Peace of mind").first).to_be_visible()

    officer.goto(f"{run}opinion/")  # the statement is minutes old: it says so, and claims nothing
    expect(officer.locator("main")).not_to_contain_text("Opinion turned")
    assert examine(officer)[0] == []

    officer.goto(f"{run}retrospective/")
    with officer.expect_download() as taken:
        officer.get_by_role("link", name="PDF").click()
    taken.value.save_as(tmp_path / "retrospective.pdf")
    command = ["pdftotext", "-layout", str(tmp_path / "retrospective.pdf"), "-"]
    assert STATEMENT["slug"] in subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert console.faults == []
