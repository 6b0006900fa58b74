"""The rumour cascades of the public set: as its description counts them, and as the confidences say."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from canyu.spread.cascades import CONFIDENCE, REPOST_SCHEMA, How, build_cascades, measure_agreement, measure_cascades

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def reposts(shared_data: Path) -> pa.Table:
    posts = pq.read_table(shared_data / "ced_rumour_cascades" / "posts.parquet")
    reposts = pq.read_table(shared_data / "ced_rumour_cascades" / "reposts.parquet")
    of_post = posts["mid"].take(pc.index_in(reposts["post_id"], posts["post_id"]))
    below = [of_post, reposts["mid"], reposts["parent_mid"], reposts["user_key"]]
    no_text = pa.nulls(len(posts), pa.string())
    above = [posts["mid"], posts["mid"], no_text, posts["user_key"], no_text, no_text, posts["time"]]
    names = pa.nulls(len(reposts), pa.string())
    tables = [pa.table(above, names=REPOST_SCHEMA.names)]
    tables.append(pa.table([*below, names, reposts["text"], reposts["time"]], names=REPOST_SCHEMA.names))
    return pa.concat_tables([table.cast(REPOST_SCHEMA) for table in tables])


def test_every_repost_is_in_a_tree(reposts: pa.Table) -> None:
    found = build_cascades(reposts)
    report = found.report
    assert (report.rows, report.cascades, report.reposts, report.repeats) == (1_036_485, 2_726, 1_033_191, 568)
    assert (report.orphans, report.self_parents, report.cycles, report.backward) == (0, 0, 0, 10)
    assert (report.without_time, report.without_id, report.without_author) == (59, 0, 0)
    assert report.by_how[How.STATED] == 400_027
    measures = measure_cascades(found)
    shapes = measures.cascades
    assert pc.sum(shapes["reposts"]).as_py() == 1_033_191
    assert pc.max(shapes["depth"]).as_py() == 59
    assert pc.sum(pc.list_flatten(shapes["by_depth"])).as_py() == pc.sum(shapes["size"]).as_py()
    assert pc.all(pc.less(shapes["width"], shapes["size"])).as_py()
    assert pc.max(measures.accounts["share"]).as_py() <= 1
    assert pc.min(measures.accounts["joined"]).as_py() == 0


def test_the_confidences_are_what_hidden_parents_say(reposts: pa.Table) -> None:
    roots = reposts["root"].unique().slice(0, 700)
    part = reposts.filter(pc.is_in(reposts["root"], roots))
    found = {row["how"]: row for row in measure_agreement(part, folds=2).to_pylist()}
    for way in (How.OWN, How.ROOT, How.ROOT_UNFOUND):
        assert found[way]["judged"] > 100
        assert found[way]["right"] / found[way]["judged"] == pytest.approx(CONFIDENCE[way], abs=0.12)
