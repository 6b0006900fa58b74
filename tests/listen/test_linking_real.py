"""Linking of real posts: the batch and the single text agree, and what is marked is what was linked."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from canyu.events.catalogue import get_brand, load_catalogue
from canyu.listen import pack_texts
from canyu.listen.linking import Linker


@pytest.mark.real
def test_real_posts_are_linked_alike_in_a_batch_and_alone(shared_data: Path) -> None:
    linker = Linker(load_catalogue())
    texts = pq.read_table(shared_data / "weibo_topics_2026" / "posts.parquet")["text"]
    links = linker.link(pack_texts(texts), texts).to_pylist()
    linked = [place for place, ids in enumerate(links) if ids]
    assert 1500 < len(linked) < 3500  # of 71,500 posts on all topics of twelve days; 2,300 when the test was written
    for place in [*linked[::7], *range(0, len(links), 500)]:
        ids = {span.id for span in linker.find_spans(texts[place].as_py() or "")}
        assert sorted(ids | {get_brand(entry) for entry in ids}) == links[place]


@pytest.mark.real
def test_real_posts_about_millet_and_palaces_of_heroes_are_not_linked(shared_data: Path) -> None:
    linker = Linker(load_catalogue())
    texts = pq.read_table(shared_data / "weibo_topics_2026" / "posts.parquet")["text"].to_pylist()
    for word, brand in (("小米粥", "xiaomi"), ("王者荣耀", "honor"), ("三星堆", "samsung"), ("澎湃新闻", "xiaomi")):
        spans = [(text, span) for text in texts if text and word in text for span in linker.find_spans(text)]
        inside = [
            text[span.start : span.end]
            for text, span in spans
            if get_brand(span.id) == brand and text[max(0, span.start - 4) : span.end + 4].find(word) >= 0
        ]
        assert inside == []
