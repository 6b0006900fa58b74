from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canyu.listen.rumours import find_claim

FOUND = [
    ("网传某品牌手机充电时爆炸，3人受伤。求扩散！", "网传某品牌手机充电时爆炸，3人受伤。"),
    ("大家注意了！据说这款车的电池在零下20度会自燃。", "据说这款车的电池在零下20度会自燃。"),
    ("【紧急通知：某奶粉检出三聚氰胺】请转给有孩子的家庭", "紧急通知：某奶粉检出三聚氰胺"),
    ("我朋友说他们公司明天裁员2000人。唉", "我朋友说他们公司明天裁员2000人。"),
    ("听说这家店用的是过期牛奶？不会吧。内部人士透露牛奶过期三个月。", "内部人士透露牛奶过期三个月。"),
    ("早上好！昨晚高速上一辆新能源车起火，警方称2人死亡。", "昨晚高速上一辆新能源车起火，警方称2人死亡。"),
    ("这个牌子的面霜含有激素，用了会导致烂脸。我不会再买了。", "这个牌子的面霜含有激素，用了会导致烂脸。"),
    ("快看！！某手机厂商宣布全面停产旧机型！太突然了", "某手机厂商宣布全面停产旧机型!"),
    ("@小王 央视曝光：这款净水器虚标滤芯寿命。", "央视曝光：这款净水器虚标滤芯寿命。"),
    ("真心求助。专家提醒微波炉加热塑料盒会产生致癌物质。谢谢", "专家提醒微波炉加热塑料盒会产生致癌物质。"),
    ("刚刚，某电动车在商场门口失控撞人，5人被送医院。", "刚刚，某电动车在商场门口失控撞人，5人被送医院。"),
    ("[怒][怒]售后说进水不保修，可机器根本没有进水！", "售后说进水不保修，可机器根本没有进水！"),
    ("某饮料从下月起涨价30%，厂家已经发布公告。大家囤货吧", "某饮料从下月起涨价30%，厂家已经发布公告。"),
    ("#热点# 某平台被曝收集用户通话录音；官方没有回应", "某平台被曝收集用户通话录音；"),
    ("他们家工厂在越南，标签写的是国产。呵呵", "他们家工厂在越南，标签写的是国产。"),
    ("据悉该公司创始人已经被警方带走调查！求真相", "据悉该公司创始人已经被警方带走调查！"),
    ("這款手機的電池鼓包了，客服說全國已有100多例。", "這款手機的電池鼓包了，客服說全國已有100多例。"),
    ("某超市卖的虾打了针。视频里看得很清楚，注射器里是胶水！", "视频里看得很清楚，注射器里是胶水！"),
    ("转发！某品牌儿童座椅在碰撞测试中断裂，质检不合格。", "某品牌儿童座椅在碰撞测试中断裂，质检不合格。"),
    ("今年的樱桃里全都有虫卵，放盐水里2分钟就爬出来。", "今年的樱桃里全都有虫卵，放盐水里2分钟就爬出来。"),
    ("ＳＵ７刹车失灵！車主稱踩不動剎車，撞上護欄。", "ＳＵ７刹车失灵！"),
    ("明天起全市加油站停售92号汽油。快去加油", "明天起全市加油站停售92号汽油。"),
    ("手机贴膜会辐射。医生说一年内有8个孩子因此失明。", "医生说一年内有8个孩子因此失明。"),
    ("某咖啡的杯子里喝出蟑螂，门店赔了1000元。", "某咖啡的杯子里喝出蟑螂，门店赔了1000元。"),
    ("美国研究发现这种甜味剂致癌，欧盟已禁止使用。", "美国研究发现这种甜味剂致癌，欧盟已禁止使用。"),
    ("http://example.com/1 某汽车召回12万辆，原因是安全气囊不弹出。", "某汽车召回12万辆，原因是安全气囊不弹出。"),
    ("新款手机的摄像头是上一代的，换了个壳。", "新款手机的摄像头是上一代的，换了个壳。"),
    ("有网友爆料：某主播卖的羊绒衫是化纤的。大家怎么看？", "有网友爆料：某主播卖的羊绒衫是化纤的。"),
]
NONE = [
    "",
    "   \n\n",
    "转发微博",
    "这手机真香，喜欢",
    "早安，祝大家开心！",
    "请问这款车保养贵吗？",
    "有没有人用过，怎么样？",
    "转发抽奖，关注就送手机壳！",
    "双十一优惠，点击链接下单！",
    "哈哈哈哈哈哈",
    "[泪][泪][泪]",
    "求推荐一款好用的面霜",
    "希望明年能买到",
    "太帅了太帅了",
    "好想要啊！！！",
    "@小李 @小张 快来看",
    "😀😀😀😀",
]


@pytest.mark.parametrize(("text", "sentence"), FOUND)
def test_the_checkable_sentence_is_found(text: str, sentence: str) -> None:
    claim = find_claim(text)
    assert claim is not None
    assert claim.sentence.replace("！", "!") == sentence.replace("！", "!")
    assert text[claim.start : claim.end] == claim.sentence
    assert claim.span == (claim.start, claim.end)


@pytest.mark.parametrize("text", NONE)
def test_chat_questions_and_advertisements_make_no_claim(text: str) -> None:
    assert find_claim(text) is None


def test_the_cues_say_why() -> None:
    claim = find_claim("网传某品牌手机充电时爆炸，3人受伤")
    assert claim is not None
    assert claim.cues == ("event", "hearsay", "number")


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    claim = find_claim(text)
    assert claim is None or text[claim.start : claim.end] == claim.sentence


@pytest.mark.parametrize(
    "text", ["网" * 1_000_000, "3人 " * 300_000, "\ud800爆炸3人", "\x00\x01爆炸" * 1000, "【" * 100_000]
)
def test_hostile_texts_have_an_answer(text: str) -> None:
    claim = find_claim(text)
    assert claim is None or len(claim.sentence) <= 300
