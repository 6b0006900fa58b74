from __future__ import annotations

import random
import time
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canyu.kit.errors import BadInput
from canyu.listen.copies import ClusterRules, Clusters, Kind, Signatures, compute_signatures, find_clusters
from canyu.listen.text import pack_texts

LONG = "这家酒店的位置很好，离地铁站只有五分钟，房间干净，早餐丰富，服务员态度也热情"
CAR = "提车三个月，续航从五百二掉到四百六，客服只说冬天正常，有没有同样情况的车主"


def sign(texts: list[str | None]) -> Signatures:
    return compute_signatures(pack_texts(pa.array(texts, pa.string())))


def find(texts: list[str | None], rules: ClusterRules | None = None) -> Clusters:
    return find_clusters(sign(texts), rules=rules)


def compute_jaccard(left: str, right: str, gram: int) -> float:
    sets = [{text[at : at + gram] for at in range(len(text) - gram + 1)} for text in (left, right)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def test_marks_emoji_topics_links_and_quotes_do_not_make_another_text() -> None:
    copies = [LONG, LONG.replace("，", "！ "), f"#住哪# {LONG}[赞]👍", f"{LONG} http://t.cn/A6x", f"{LONG}//@某人:好的"]
    found = find([CAR, *copies])
    assert found.clusters.tolist() == [0, 1, 1, 1, 1, 1]
    assert found.kinds.tolist() == [Kind.FIRST, Kind.FIRST, *[Kind.EXACT] * 4]


def test_the_similarity_is_the_exact_jaccard_index() -> None:
    plain = LONG.replace("，", "")
    changed = plain.replace("早餐丰富", "早饭还行")
    found = find([LONG, changed])
    assert found.kinds.tolist() == [Kind.FIRST, Kind.NEAR]
    assert found.similarities[1] == pytest.approx(compute_jaccard(plain, changed, 3))


def test_a_rewritten_text_joins_the_family_and_not_the_cluster() -> None:
    plain = LONG.replace("，", "")
    rewritten = "".join("某" if at % 6 == 5 else letter for at, letter in enumerate(plain))
    found = find([LONG, rewritten, CAR])
    assert compute_jaccard(plain, rewritten, 3) < 0.44
    assert (found.clusters.tolist(), found.families.tolist()) == ([0, 1, 2], [0, 0, 2])
    assert found.kinds.tolist() == [Kind.FIRST, Kind.REWRITTEN, Kind.FIRST]
    assert found.similarities[1] == pytest.approx(compute_jaccard(plain, rewritten, 2))
    assert find([LONG, rewritten], ClusterRules(rewritten=2.0)).families.tolist() == [0, 1]


def test_short_texts_are_copies_only_where_equal() -> None:
    found = find(["手机很好用", "手机很好看", "手机很好用！", "👍", "🎉", "👍"])
    assert found.clusters.tolist() == [0, 1, 0, 3, 4, 3]


def test_empty_texts_are_no_copies_of_one_another() -> None:
    assert find(["", None, "", " ", " "]).clusters.tolist() == [0, 1, 2, 3, 3]
    assert find([]).clusters.tolist() == []


def test_a_chain_of_likenesses_does_not_join_its_ends() -> None:
    letters = "".join(chr(0x4E00 + at) for at in range(80))
    found = find([letters[at : at + 40] for at in (0, 12, 24, 36)])
    assert found.clusters.tolist() == [0, 0, 2, 2]


@given(st.lists(st.text("好坏车米很不的了是电续航 ，#[]/@👍", max_size=40), max_size=12))
def test_every_copy_is_verified_and_every_first_text_leads_itself(texts: list[str]) -> None:
    signatures = sign(list(texts))
    found = find_clusters(signatures)
    codes, offsets = signatures.letters.codes, signatures.letters.offsets
    letters = ["".join(map(chr, codes[low:high])) for low, high in pairwise(offsets)]
    for text, (leader, kind) in enumerate(zip(found.clusters.tolist(), found.kinds.tolist(), strict=True)):
        assert leader <= text
        assert found.clusters[leader] == leader
        assert kind != Kind.EXACT or letters[leader] == letters[text]
        assert kind != Kind.NEAR or compute_jaccard(letters[leader], letters[text], 3) >= 0.4399


@given(st.lists(st.text(max_size=30), max_size=8), st.integers(0, 8))
def test_signatures_do_not_depend_on_the_batch_and_survive_arrow(texts: list[str], cut: int) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    whole, part = sign(list(texts)), sign(list(texts[cut:]))
    again = Signatures.from_arrow(whole.to_arrow().slice(cut))
    for one, other in ((part, again), (part, Signatures.from_arrow(pa.Table.from_batches([part.to_arrow()])))):
        assert one.keys.tolist() == other.keys.tolist() == whole.keys[cut:].tolist()
        assert one.contents.tolist() == other.contents.tolist()
        assert one.letters.codes.tolist() == other.letters.codes.tolist()
        assert one.letters.offsets.tolist() == other.letters.offsets.tolist()


def test_rows_that_are_no_signatures_are_refused() -> None:
    with pytest.raises(BadInput, match="no signatures"):
        Signatures.from_arrow(pa.table({"content": [1], "keys": [b"x"]}))


def test_a_million_copies_and_near_copies_are_linear_work() -> None:
    rng = random.Random(5)
    near = [f"{LONG}{rng.randrange(10**6)}" for _ in range(50_000)]
    signatures = sign([LONG] * 950_000 + near)
    began = time.process_time()
    found = find_clusters(signatures)
    assert time.process_time() - began < 30
    assert np.count_nonzero(found.clusters) == 0


def test_a_hundred_thousand_texts_of_one_template_are_bounded_work() -> None:
    rng = random.Random(6)
    filled = ["".join(chr(rng.randrange(0x4E00, 0x9FA5)) for _ in range(30)) for _ in range(50_000)]
    signatures = sign([f"{text}感谢商家的好评返现活动" for text in filled])
    began = time.process_time()
    found = find_clusters(signatures)
    assert time.process_time() - began < 30
    assert np.unique(found.clusters).size > 49_000


def test_huge_and_hostile_texts_are_read() -> None:
    zalgo = "好" + "\u0301" * 5_000
    texts = ["哈" * 1_000_000, "哈" * 999_999, "\x00\u200b" * 10, "[" * 5_000, "#" * 5_000, zalgo, "http" * 500, "//@"]
    found = find(texts)
    assert found.clusters.tolist() == [0, 0, 2, 3, 4, 5, 6, 7]
