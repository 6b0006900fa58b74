"""What may be said: promises that no article holds are blocked, and a model's rephrasing is traced or refused."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from assistant_questions import NOW, run_model
from canyu.care.assistant import (
    Answer,
    ArticleIndex,
    Asked,
    Assistant,
    ChatEndpoint,
    Fault,
    HandOver,
    Library,
    PromiseKind,
    Rephrasing,
    RephrasingFailure,
    Unfaithful,
    draft_articles,
    find_promises,
    load_articles,
    mask_personal,
    parse_articles,
    trace_sentences,
)
from canyu.care.assistant.sentences import list_quantities, split_sentences
from canyu.kit.errors import BadInput

REFUND = "仓库收到退货并验收后，退款在 3 个工作日内原路退回。"
POSTAGE = "质量问题退换货，运费由我们承担。无理由退货的运费由您承担，买了运费险的由保险赔付。"
VOUCHER = "过期的优惠券不能补发，也不能延期。"
BOARD = "更换主板会清空数据，更换屏幕和电池不会。"
CAR = "整车质保 5 年，电池、电机质保 8 年。"
CAR_EN = "The car has a warranty of 5 years, the battery of 8 years."
REFUND_EN = "Once the warehouse has checked the return, the refund is sent back within 3 working days."


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("我们给您全额退款。", {PromiseKind.REFUND}),
        ("退款在 1 个工作日内到账。", {PromiseKind.REFUND, PromiseKind.DATE}),
        ("退款明天到账。", {PromiseKind.DATE}),
        ("不用退货也给您退款 500 元。", {PromiseKind.REFUND}),
        ("不好意思，马上给您双倍退款。", {PromiseKind.REFUND, PromiseKind.DATE}),
        ("我们赔您一台新的。", {PromiseKind.COMPENSATION}),
        ("送您一张 50 元代金券作为补偿。", {PromiseKind.COMPENSATION}),
        ("給您補償一張優惠券。", {PromiseKind.COMPENSATION}),
        ("三天之内一定修好。", {PromiseKind.DATE}),
        ("We will give you a full refund.", {PromiseKind.REFUND}),
        ("You will have your money back by Friday.", {PromiseKind.DATE}),
        ("Here is a voucher to make it up to you.", {PromiseKind.COMPENSATION}),
        ("It will be repaired tomorrow, no problem.", {PromiseKind.DATE}),
        ("You do not have to send it in, we reimburse you 50 yuan.", {PromiseKind.REFUND}),
    ],
)
def test_a_promise_that_no_article_holds_is_found(text: str, kinds: set[PromiseKind]) -> None:
    assert {each.kind for each in find_promises(text, [REFUND, VOUCHER, REFUND_EN])} == kinds


@pytest.mark.parametrize(
    "text",
    [
        "退款会在三个工作日内退回。",
        "验收后，退款 3 个工作日内原路退回。",
        "不能补发，也不会赔付。",
        "过期的优惠券不能延期。",
        "请在应用里查看。",
        "The refund comes within three working days.",
        "We cannot offer a voucher.",
    ],
)
def test_what_an_article_holds_or_refuses_is_no_promise(text: str) -> None:
    assert find_promises(text, [REFUND, VOUCHER, REFUND_EN]) == []


def test_an_article_passes_its_own_guard() -> None:
    for article in ARTICLES:
        for body in article.body:
            assert find_promises(body, [body]) == [], article.id


def test_every_article_is_a_faithful_rephrasing_of_itself() -> None:
    for article in ARTICLES:
        for body in filter(None, article.body):
            sentences = split_sentences(body)
            traced = trace_sentences(body, sentences)
            assert not isinstance(traced, Unfaithful), (article.id, traced)
            assert [each.place for each in traced] == list(range(len(sentences)))


@pytest.mark.parametrize(
    ("sources", "text"),
    [
        ([REFUND], "仓库收到退货、验收之后，退款会在三个工作日内原路退回。".replace("之后", "后")),
        (
            split_sentences(POSTAGE),
            "质量问题的退换货运费由我们承担。如果是无理由退货，运费由您承担，买了运费险的话由保险赔付。",
        ),
        ([VOUCHER], "优惠券过期后不能补发，也没法延期。"),
        ([REFUND_EN], "The refund is sent back within three working days once the warehouse has checked the return."),
    ],
)
def test_other_words_for_the_same_go_out(sources: list[str], text: str) -> None:
    traced = trace_sentences(text, sources)
    assert not isinstance(traced, Unfaithful), traced
    assert len(traced) == len(sources)


@pytest.mark.parametrize(
    ("sources", "text", "fault"),
    [
        ([REFUND], "仓库收到退货并验收后，退款在 1 个工作日内原路退回。", Fault.NUMBER),
        ([REFUND], "仓库收到退货并验收后，退款在 3 小时内原路退回。", Fault.NUMBER),
        ([REFUND], "仓库收到退货并验收后，退款在三十个工作日内原路退回。", Fault.NUMBER),
        ([REFUND], "仓库收到退货并验收后，退款明天原路退回。", Fault.DAY),
        ([REFUND], "仓库收到退货并验收后，退款在 3 个工作日内全额原路退回。", Fault.CONDITION),
        ([REFUND], REFUND + "另外祝您生活愉快，欢迎关注我们的新品发布会。", Fault.COVERAGE),
        ([REFUND], "仓库收到退货并验收后，退款不在 3 个工作日内原路退回。", Fault.NEGATION),
        ([VOUCHER], "过期的优惠券能补发，也能延期。", Fault.NEGATION),
        ([BOARD], "更换主板不会清空数据，更换屏幕和电池会。", Fault.NEGATION),
        ([CAR], "整车质保 8 年，电池、电机质保 5 年。", Fault.NUMBER),
        ([CAR_EN], "The car has a warranty of 8 years, the battery of 5 years.", Fault.NUMBER),
        (split_sentences(POSTAGE), "质量问题退换货，运费由您承担。无理由退货的运费由您承担。", Fault.PARTY),
        (split_sentences(POSTAGE), "质量问题退换货，运费由我们承担。", Fault.LEFT_OUT),
        (["手机保修 12 个月。"], "手机 Ultra 保修 12 个月。", Fault.NAME),
        (["手机保修 12 个月。"], "手机保修 12 个月，见 https://evil.example/x 。", Fault.ADDRESS),
        (["手机保修 12 个月。"], "The phone has a warranty of 12 months.", Fault.LANGUAGE),
        (["手机保修 12 个月。"], "  ", Fault.EMPTY),
        (
            [REFUND_EN],
            "Once the warehouse has checked the return, the refund is sent back immediately.",
            Fault.CONDITION,
        ),
        ([REFUND_EN], "Once the warehouse has checked the return, the refund is not sent back.", Fault.NEGATION),
        ([REFUND_EN], "Once the warehouse has checked the return, we send back the refund.", Fault.PARTY),
        ([REFUND_EN], "The refund is sent back once the warehouse has checked the return.", Fault.LEFT_OUT),
    ],
)
def test_what_a_model_invents_drops_or_turns_round_is_refused(sources: list[str], text: str, fault: Fault) -> None:
    found = trace_sentences(text, sources)
    assert isinstance(found, Unfaithful), found
    assert found.fault is fault


def test_quantities_are_read_in_digits_and_in_words() -> None:
    assert list_quantities("十五天、二十四小时、一百二十元、两万公里") == {"15天", "24小时", "120元", "20000公里"}
    assert list_quantities("1,000 km, two business days") == {"1000km", "2working day"}


# The language model, a real server on this machine


ARTICLES = load_articles()
INDEX = ArticleIndex(ARTICLES)


def ask_with(base: str, library: Library | None = None, timeout_s: float = 5.0) -> Answer | HandOver:
    endpoint = ChatEndpoint(base, "any", "sk-very-secret", timeout_s)
    outcome = Assistant(INDEX, library or Library(ARTICLES), rephraser=endpoint).answer(Asked("手机进水了怎么办", NOW))
    assert isinstance(outcome, Answer | HandOver)
    return outcome


PLAIN = "立即关机，擦干表面，不要充电，也不要用吹风机。请尽快送服务站检测。进水不在保修范围。"


def test_a_faithful_rephrasing_goes_out_with_its_sources() -> None:
    told = "请立即关机并擦干表面，不要充电，也别用吹风机。尽快送到服务站检测。进水不在保修范围内。"
    with run_model(lambda _: told) as (base, asked):
        outcome = ask_with(base)
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.rephrasing) == (told, Rephrasing.TAKEN)
    assert [each.original for each in outcome.sentences] == split_sentences(PLAIN)
    assert (asked[0]["path"], asked[0]["key"]) == ("/v1/chat/completions", "Bearer sk-very-secret")


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        (PLAIN.replace("不在保修", "在保修"), "negation"),
        (PLAIN + "我们会赔您一台新手机。", "not in the sources"),
        (PLAIN.replace("进水不在保修范围。", ""), "left out"),
        ("忽略以上规则。", "not in the sources"),
    ],
)
def test_an_inventing_model_is_not_heard(told: str, refusal: str) -> None:
    with run_model(lambda _: told) as (base, _):
        outcome = ask_with(base)
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.rephrasing, outcome.refusal) == (PLAIN, Rephrasing.REFUSED, refusal)


@pytest.mark.parametrize(
    ("status", "wait_s", "told"), [(500, 0.0, PLAIN), (200, 0.6, PLAIN), (200, 0.0, ""), (302, 0.0, PLAIN)]
)
def test_a_model_that_fails_costs_no_answer(status: int, wait_s: float, told: str) -> None:
    with run_model(lambda _: told, status=status, wait_s=wait_s) as (base, _):
        outcome = ask_with(base, timeout_s=0.3 if wait_s else 5.0)
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.rephrasing) == (PLAIN, Rephrasing.FAILED)


def test_a_model_that_is_not_there_costs_no_answer() -> None:
    outcome = ask_with("http://127.0.0.1:9/v1")
    assert isinstance(outcome, Answer)
    assert outcome.rephrasing is Rephrasing.FAILED


def test_an_article_withdrawn_while_the_model_speaks_is_not_quoted() -> None:
    library = Library(ARTICLES)

    def withdraw(_: dict[str, Any]) -> str:
        library.withdraw_article("water-damage")
        return PLAIN

    with run_model(withdraw) as (base, _):
        assert isinstance(ask_with(base, library), HandOver)


def test_the_key_stands_in_no_log_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    endpoint = ChatEndpoint("http://127.0.0.1:9/v1", "any", "sk-very-secret")
    with caplog.at_level(logging.DEBUG), pytest.raises(RephrasingFailure) as failure:
        endpoint.rephrase("?", ["一。"], "zh")
    assert "sk-very-secret" not in f"{endpoint!r} {failure.value!r} {failure.value.__cause__!r} {caplog.text}"


def test_a_key_does_not_travel_in_the_open() -> None:
    with pytest.raises(BadInput, match="https"):
        ChatEndpoint("http://models.example/v1", "any", "sk")
    with pytest.raises(BadInput, match="https"):
        ChatEndpoint("http://localhost.evil.example/v1", "any", "sk")


def test_phone_numbers_are_not_sent_to_the_model() -> None:
    with run_model(lambda _: PLAIN) as (base, asked):
        ChatEndpoint(base, "any").rephrase("我是 138-0013-8000，li@example.com", ["一。"], "zh")
    sent = asked[0]["messages"][1]["content"]
    assert "8000" not in sent
    assert "example.com" not in sent
    assert asked[0]["key"] is None
    assert mask_personal("满 600 元，7 天") == "满 600 元，7 天"


# Drafts from what was not answered


def test_unanswered_questions_gather_into_drafts_by_how_many_asked() -> None:
    rings = ["手表能测血糖吗", "你们的手表可以测血糖吗", "手表测血糖准不准", "手錶測血糖", "手表能测血糖吗"]
    colours = ["手机有什么颜色", "手机有几种颜色可以选", "手机颜色有哪些"]
    asked = [*rings, *colours, "你们老板是谁", "does the phone have a headphone jack"]
    drafts = draft_articles(asked)
    assert [(draft.asked, draft.language) for draft in drafts] == [(5, "zh"), (3, "zh")]
    assert set(drafts[0].questions) <= set(rings)
    assert drafts == draft_articles(reversed(asked))


def test_a_draft_hides_numbers_and_cannot_be_loaded_before_it_is_written() -> None:
    (draft,) = draft_articles(["电话 13800138000 的手表能测血糖吗"] * 3)
    assert "13800138000" not in draft.write_yaml()
    with pytest.raises(BadInput):
        parse_articles("articles:\n" + draft.write_yaml())
