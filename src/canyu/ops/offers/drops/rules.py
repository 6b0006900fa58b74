"""What ways in, states and answers are called; pure, no database."""

from __future__ import annotations

from canyu.kit.words import Words
from canyu.ops.offers.drops.claiming.rules import Answered
from canyu.ops.offers.drops.models import DropState, EntryMode

ENTRY_WORDS: dict[str, Words] = {
    EntryMode.FIRST_COME: Words("先到先得", "first come, first served"),
    EntryMode.QUEUE: Words("候场：开抢前到的随机排队，之后到的接在后面", "waiting room: first the early, drawn"),
    EntryMode.LOTTERY: Words("抽签，人人可验", "lottery that anybody can verify"),
}
STATE_WORDS: dict[str, Words] = {
    DropState.DRAFT: Words("草稿", "draft"),
    DropState.RELEASED: Words("已发布", "released"),
    DropState.CLOSED: Words("已结束", "closed"),
}
ANSWER_WORDS: dict[str, Words] = {
    Answered.HELD: Words("为你留好了，请在时限内付款。", "It is held for you: pay in time."),
    Answered.SOLD: Words("是你的了。", "It is yours."),
    Answered.SOLD_OUT: Words("已经没有了。没付款的会重新放出，可以再来看看。", "None is left. Unpaid ones come back."),
    Answered.NOT_OPEN: Words("还没有开始。", "It has not opened yet."),
    Answered.CLOSED: Words("已经结束。", "It is over."),
    Answered.PERSON_LIMIT: Words("你已达到每人上限。", "You have as many as one person may."),
    Answered.ENTERED: Words("已登记。轮到你时，这里会显示编号。", "You are in. Your number will show here."),
    Answered.UNKNOWN: Words("没有这个活动。", "There is no such drop."),
    Answered.FORGOTTEN: Words("你的数据已删除，请重新打开页面。", "Your data were erased: load the page again."),
}
