"""What the engines' codes are called on the pages, in both languages."""

from __future__ import annotations

from canyu.kit.words import Words
from canyu.listen.copycheck import Ground, Severity, Target, Verdict

SEVERITY_WORDS: dict[Severity, Words] = {
    Severity.BLOCK: Words("禁止", "blocked"),
    Severity.NEEDS_PROOF: Words("需要依据", "needs proof"),
    Severity.NOTE: Words("提示", "note"),
    Severity.EXEMPT: Words("豁免", "exempt"),
}
VERDICT_WORDS: dict[Verdict, Words] = {
    Verdict.CLEAN: Words("没有发现禁止或需要依据的内容", "Nothing found that blocks or needs proof"),
    Verdict.NEEDS_PROOF: Words("备齐依据后再发布", "Have the proof at hand before you publish"),
    Verdict.BLOCKED: Words("修改后再发布", "Rewrite before you publish"),
}
TARGET_WORDS: dict[Target, Words] = {
    Target.GOODS: Words("商品", "the goods"),
    Target.SERVICE_ATTITUDE: Words("服务态度", "the attitude of service"),
    Target.GOAL: Words("目标追求", "a goal"),
    Target.FEELING: Words("感受或情境", "a feeling or an occasion"),
    Target.OWN_RANGE: Words("自家产品之间", "one's own range"),
    Target.USAGE_TIP: Words("使用提示", "a tip on use"),
    Target.STANDARD_GRADE: Words("标准的分级", "a grade of a standard"),
    Target.NAME: Words("名称或商标", "a name or trademark"),
    Target.AWARDED_TITLE: Words("获得的奖项或称号", "an awarded title"),
    Target.LIMITED_FACT: Words("限定时间、地域的事实", "a fact limited in time and place"),
    Target.POST: Words("整篇内容", "the whole post"),
}
GROUND_WORDS: dict[Ground, Words] = {
    Ground.SERVICE_ATTITUDE: Words("服务态度或经营理念（指南 5(1)）", "attitude or philosophy (guideline 5(1))"),
    Ground.GOAL: Words("目标追求（指南 5(2)）", "a goal (guideline 5(2))"),
    Ground.NO_LINK: Words(
        "与商品性能、质量无直接关联（指南 5(3)）", "not about performance or quality (guideline 5(3))"
    ),
    Ground.OWN_RANGE: Words("自我比较（指南 6(1)）", "compared within one's own range (guideline 6(1))"),
    Ground.USAGE_TIP: Words("消费提示（指南 6(2)）", "a tip on use (guideline 6(2))"),
    Ground.STANDARD_GRADE: Words("标准的分级用语（指南 6(3)）", "a grade of a standard (guideline 6(3))"),
    Ground.NAME_OR_TRADEMARK: Words("名称、商标或专利（指南 6(4)）", "a name, trademark or patent (guideline 6(4))"),
    Ground.AWARDED_TITLE: Words("奖项、称号（指南 6(5)）", "a prize or title (guideline 6(5))"),
    Ground.LIMITED_FACT: Words(
        "有出处的时空客观情况（指南 6(6)）", "a sourced fact of time and place (guideline 6(6))"
    ),
    Ground.NONE: Words("无", "none"),
}
INDUSTRY_WORDS: dict[str, Words] = {
    "appliance": Words("家电", "Appliances"),
    "car": Words("汽车", "Cars"),
    "cosmetics": Words("化妆品", "Cosmetics"),
    "education": Words("教育培训", "Education"),
    "finance": Words("金融投资", "Finance"),
    "food": Words("食品", "Food"),
    "health_food": Words("保健食品", "Health food"),
    "medical": Words("医疗、药品、器械", "Medicine and devices"),
    "phone": Words("手机数码", "Phones"),
    "property": Words("房地产", "Property"),
    "service": Words("服务", "Services"),
}


def say_percent(share: float) -> str:
    """Return a share as per cent without its sign, never 0 or 100 where it is not.

    >>> say_percent(0.784), say_percent(0.999), say_percent(0.001), say_percent(1.0)
    ('78', '> 99', '< 1', '100')
    """
    percent = 100 * share
    if 99.5 <= percent < 100:
        return "> 99"
    return "< 1" if 0 < percent < 0.5 else f"{percent:.0f}"


def say_span(seconds: float) -> Words:
    """Return a length of time in its two largest units.

    >>> say_span(40).en, say_span(3 * 3600 + 61).en, say_span(200_000).zh
    ('40 s', '3 h 1 min', '2 天 7 小时')
    """
    whole = round(seconds)
    for size, zh, en, part, part_zh, part_en in UNITS:
        if whole >= size:
            rest = whole % size // part
            tail_zh, tail_en = (f" {rest} {part_zh}", f" {rest} {part_en}") if rest else ("", "")
            return Words(f"{whole // size:,} {zh}{tail_zh}", f"{whole // size:,} {en}{tail_en}")
    return Words(f"{whole} 秒", f"{whole} s")


UNITS = (
    (86_400, "天", "d", 3_600, "小时", "h"),
    (3_600, "小时", "h", 60, "分", "min"),
    (60, "分", "min", 1, "秒", "s"),
)
