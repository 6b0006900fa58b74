"""Words of goodwill offers that make it hang on what people say, and those that only say that it does not."""

from __future__ import annotations

import pytest

from canyu.care.crisis.goodwill_text import Asking, check_offer_words, find_conditions
from canyu.kit.errors import BadInput

CONDITIONAL = {
    Asking.REMOVE: (
        "删除差评后可领取 200 元代金券",
        "请先删帖，再联系客服领取延保",
        "撤回投诉的用户可获赠一年延保",
        "把原帖删掉，截图发给我们即可领券",
        "删 除 评 价 即可领取",
        "将视频设为私密后发放",
        "差评下架之后，延保自动生效",
        "联系客服删评领红包",
        "Delete your review and get one more year of warranty",
        "The voucher is yours once you have taken down the post",
        "For customers who withdraw their complaint",
        "Please remove the negative comments to receive the code",
        "Pull the video and we will extend the warranty",
    ),
    Asking.CHANGE: (
        "修改评价为满意后返现",
        "把差评改成好评，送一年延保",
        "追加正面评论可再领一张",
        "评分改到 5 星即可兑换",
        "Change your rating to receive the voucher",
        "Update your review to five stars and claim the code",
        "Customers who edit their post get 200 yuan",
        "Revise the comment first",
    ),
    Asking.PRAISE: (
        "好评返现 20 元",
        "晒五星好评领延保",
        "发布正面评价即送代金券",
        "Leave a positive review to get the code",
        "A voucher in exchange for a good review",
        "Rate us five stars and claim it",
        "Write a glowing post, get a year",
    ),
    Asking.SILENCE: (
        "领取后不得再投诉或公开此事",
        "领取即表示承诺不再发帖",
        "双方对补偿内容保密",
        "放弃追究的用户可以领取",
        "You agree not to post about the incident",
        "The amount is confidential",
        "By claiming you waive any further complaint",
        "Customers promise not to publicly comment",
    ),
}
LAWFUL = (
    "凡在 3 月 1 日前购买的用户，均可领取一年延保",
    "领取不以删除或修改评价为条件",
    "无论您是否发布过差评，都可以领取",
    "无需删除任何帖子，也无需修改评价",
    "您的评价与领取无关，我们照常展示每一条评价",
    "在订单页点击领取，券码会发到手机",
    "延保自动生效，不需要任何操作",
    "200 元代金券，满 1000 元可用，7 月底前有效",
    "如有问题请联系客服，也可以继续投诉",
    "每人限领一张，领完为止",
    "我们从不要求用户给好评",
    "更换滤网后延长保修一年",
    "对此我们深表歉意，感谢您的理解",
    "Everybody who bought one before 1 March gets another year of warranty",
    "This does not depend on any review",
    "You do not have to delete or change your review",
    "Whether or not you posted a complaint, the voucher is yours",
    "We never ask anybody to remove a post",
    "Enter the code at the checkout before 31 July",
    "One voucher per household while stocks last",
    "Regardless of what you wrote in your review, you get the same",
    "Contact care if the code does not work",
    "The repair changes the filter and the seal",
    "We are sorry for the trouble",
    "Your feedback is welcome, good or bad",
)


@pytest.mark.parametrize(
    ("asking", "text"), [(asking, text) for asking, texts in CONDITIONAL.items() for text in texts]
)
def test_words_that_make_it_conditional_are_found(asking: Asking, text: str) -> None:
    assert find_conditions(text), (asking, text)


@pytest.mark.parametrize("text", LAWFUL)
def test_lawful_words_pass(text: str) -> None:
    assert find_conditions(text) == []


def test_a_refusal_names_the_words_and_the_mend() -> None:
    with pytest.raises(BadInput) as refused:
        check_offer_words("凡购买者可领取", "Delete your review and get a year")
    assert "Delete your review" in str(refused.value.message)
    assert refused.value.mend is not None
    assert "whatever they said" in str(refused.value.mend)
    check_offer_words("凡购买者可领取", "Everybody who bought one gets a year")


def test_hidden_signs_do_not_help() -> None:
    assert find_conditions("删\u200b除\u200b评\u200b价即可领取")
    assert find_conditions("删 - 除 · 差 评后领取")
    assert find_conditions("ＤＥＬＥＴＥ your review")
