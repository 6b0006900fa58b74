"""Files of articles: read with zone and days, refused with line, field and mend."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from canyu.care.assistant import load_articles, parse_articles
from canyu.care.case_events import Audience
from canyu.commands.assistant import command
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import parse_json
from canyu.kit.words import speak

GOOD = """zone: Asia/Shanghai
articles:
  - id: refund
    version: 2
    source: rules 3
    link: https://support.example/refund
    audience: customer
    products: [phone]
    from: 2026-01-01
    until: 2026-12-31
    title: {zh: 退款, en: Refund}
    body: {zh: 三天内退款。, en: Refunded within three days.}
"""


def test_an_article_is_read_whole() -> None:
    (article,) = parse_articles(GOOD)
    assert (article.id, article.version, article.audience, article.products) == (
        "refund",
        2,
        Audience.CUSTOMER,
        ("phone",),
    )
    assert article.starts_at == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert article.ends_at == datetime(2026, 12, 31, 16, tzinfo=UTC)  # the last day is included
    assert article.is_valid(datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
    assert not article.is_valid(datetime(2026, 12, 31, 16, tzinfo=UTC))


def test_the_example_holds_sixty_articles_and_one_for_staff() -> None:
    articles = load_articles()
    assert sum(each.audience is Audience.PUBLIC for each in articles) == 60
    assert [each.id for each in articles if each.audience is Audience.INSIDE] == ["inside-goodwill-limit"]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("id: refund", "id: Re fund", 3, "is no identifier"),
        ("version: 2", "version: two", 4, "is no version"),
        ("version: 2", "version: 0", 4, "is no version"),
        ("    source: rules 3\n", "", 3, "source: is missing"),
        ("https://support.example/refund", "javascript:alert(1)", 6, "is no address"),
        ("audience: customer", "audience: everyone", 7, "'everyone' is not known"),
        ("from: 2026-01-01", "from: 2026-02-30", 9, "is no date"),
        ("until: 2026-12-31", "until: 2025-12-31", 10, "before the first day"),
        ("title: {zh: 退款, en: Refund}", "title: {fr: Rembours}", 11, "not a known field"),
        (
            "body: {zh: 三天内退款。, en: Refunded within three days.}",
            "body: {zh: 三天内退款。}",
            12,
            "languages of the title",
        ),
        ("body: {zh: 三天内退款。", "body: {zh: " + "长" * 4001, 12, "over 4000 characters"),
        ("zone: Asia/Shanghai", "zone: Mars/Base", 1, "no time zone"),
        ("products: [phone]", "colour: red", 8, "not a known field"),
        ("products: [phone]", "withdrawn: maybe", 8, "withdrawn"),
    ],
)
def test_a_fault_is_told_with_line_field_and_mend(old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    with speak("en"), pytest.raises(BadInput) as refusal:
        parse_articles(GOOD.replace(old, new, 1))
    assert f"line {line}, " in str(refusal.value)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    "text", ["", "articles: []", "[", "a: &x [1]\nb: *x", "articles: 3", "articles: [3]", "articles: [{}]"]
)
def test_what_is_no_file_of_articles_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_articles(text)


def test_an_identifier_is_used_once() -> None:
    with speak("en"), pytest.raises(BadInput, match="used twice"):
        parse_articles(GOOD + GOOD.split("articles:\n")[1])


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFound, match=r"nowhere\.yaml"):
        load_articles("nowhere.yaml")


# The command


def ask(*words: str) -> str:
    done = CliRunner().invoke(command, ["ask", *words], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_the_command_tells_the_answer_with_its_sources() -> None:
    told = parse_json(ask("退款多久到账", "--at", "2026-06-01", "--json"))
    assert (told["outcome"], told["reason"], told["sources"][0]["article"]) == ("answer", None, "refund-when")
    assert told["text"] == "".join(each["original"] for each in told["sentences"])
    assert told["sources"][0]["link"] == "https://support.example/refund-when"
    with speak("en"):
        assert "https://support.example/refund-when" in ask("when does a refund arrive")


def test_the_command_tells_the_reason_of_a_hand_over() -> None:
    told = parse_json(ask("我要投诉", "--json"))
    assert (told["outcome"], told["reason"]) == ("hand_over", "complaint")
    with speak("en"):
        assert "Handed over: complaint" in ask("我要投诉")
    assert parse_json(ask("手机摔碎了能免费修吗", "--json"))["outcome"] == "ask_back"
    assert parse_json(ask("手机摔碎了能免费修吗", "--unsure", "1", "--json"))["reason"] == "unsure twice"


@pytest.mark.parametrize(
    "words", [["--at", "yesterday"], ["--endpoint", "https://models.example/v1"], ["--articles", "none.yaml"]]
)
def test_a_wrong_option_is_an_error_with_its_mend(words: list[str]) -> None:
    with pytest.raises((BadInput, NotFound)) as refusal:
        ask("退款", *words)
    assert refusal.value.mend


def test_the_word_is_found_from_the_command_line() -> None:
    environment = {**os.environ, "CANYU_LANG": "zh_CN"}
    command_line = [sys.executable, "-m", "canyu", "assistant", "ask", "转人工"]
    done = subprocess.run(command_line, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "转人工，原因：要求人工" in done.stdout
