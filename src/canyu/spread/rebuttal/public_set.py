"""The held-out rumours of the public Weibo cascades (CED), as cases with what the size model reads of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.spread.cascades import REPOST_SCHEMA, Cascades, build_cascades
from canyu.spread.held_out import is_held_out
from canyu.spread.prediction import Root, SeenCascade
from canyu.spread.rebuttal.cases import Case, read_case

NAME = "ced_rumour_cascades"
FIT_SHARE, LATEST_SHARE = 0.70, 0.15  # as the size model has them
LEAST_SEEN, LEAST_SIZE = 10, 300


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Rumours that nothing was fitted on: the latest 15 % of the posts, and those of the set's own hold-out.

    ``latest``, ``set_aside``: ids of posts in order of time; ``roots``: what is known of each post.
    """

    cascades: Cascades
    latest: list[str]
    set_aside: list[str]
    roots: dict[str, Root]

    def open_case(self, root: str) -> tuple[Case, SeenCascade]:
        """Return one rumour, and its reactions as the size model takes them."""
        case = read_case(self.cascades, root)
        return case, see_case(case, self.roots[root])


def load_held_out(data: Path) -> HeldOut:
    """Read the held-out rumours below the folder of public data sets; raises NotFound without them."""
    files = [data / NAME / name for name in ("posts.parquet", "reposts.parquet")]
    for path in files:
        if not path.is_file():
            raise NotFound(
                Words(f"{path} 不存在。", f"{path} is not there."),
                mend=Words("请指向公开数据集所在的文件夹。", "Point at the folder that holds the public sets."),
            )
    posts = pq.read_table(files[0])
    posts = posts.filter(pc.is_valid(posts["time"])).sort_by([("time", "ascending"), ("post_id", "ascending")])
    aside = pa.array([is_held_out(text) for text in posts["text"].to_pylist()])
    usable = posts.filter(pc.invert(aside))
    latest = usable.slice(int((1.0 - LATEST_SHARE) * len(usable)))
    parts = [part.filter(pc.equal(part["label"], 1)) for part in (latest, posts.filter(aside))]
    rumours = pa.concat_tables(parts)
    roots = {
        row["mid"]: Root(row["time"], row["user_followers"], row["user_verified"], len(row["text"] or ""), row["mid"])
        for row in rumours.to_pylist()
    }
    cascades = build_cascades(list_reposts(rumours, files[1]))
    return HeldOut(cascades, parts[0]["mid"].to_pylist(), parts[1]["mid"].to_pylist(), roots)


def list_reposts(posts: pa.Table, path: Path) -> pa.Table:
    """Return the posts and their reactions as REPOST_SCHEMA has them, without texts."""
    reactions = pq.read_table(path, columns=["post_id", "mid", "parent_mid", "user_key", "time"])
    reactions = reactions.filter(pc.is_in(reactions["post_id"], posts["post_id"].combine_chunks()))
    of_post = posts["mid"].take(pc.index_in(reactions["post_id"], posts["post_id"].combine_chunks()))
    no_texts = [pa.nulls(len(table), pa.string()) for table in (posts, reactions)]
    above = [posts["mid"], posts["mid"], no_texts[0], posts["user_key"], no_texts[0], no_texts[0], posts["time"]]
    below = [of_post, reactions["mid"], reactions["parent_mid"], reactions["user_key"], no_texts[1], no_texts[1]]
    tables = [above, [*below, reactions["time"]]]
    return pa.concat_tables([pa.table(columns, names=REPOST_SCHEMA.names).cast(REPOST_SCHEMA) for columns in tables])


def see_case(case: Case, root: Root) -> SeenCascade:
    """Return a case's reactions as the size model takes them."""
    seen = SeenCascade(root)
    start = root.time.timestamp()
    times = [datetime.fromtimestamp(start + 3600.0 * hours, root.time.tzinfo) for hours in case.times_h.tolist()]
    names = [f"\x00{node}" for node in range(len(times))]
    seen.add(times, names, ["" if parent < 0 else names[parent] for parent in case.parents.tolist()])
    return seen


def choose_cascade(held: HeldOut, age_h: float = 2.0) -> str:
    """Return the rumour that the story is told of, by a rule that looks at sizes alone.

    Of the latest posts those with at least ten reactions at ``age_h`` and 300 in the end; of them the one whose number
    of people still to come is the median (the lower of two), the earlier of equals.
    """
    fit: list[tuple[int, int, str]] = []
    for root in held.latest:
        case, _ = held.open_case(root)
        seen = case.count_seen(age_h)
        if seen >= LEAST_SEEN and len(case.people) >= LEAST_SIZE:
            fit.append((len(case.people) - seen, len(fit), root))
    return sorted(fit)[(len(fit) - 1) // 2][2]
