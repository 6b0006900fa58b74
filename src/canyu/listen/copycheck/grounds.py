"""What an absolute term points at, and which of the nine grounds of the guideline lifts the ban, if any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from canyu.kit.words import Words
from canyu.listen.copycheck.lexicon import Patterns, load_lexicon
from canyu.listen.copycheck.passage import Passage
from canyu.listen.copycheck.report import Ground, ProofSlot, Target


@dataclass(frozen=True, slots=True)
class Context:
    """What a term points at, the ground that lifts the ban (or none) and why; what to keep on file for it."""

    target: Target
    ground: Ground
    why: Words
    proof: tuple[ProofSlot, ...] = ()


POINTS_AT_GOODS = Words("指向所推销的商品，且没有豁免情形。", "points at the goods, and no ground lifts the ban.")
NO_CLAIM = Words("否定句或疑问句，没有作出绝对化的断言。", "denied or asked: nothing absolute is claimed.")
FEELING = Words(
    "说的是人的感受或情境，与商品性能、质量无直接关联（指南第五条第三项）。",
    "about feelings or occasions, not the goods' performance or quality (guideline art. 5(3)).",
)
ATTITUDE = Words(
    "表明服务态度或经营理念（指南第五条第一项）。",
    "shows an attitude of service or a philosophy (guideline art. 5(1)).",
)
GOAL = Words("表达目标追求（指南第五条第二项）。", "states what is strived for (guideline art. 5(2)).")
OWN_RANGE = Words(
    "同一品牌或企业内自我比较（指南第六条第一项）。", "compares within one's own range (guideline art. 6(1))."
)
USAGE_TIP = Words(
    "使用方法、时间、保存期限等消费提示（指南第六条第二项）。", "a tip on use or keeping (guideline art. 6(2))."
)
STANDARD = Words(
    "依据标准认定的分级用语（指南第六条第三项）。", "a grade of a standard that is named (guideline art. 6(3))."
)
NAME = Words(
    "商品名称、型号、商标或专利（指南第六条第四项）。", "a name, model, trademark or patent (guideline art. 6(4))."
)
AWARD = Words(
    "依据国家规定评定的奖项、称号（指南第六条第五项）。", "a prize or title under state rules (guideline art. 6(5))."
)
FACT = Words(
    "限定时间、地域并有出处的事实（指南第六条第六项）。",
    "a fact limited in time and place, with its source (guideline art. 6(6)).",
)


def find_ground(passage: Passage, *, is_fact: bool, names: tuple[str, ...]) -> Context:
    """Return the first ground that holds, tried from the surest sign to the weakest.

    ``is_fact``: the term orders things in time or counts sales, so that a period and a source make it lawful.
    ``names``: names of goods, folded, that may be spoken although they contain absolute terms.
    """
    signs = load_lexicon().signs
    if _is_name(passage, signs["name_or_trademark"], names):
        return Context(Target.NAME, Ground.NAME_OR_TRADEMARK, NAME, (ProofSlot.REGISTRATION,))
    if _makes_no_claim(passage, signs["no_claim"]):
        return Context(Target.FEELING, Ground.NO_LINK, NO_CLAIM)
    for holds, context in CHECKS:
        if holds(passage, signs[context.ground.value]):
            return context
    if is_fact and not list_missing(passage):
        return Context(Target.LIMITED_FACT, Ground.LIMITED_FACT, FACT, (ProofSlot.SOURCE, ProofSlot.PERIOD))
    return Context(Target.LIMITED_FACT if is_fact else Target.GOODS, Ground.NONE, POINTS_AT_GOODS)


def list_missing(passage: Passage) -> tuple[ProofSlot, ...]:
    """Return what a fact still lacks: a source, a period."""
    signs = load_lexicon().signs["limited_fact"]
    wanted = {ProofSlot.SOURCE: signs["source"], ProofSlot.PERIOD: signs["period"]}
    return tuple(slot for slot, sign in wanted.items() if not sign.search(passage.footnoted))


def is_denied(passage: Passage) -> bool:
    """Say whether the clause denies the term; "not only" does not."""
    signs = load_lexicon().signs["no_claim"]
    return bool(signs["negation_before"].search(passage.before)) and not signs["negation_guard"].search(passage.before)


def is_personal(passage: Passage) -> bool:
    """Say whether the clause tells of the writer's own experience or opinion."""
    return bool(load_lexicon().signs["personal"]["any"].search(passage.clause))


def has_wide_scope(passage: Passage) -> bool:
    """Say whether the clause compares with a whole market before it comes to the term."""
    return bool(load_lexicon().signs["wide_scope"]["any"].search(passage.before))


def _makes_no_claim(passage: Passage, signs: Patterns) -> bool:
    return is_denied(passage) or (passage.is_asked and bool(signs["question"].search(passage.sentence)))


def _is_name(passage: Passage, signs: Patterns, names: tuple[str, ...]) -> bool:
    plain, start, end = passage.copy.plain, passage.start, passage.end
    for name in names:
        at = plain.find(name, max(0, end - len(name)), start + len(name))
        if at >= 0 and at <= start:
            return True
    after = plain[end : end + 24]
    if signs["after"].search(after) or signs["before"].search(plain[max(0, start - 16) : start]):
        return True
    is_opened = start > 0 and signs["quote_open"].match(plain[start - 1])
    if not is_opened:
        return False
    close = signs["quote_close"].search(after)
    is_bare_praise = passage.term.startswith("最") and close is not None and close.start() == 0
    is_led = start == 1 or plain[start - 2] in ",。!?\n"
    return bool(is_led and close and not is_bare_praise and signs["quoted_next"].match(after[close.end() :]))


def _is_attitude(passage: Passage, signs: Patterns) -> bool:
    return bool(signs["clause"].search(passage.clause)) and not signs["not_with"].search(passage.clause)


def _is_goal(passage: Passage, signs: Patterns) -> bool:
    return bool(signs["clause_before"].search(passage.before) or signs["sentence_before"].search(passage.lead))


def _is_own_range(passage: Passage, signs: Patterns) -> bool:
    if has_wide_scope(passage):
        return False
    return bool(signs["clause_before"].search(passage.before) or signs["sentence_before"].search(passage.lead))


def _is_usage_tip(passage: Passage, signs: Patterns) -> bool:
    if signs["term_after"].match(passage.after):
        return True
    return bool(signs["clause_before"].search(passage.before) and signs["needs"].search(passage.sentence))


def _is_standard_grade(passage: Passage, signs: Patterns) -> bool:
    return bool(signs["term_after"].match(passage.after) and signs["needs"].search(passage.sentence))


def _is_awarded_title(passage: Passage, signs: Patterns) -> bool:
    if signs["titles"].match(passage.after) or signs["titles"].match(passage.term + passage.rest):
        return True
    return bool(signs["verb"].search(passage.lead) and signs["noun"].search(passage.term + passage.rest))


CHECKS: tuple[tuple[Callable[[Passage, Patterns], bool], Context], ...] = (
    (_is_goal, Context(Target.GOAL, Ground.GOAL, GOAL)),
    (_is_attitude, Context(Target.SERVICE_ATTITUDE, Ground.SERVICE_ATTITUDE, ATTITUDE)),
    (_is_usage_tip, Context(Target.USAGE_TIP, Ground.USAGE_TIP, USAGE_TIP)),
    (_is_standard_grade, Context(Target.STANDARD_GRADE, Ground.STANDARD_GRADE, STANDARD, (ProofSlot.STANDARD,))),
    (_is_awarded_title, Context(Target.AWARDED_TITLE, Ground.AWARDED_TITLE, AWARD, (ProofSlot.AWARD_DOCUMENT,))),
    (_is_own_range, Context(Target.OWN_RANGE, Ground.OWN_RANGE, OWN_RANGE, (ProofSlot.OWN_DATA,))),
)
