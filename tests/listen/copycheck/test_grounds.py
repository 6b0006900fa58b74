"""Each of the nine grounds lifts the ban where it holds, and only there."""

from __future__ import annotations

import pytest

from canyu.listen.copycheck import Ground, Severity, Target, Verdict, check_copy

LIFTED = [
    ("我们以最真诚的态度待客", Ground.SERVICE_ATTITUDE, Target.SERVICE_ATTITUDE),
    ("顾客第一，信誉第一", Ground.SERVICE_ATTITUDE, Target.SERVICE_ATTITUDE),
    ("致力于做最好的电饭煲", Ground.GOAL, Target.GOAL),
    ("送给最爱的妈妈", Ground.NO_LINK, Target.FEELING),
    ("我们并不是最好的", Ground.NO_LINK, Target.FEELING),
    ("哪款洗衣机最好？", Ground.NO_LINK, Target.FEELING),
    ("本系列最轻的一款", Ground.OWN_RANGE, Target.OWN_RANGE),
    ("最佳食用温度为八度", Ground.USAGE_TIP, Target.USAGE_TIP),
    ("冷藏后饮用口感最佳", Ground.USAGE_TIP, Target.USAGE_TIP),
    ("依据GB 12021.2，一级为最高等级", Ground.STANDARD_GRADE, Target.STANDARD_GRADE),
    ("注册商标“最香”茶叶", Ground.NAME_OR_TRADEMARK, Target.NAME),
    ("荣获2023年度最佳工业设计奖", Ground.AWARDED_TITLE, Target.AWARDED_TITLE),
    ("2023年全国销量第一（数据来源：中怡康）", Ground.LIMITED_FACT, Target.LIMITED_FACT),
]
NOT_LIFTED = [
    "我们是全国最好的电饭煲品牌",  # "we" compares with a whole country, not within the own range
    "不仅是最好的，还很便宜",  # "not only" denies nothing
    "全场最轻的一款",
    "口感最佳的牛奶",  # praise, not a tip on when to drink it
    "最高等级的享受",  # no standard is named
    "“最好”的选择",  # quotation marks make no trademark
    "最佳设计",  # no prize is named
    "2023年全国销量第一",  # no source
    "全国销量第一（数据来源：中怡康）",  # no period
]


@pytest.mark.parametrize(("text", "ground", "target"), LIFTED)
def test_a_ground_lifts_the_ban(text: str, ground: Ground, target: Target) -> None:
    report = check_copy(text)
    assert {(each.ground, each.target, each.severity) for each in report.findings} == {
        (ground, target, Severity.EXEMPT)
    }
    assert report.verdict is Verdict.CLEAN


@pytest.mark.parametrize("text", NOT_LIFTED)
def test_no_ground_lifts_the_ban(text: str) -> None:
    report = check_copy(text)
    assert report.is_flagged
    assert {each.ground for each in report.findings if each.severity is not Severity.EXEMPT} == {Ground.NONE}


@pytest.mark.parametrize(
    "text",
    [
        "第一次买",
        "第一步洗净",
        "最近很忙",
        "最后三天",
        "最好不要浸水",
        "唯一不足是偏重",
        "绝对不要湿手操作",
        "最差的一次",
    ],
)
def test_everyday_words_and_blame_are_no_findings(text: str) -> None:
    assert check_copy(text).findings == ()


def test_a_fact_says_which_proof_it_lacks() -> None:
    bare, dated = check_copy("全国销量第一"), check_copy("2023年全国销量第一")
    assert [slot.value for slot in bare.findings[0].proof] == ["source", "period", "region"]
    assert [slot.value for slot in dated.findings[0].proof] == ["source", "region"]
    assert bare.verdict is Verdict.NEEDS_PROOF


def test_own_experience_is_a_note_until_somebody_pays_for_it() -> None:
    text = "广告：这是我用过的最好的粉底"
    assert [each.severity for each in check_copy(text).findings] == [Severity.NOTE]
    assert [each.severity for each in check_copy(text, is_paid=True).findings] == [Severity.BLOCK]
