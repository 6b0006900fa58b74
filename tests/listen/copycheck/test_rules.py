"""Rules beside article 9(3): industries, data, disclosure."""

from __future__ import annotations

import pytest

from canyu.events.catalogue import Catalogue, Entry, Kind
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.copycheck import INDUSTRIES, Severity, check_copies, check_copy

BREACHES = [
    ("全系无人驾驶", "car", "ad-law-28", "block"),
    ("上市以来零事故", "car", "ad-law-28", "block"),
    ("续航700公里", "car", "ad-law-11", "needs proof"),
    ("待机72小时", "phone", "ad-law-11", "needs proof"),
    ("一晚只要1度电", "appliance", "ad-law-11", "needs proof"),
    ("7天美白", "cosmetics", "cosmetics-22", "needs proof"),
    ("药妆级护肤", "cosmetics", "cosmetics-37", "block"),
    ("常喝降血糖", "food", "ad-law-17", "block"),
    ("比母乳更好", "food", "ad-law-20", "block"),
    ("一个月瘦20斤", "health_food", "ad-law-18", "block"),
    ("治愈率95%", "medical", "ad-law-16", "block"),
    ("保本保息", "finance", "ad-law-25", "block"),
    ("签约保过", "education", "ad-law-24", "block"),
    ("坐等升值", "property", "ad-law-26", "block"),
    ("国宴特供", "", "ad-law-9-2", "block"),
    ("研究表明更省电", "", "ad-law-11", "needs proof"),
    ("吊打所有友商", "", "ad-law-13", "block"),
    ("中国驰名商标", "", "trademark-14", "block"),
]
LAWFUL = [
    ("续航700公里（CLTC工况）", "car"),
    ("不是自动驾驶，请握好方向盘", "car"),
    ("据《中国居民膳食指南》，研究表明多喝水有益", "food"),
    ("本品不能代替药物", "health_food"),
    ("本课程不承诺保过", "education"),
    ("非保本浮动收益，投资有风险", "finance"),
]


@pytest.mark.parametrize(("text", "industry", "rule", "severity"), BREACHES)
def test_a_breach_names_its_rule(text: str, industry: str, rule: str, severity: str) -> None:
    assert (rule, severity) in {
        (each.rule, each.severity.value) for each in check_copy(text, industry=industry).findings
    }


@pytest.mark.parametrize(("text", "industry"), LAWFUL)
def test_a_lawful_claim_passes(text: str, industry: str) -> None:
    assert not check_copy(text, industry=industry).is_flagged


def test_an_industry_has_rules_of_its_own() -> None:
    assert check_copy("续航700公里", industry="service").findings == ()
    assert list(INDUSTRIES) == sorted(INDUSTRIES)
    assert {"car", "cosmetics", "education", "finance", "food", "medical", "phone", "service"} <= set(INDUSTRIES)


def test_a_paid_post_must_be_marked() -> None:
    severities = [
        [each.severity for each in check_copy(text, is_paid=True).findings]
        for text in ("好用的锅", "好用的锅 #合作", "#广告 好用的锅", "好用的锅 #ad", "这不是广告，锅好用")
    ]
    assert severities == [[Severity.BLOCK], [Severity.NOTE], [], [], [Severity.BLOCK]]
    assert check_copy("好用的锅").findings == ()


def test_names_of_the_catalogue_may_contain_absolute_terms() -> None:
    entries = (Entry("a", Kind.BRAND, Words("最香牛排", "A")), Entry("b", Kind.BRAND, Words("最味道", "Zuiweidao")))
    catalogue = Catalogue("1", "a", Words("牛排", "steaks"), entries)
    text = "最香牛排今日到店"
    assert check_copy(text).is_flagged
    assert [each.ground.value for each in check_copy(text, catalogue=catalogue).findings] == ["name_or_trademark"]


def test_findings_speak_both_languages_and_name_article_and_proof() -> None:
    row = check_copy("全国首款折叠车", industry="car").findings[0].to_row()
    assert row["article"]["zh"].startswith("《广告法》第九条")
    assert row["article"]["en"].startswith("Advertising Law art. 9(3)")
    assert all(row[name]["zh"] and row[name]["en"] for name in ("article", "why", "hint"))
    assert row["proof"] == ["source", "period", "region"]


def test_unknown_industries_and_no_texts_are_refused() -> None:
    with pytest.raises(BadInput, match="no industry"):
        check_copy("好", industry="rockets")
    with pytest.raises(BadInput, match="not all text"):
        check_copies(["好", None])  # type: ignore[list-item]


def test_a_batch_answers_as_one_by_one_does() -> None:
    texts = ["最好的锅", "", "第一次买", "國家J", "顶 级"] * 1000
    assert check_copies(texts) == [check_copy(text) for text in texts[:5]] * 1000
