"""When a person must answer: what a question says that no article may decide, in Chinese and English."""

from __future__ import annotations

import re
from enum import StrEnum

from canyu.care.assistant.tokens import fold_text
from canyu.kit.words import Words


class HandOverReason(StrEnum):
    """Why a question goes to a person; a field of the answer, never a phrase in it."""

    PERSON = "asked for a person"
    PRICE = "price"
    COMPLAINT = "complaint"
    LEGAL = "legal"
    UNSURE = "unsure twice"
    NO_ARTICLE = "no article"


REASON_WORDS = {
    HandOverReason.PERSON: Words("要求人工", "asked for a person"),
    HandOverReason.PRICE: Words("价格", "price"),
    HandOverReason.COMPLAINT: Words("投诉", "complaint"),
    HandOverReason.LEGAL: Words("法律", "legal"),
    HandOverReason.UNSURE: Words("两次没有把握", "unsure twice"),
    HandOverReason.NO_ARTICLE: Words("没有相关文章", "no article"),
}
"""What a reason is called."""

MESSAGES = {
    HandOverReason.PERSON: Words("好的，正在为您转接人工客服。", "Of course: a person takes over from here."),
    HandOverReason.PRICE: Words(
        "价格问题由人工客服为您答复，正在转接。", "A person answers questions of price and takes over from here."
    ),
    HandOverReason.COMPLAINT: Words(
        "您的情况已记录，正在转接人工客服处理。", "What you say has been noted, and a person takes over from here."
    ),
    HandOverReason.LEGAL: Words(
        "您的诉求已记录，正在转接专人处理。",
        "What you say has been noted, and a person in charge takes over from here.",
    ),
    HandOverReason.UNSURE: Words(
        "为避免答错，正在为您转接人工客服。", "So that you get no wrong answer, a person takes over from here."
    ),
    HandOverReason.NO_ARTICLE: Words(
        "这个问题没有现成的答案，正在为您转接人工客服。",
        "There is no article about this; a person takes over from here.",
    ),
}
"""What the customer is told; it promises no time."""

# In this order: who asks for a person gets one, whatever else is said.
_RULES = {
    HandOverReason.PERSON: re.compile(
        r"人工|真人|活人|专员处理|(?:转|接|叫|找|换|要)(?:个|一个|下|一下)?(?:客服|专员|人来|经理|主管|领导)|跟人(?:说|聊|讲)|"
        r"(?:不要|不想|别)(?:跟|和|是|用)?(?:个)?机器人|\b(?:human|real person|live (?:person|agent|chat))\b|"
        r"\b(?:talk|speak|chat|connect me|transfer me|put me through)\s+(?:to|with)\s+(?:a|an|the|some|your)?\s*"
        r"(?:person|someone|somebody|one|agent|representative|manager|supervisor|staff|operator)|"
        r"\b(?:representative|operator)\b"
    ),
    HandOverReason.LEGAL: re.compile(
        r"律师|起诉|诉讼|法院|告你|仲裁|12315|12345|消协|消费者协会|工商局|市场监管|维权|法律责任|违法|"
        r"\b(?:lawyers?|attorneys?|sue|suing|lawsuit|court|legal action|consumer (?:association|protection|rights))\b"
    ),
    HandOverReason.COMPLAINT: re.compile(
        r"投诉|举报|曝光|差评|骗子|骗人|欺骗|欺诈|忽悠|坑人|坑我|假货|态度(?:太|很|好|真|这么)?(?:差|恶劣|不好)|"
        r"(?:太|真|很|这么|服务)(?:差劲|烂|垃圾|恶心|过分)|垃圾(?:公司|服务|品牌|产品|客服)|气死|气愤|失望|"
        r"赔偿|索赔|怎么赔|赔我|赔钱|给个说法|没人管|没人理|着火|起火|冒烟|爆炸|自燃|漏电|触电|烧伤|受伤|"
        r"\b(?:complain|complaint|complaints|scam|fraud|terrible|awful|worst|disgusting|disappointed|ripped off|"
        r"unacceptable|rude|compensation|caught fire|on fire|exploded|smoke|smoking|injured|burned|burnt)\b"
    ),
    HandOverReason.PRICE: re.compile(
        r"多少钱(?:卖|能卖|拿|一台|一部|一个|买)|最低(?:价|多少)|底价|便宜(?:点|些|一点|吗|多少)|再便宜|打(?:个)?折|讲价|砍价|还价|议价|"
        r"少(?:点|收)钱|优惠点|价格(?:多少|是多少|能)|报(?:个)?价|卖多少|"
        r"\b(?:discount|cheaper|best price|lower price|how much (?:does|is|are|for)|price of|quote|bargain)\b"
    ),
}
_PRICE_BY_RULE = re.compile(
    r"价格?保护|保价|价保|student|education|教育|学生|trade.?in|以旧换新|delivery|postage|运费|邮费"
)
"""Prices that an article settles for everybody."""


def find_reason(question: str) -> HandOverReason | None:
    """Return why a question must go to a person by what it says; None where an article may answer it.

    >>> find_reason("我要投訴！"), find_reason("轉人工"), find_reason("保价怎么申请")
    (<HandOverReason.COMPLAINT: 'complaint'>, <HandOverReason.PERSON: 'asked for a person'>, None)
    """
    folded = fold_text(question)
    for reason, pattern in _RULES.items():
        if pattern.search(folded) and not (reason is HandOverReason.PRICE and _PRICE_BY_RULE.search(folded)):
            return reason
    return None
