"""The words by which people doubt, deny, confirm and hand on what they read: patterns over folded Chinese texts.

All patterns are RE2 (no look-around), as Arrow reads them; texts are folded first (half width, lower case, simplified).
"""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.listen.text import PackedTexts


class Stance(StrEnum):
    """What a reaction says about the truth of the post it answers."""

    DENIAL = "denial"
    DOUBT = "doubt"
    CONFIRMATION = "confirmation"


ASKING = r"[?]|[吗嘛]|真的么|是么|求|有没有|谁知道|会不会|是不是|难道|假的吧|谣言吧|真假|不知|但愿|希望|最好是"
SUPPOSING = r"如果|要是|假如|万一|哪个|不是真的|就当|若是|知道什么|就算"
DENIAL = (
    r"辟谣|谣言|造谣|传谣|谣传|假的|假新闻|假消息|假图|不实|不是真的|没有的事|没这回事|胡说|胡扯|瞎说|扯淡|骗人|骗子|"
    r"别信|不要信|勿信|不可信|不靠谱|澄清|旧闻|旧图|老图|老段子|以讹传讹|打假|移花接木|张冠李戴|子虚乌有|[pP]的[吧图。!]"
)
DOUBT = (
    r"求证|求真相|求辟谣|求解释|求来源|求出处|真的[吗么嘛]|真的假的|真假|是真的[吗么?]|是不是真|真有[这此]事|不会[吧是]|"
    r"可信[吗么度]|靠谱[吗么]|存疑|待核实|待证实|未经证实|属实|有证据|证据呢|出处|来源[呢?]|有图有真相|假的吧|怀疑|确定[吗么?]"
)
CONFIRMATION = r"是真的|亲眼|亲历|我也看到|我也遇到|确有其事|确实如此|已证实|千真万确|我就在|不是谣言|不是假的|没有造谣"
BLANK = r"^\s*(转发微博|转发|repost|转)?[\s。.!,]*$"

REACTION_CUES = {
    "doubt": DOUBT,
    "denial": DENIAL,
    "confirmation": CONFIRMATION,
    "question": r"[?]",
    "alarm": r"可怕|恐怖|小心|注意|警惕|天[啊哪呐]|必须|扩散|转起|顶起|[转传]给",
    "anger": r"\[怒\]|愤怒|无耻|畜生|禽兽|人渣|严惩|枪毙|曝光|黑心",
    "grief": r"\[泪|\[蜡烛|\[悲伤|\[衰|\[弱|安息|一路走好|默哀|可怜",
    "surprise": r"\[吃惊|\[汗|\[晕|我[靠操去]|不敢相信",
    "joy": r"\[哈哈|\[嘻嘻|\[偷笑|\[爱你|\[心\]|\[good|\[鼓掌|哈哈|晚安|喜欢",
    "blank": BLANK,
}
"""What is counted in the reactions to a post, as shares."""

TEXT_CUES = {
    "digits": r"\d",
    "questions": r"[?]",
    "exclamations": r"!",
    "names": r"@",
    "topics": r"#",
    "headlines": r"【",
    "quotations": r"[《“\"「]",
    "hearsay": r"网传|据传|据说|听说|传言|传闻|风传|疯传|爆料|网友称|网曝|曝[出光]?|有人说|朋友[说圈]|转自|惊[现曝]",
    "urgency": r"紧急|速[转看]|马上|立即|立刻|赶紧|火速|快[转看]|刚刚|突发|重[要大]通知|千万",
    "forwarding": r"转发|扩散|转起|转告|求转|转给|传下去|告诉[你家]|相互转|接力|顶起",
    "warning": r"注意|警惕|小心|提醒|当心|谨防|危险|不要再?[吃买用去]|别再?[吃买用去]|致癌|有毒|中毒",
    "harm": r"死亡|身亡|死了|遇难|失踪|被[杀害捕抓拐打]|爆炸|起火|自燃|事故|跳楼|砍|拐卖|偷|抢劫|强奸|地震",
    "authority": r"专家|教授|警方|公安|央视|医院|政府|法院|官方|卫生|质检|院士|研究|领导|主任|局长|部门",
    "reporting": r"报道|记者|讯\)|新闻|日报|晚报|早报|消息|发布|通报|据悉|via|来自|分享自|摘自",
    "tidings": r"今天|今日|今晚|今早|昨天|昨晚|昨日|凌晨|目前|最新|本周|明天|即日起|下午|上午",
}
"""What is counted in the text of a post."""


def unpack_texts(packed: PackedTexts) -> list[str]:
    """Return the folded texts as strings.

    >>> from canyu.listen.text import pack_texts
    >>> unpack_texts(pack_texts(pa.array(["真的嗎？", None])))
    ['真的吗?', '']
    """
    whole = packed.codes.astype("<u4").tobytes().decode("utf-32-le", "replace")
    ends = packed.offsets.tolist()
    return [whole[start:stop] for start, stop in pairwise(ends)]


def match_cue(folded: pa.Array, pattern: str) -> NDArray[np.bool_]:
    """Return whether each folded text holds the pattern, bool, shape (n,)."""
    return np.asarray(pc.match_substring_regex(folded, pattern).to_numpy(zero_copy_only=False), np.bool_)


def count_cue(folded: pa.Array, pattern: str) -> NDArray[np.float64]:
    """Return how often each folded text holds the pattern, float64, shape (n,)."""
    return np.asarray(pc.count_substring_regex(folded, pattern).to_numpy(zero_copy_only=False), np.float64)


def find_stances(folded: pa.Array) -> NDArray[np.str_]:
    """Return each reaction's stance as a string (empty: none), shape (n,).

    A denial that asks ("是谣言吗") is a doubt, and one that is denied itself ("不是谣言") a confirmation.

    >>> find_stances(pa.array(["求证", "辟谣了，假的", "这是谣言吗?", "不是谣言，我就在现场", "如果是真的"])).tolist()
    ['doubt', 'denial', 'doubt', 'confirmation', '']
    """
    stances = np.full(len(folded), "", "<U12")
    is_doubt = match_cue(folded, DOUBT)
    is_denial = match_cue(folded, DENIAL)
    is_asking = match_cue(folded, ASKING)
    is_confirmation = match_cue(folded, CONFIRMATION)
    is_supposing = is_asking | match_cue(folded, SUPPOSING)
    stances[is_denial & ~is_asking & ~is_doubt] = Stance.DENIAL
    stances[is_doubt | (is_denial & is_asking)] = Stance.DOUBT
    stances[is_confirmation & ~is_doubt & ~is_supposing] = Stance.CONFIRMATION
    return stances
