"""The checkable sentence of a post: who or what, how many, when, said by whom."""

from __future__ import annotations

import re
from dataclasses import dataclass

from canyu.listen.folds import fold_text

MOST_CHARACTERS = 10_000  # a claim stands at the head: what comes later is not read
LONGEST_SENTENCE = 300
LEAST_POINTS = 2.0
SENTENCE = re.compile(r"[^。!?;\n】]+[。!?;】]*")  # a headline in 【】 is a sentence of its own
LEAD = re.compile(
    r"^(?:[\s,、~…:.\-—>\"”』」】【\]]|\[[^\]]{1,8}\]|#[^#]{1,40}#|@[\w\-]{1,30}[:]?|//+|https?://[!-~]+)+"
)
NUMBER = r"(?:\d[\d,.]*|[一二两三四五六七八九十几数]?[百千万亿十](?:多|余)?|[两三四五六七八九十几])"


@dataclass(frozen=True, slots=True)
class Cue:
    """One kind of sign: ``points`` for a sentence that holds it; ``is_assertion`` where it asserts something."""

    name: str
    pattern: re.Pattern[str]
    points: float
    is_assertion: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """The checkable sentence ``text[start:end]`` of a post and the signs it was chosen by."""

    start: int
    end: int
    sentence: str
    cues: tuple[str, ...]

    @property
    def span(self) -> tuple[int, int]:
        """Where the sentence begins and ends in the text, in characters."""
        return self.start, self.end


CUES = (
    Cue(
        "event",
        re.compile(
            r"起火|着火|自燃|爆炸|炸了|召回|死亡|身亡|死了|去世|遇难|失踪|坠[楼亡落毁]|中毒|致癌|感染|确诊|被[抓捕查封罚拘告]|拘留|查封|"
            r"查获|逮捕|立案|起诉|判[刑处决赔]|倒闭|破产|裁员|停产|停售|停[水电运课]|下架|关[停店闭]|封[杀闭禁号]|辞职|离职|跑路|"
            r"涨价|降价|涨到|降[到至]|上调|下调|取消|禁止|叫停|收购|合并|退市|断裂|断轴|失灵|失控|泄[露漏]|漏[电油水]|鼓包|开裂|"
            r"起诉|造假|虚[假标]|偷[拍换工]|减配|收集|监听|上传|窃取|拐卖|抢[劫走]|砍|强奸|打[人死伤]|受伤|伤亡|追尾|相撞|地震|"
            r"[害吓毒饿冻烧]死|自[杀缢尽]|上吊|消失|不见了|走失|丢失|捡到|牺牲|跪[下拜]|道歉|阉割|性侵|奸[淫杀]|裸[体奔]|出轨|怀孕|离婚|"
            r"易燃|闪燃|触电|塌[陷方]|寄生|虫[卵子]|揭[露秘]|冒牌|山寨|抄袭|贪[污官]|受贿|潜逃|罚[款\d]|公[布开]|创[世下]|推出|不得|"
            r"全面|启动|实施|执行|批准|通过|发布|宣布|检出|超标|不合格|过期|含有|添加|掺|产自|代工|贴牌"
        ),
        2.0,
        is_assertion=True,
    ),
    Cue(
        "hearsay",
        re.compile(
            r"网传|据传|据说|听说|传言|传闻|有传|风传|疯传|盛传|爆料|网友称|网曝|曝[光出]?|有人说|据悉|消息称|"
            r"(?:朋友|同事|同学|亲戚|邻居|内部人士|知情人士?|老师|师傅|销售|店员|客服)(?:告诉|说|称|讲|透露|爆料)"
        ),
        2.0,
        is_assertion=True,
    ),
    Cue(
        "number",
        re.compile(
            r"\d{2,}|" + NUMBER + r"\s*(?:[%个人名位起辆台部家万亿元块度倍年月日号点岁次种款吨斤公克毫米]|km|kg|mg)"
        ),
        1.0,
        is_assertion=True,
    ),
    Cue(
        "authority",
        re.compile(
            r"专家|教授|院士|警方|公安|交警|央视|新华社|人民日报|医院|医生|政府|法院|官方|卫生|质检|市场监管|工信部|商务部|"
            r"消协|海关|证监会|食药监|药监|检测机构|研究|报告|总裁|董事长|ceo|负责人|发言人|公告|公司|厂家|工厂|厂商|集团"
        ),
        1.0,
    ),
    Cue("saying", re.compile(r"表示|称[,::]?|指出|透露|证实|承认|警告|提醒|发现|显示|报道|介绍|解释"), 0.5),
    Cue(
        "time",
        re.compile(
            r"今[天日晚早年]|昨[天日晚]|明[天日起年]|凌晨|刚刚|刚才|目前|近日|最近|日前|即日起|本[周月]|上[周月]|\d月|\d[日号]|\d点"
        ),
        0.5,
    ),
    Cue(
        "consequence",
        re.compile(
            r"会?导致|引[起发]|造成|致使|使得|会[让使得死坏]|容易|千万别|不能[吃喝买用]|不要再?[吃喝买用去]|有毒|有害|危害"
        ),
        1.5,
        is_assertion=True,
    ),
    Cue(
        "statement",
        re.compile(
            r"[^\s,]{2,}(?:不?是(?!不是)|已经?|将|被|位列|排名|居|属于|等于|来自|成为|成了|变成|没有|开始|继续|遭|获|称)"
        ),
        1.0,
        is_assertion=True,
    ),
    Cue("universal", re.compile(r"全部|所有|全国|全市|一律|从不|根本|其实是|都是|竟然|居然|全是"), 0.5),
    Cue("urgency", re.compile(r"紧急|速[转看]|火速|突发|重[要大]通知"), 0.5),
)
PENALTIES = (
    Cue("question", re.compile(r"[吗呢么][?]?$|[?]$|^请问|有没有|怎么样|如何|谁知道|求推荐"), -2.5),
    Cue(
        "opinion",
        re.compile(
            r"觉得|感觉|喜欢|希望|想要|真香|好看|好用|好吃|推荐|我爱|太[美棒帅]|祝|晚安|早安|加油|开心|期待|心情|幸福|人生"
        ),
        -2.0,
    ),
    Cue(
        "advertisement",
        re.compile(r"抽奖|抽[取出送]|包邮|优惠|秒杀|福利|领取|下单|购买链接|点击|免费送|赠送|抢购|促销"),
        -2.5,
    ),
    Cue("plea", re.compile(r"^[请求快速大家]*(?:转发|扩散|转起|转给|传下去|转告)"), -2.0),
    Cue("wish", re.compile(r"如果|要是|假如|但愿|万一"), -1.0),
)


def find_claim(text: str) -> Claim | None:
    """Return the sentence of the text that asserts something checkable, or None where none does.

    Each sentence gets points for its cues; it must assert an event, a consequence, a number or hearsay. The
    first of the best wins.

    >>> find_claim("大家好！网传某品牌手机充电时爆炸，3人受伤。求扩散").sentence
    '网传某品牌手机充电时爆炸，3人受伤。'
    >>> find_claim("这手机真香，喜欢") is None
    True
    """
    folded = fold_text(text[:MOST_CHARACTERS])
    best: tuple[float, int, int, tuple[str, ...]] | None = None
    for found in SENTENCE.finditer(folded):
        start, end = _trim(folded, found.start(), min(found.end(), found.start() + LONGEST_SENTENCE))
        points, cues = _judge(folded[start:end])
        if points >= LEAST_POINTS and (best is None or points > best[0]):
            best = points, start, end, cues
    if best is None:
        return None
    _, start, end, cues = best
    return Claim(start, end, text[start:end], cues)


def _trim(folded: str, start: int, end: int) -> tuple[int, int]:
    """Leave out tags, names and marks before a sentence, and blanks around it."""
    lead = LEAD.match(folded[start:end])
    start += lead.end() if lead else 0
    return start, start + len(folded[start:end].rstrip(" \t\r\u200b】"))


def _judge(sentence: str) -> tuple[float, tuple[str, ...]]:
    if len(sentence) < 5:
        return 0.0, ()
    held = [cue for cue in CUES if cue.pattern.search(sentence)]
    if not any(cue.is_assertion for cue in held):
        return 0.0, ()
    points = (
        1.0 + sum(cue.points for cue in held) + sum(cue.points for cue in PENALTIES if cue.pattern.search(sentence))
    )
    return points, tuple(cue.name for cue in held)
