"""The share tree as a drawing that stays readable at ten thousand members: the marks of the spread's trees."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import pyarrow as pa
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from canyu.kit.numbers import format_full, format_number
from canyu.ops.campaigns.referral.queries import Tree, TreeMember
from canyu.ops.campaigns.referral.rules import COUNTED
from canyu.ops.travel.drawing import Paper, Told, draw_tree
from canyu.spread.cascades import build_cascades
from canyu.spread.cascades.layout import Layout, Limits, Mark, lay_out
from canyu.spread.cascades.rebuild import Cascades

WIDE, SLIM = Limits(rows=36, levels=5), Limits(rows=18, levels=3)
WIDE_PX, SLIM_PX = 1104, 296
ROOT = "campaign"
FILLS = ("time0", "time1", "time2", "time3")
_TIME = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Drawn:
    """The tree twice, for wide and slim pages, and the member at its top (None: the campaign itself)."""

    wide: SafeString
    slim: SafeString
    top: TreeMember | None


def draw(tree: Tree, at: str, language: str, path: str) -> Drawn:
    """Return the share tree from the campaign, or from the member ``at`` on; largest branches stand alone."""
    cascades = build_cascades(_make_table(tree))
    members: dict[int, TreeMember | None] = dict(
        zip(range(len(cascades.parent)), _list_nodes(cascades, tree), strict=True)
    )
    top = next((node for node, one in members.items() if one and str(one.id) == at), 0)
    maker = _Maker(cascades, members, top, language, path)
    title = _("Share tree: who brought whom")
    papers = ((WIDE, Paper(WIDE_PX, title, "wide")), (SLIM, Paper(SLIM_PX, title, "slim", is_slim=True)))
    wide, slim = (draw_tree(layout, maker.make(layout), paper) for layout, paper in _lay(cascades, top, papers))
    return Drawn(wide, slim, members[top])


@dataclass(frozen=True, slots=True)
class _Maker:
    cascades: Cascades
    members: dict[int, TreeMember | None]
    top: int
    language: str
    path: str

    def make(self, layout: Layout) -> list[Told]:
        return [self._tell_rest(mark) if mark.is_rest else self._tell(mark) for mark in layout.marks]

    def _tell(self, mark: Mark) -> Told:
        member = self.members[mark.node]
        label = member.code if member else _("all seeds")
        number = format_number(mark.below, self.language) if mark.below else ""
        spoken = ngettext("%(n)s person below", "%(n)s people below", mark.below) % {"n": format_full(mark.below)}
        is_counted = member is None or member.edge in COUNTED
        if not is_counted:
            spoken = _("%s, held or refused") % spoken
        depth = int(self.cascades.depth[mark.node])
        href = self._open(member) if member and mark.below and mark.node != self.top else ""
        fill = FILLS[min(depth, len(FILLS)) - 1] if member else "time0"
        return Told(label, number, f"{label}, {spoken}", href, fill if is_counted else "none", is_counted)

    def _tell_rest(self, mark: Mark) -> Told:
        spoken = ngettext("%(n)s more branch, drawn as one", "%(n)s more branches, drawn as one", mark.branches)
        number = format_number(mark.below, self.language)
        member = self.members[mark.node]
        href = self._open(member) if member and mark.node != self.top else ""
        return Told(_("the rest"), number, spoken % {"n": format_full(mark.branches)}, href, "rest", True)

    def _open(self, member: TreeMember) -> str:
        return f"{self.path}?{urlencode({'at': member.id})}#tree"


def _lay(cascades: Cascades, top: int, papers: tuple[tuple[Limits, Paper], ...]) -> list[tuple[Layout, Paper]]:
    return [(lay_out(cascades, top, limits), paper) for limits, paper in papers]


def _make_table(tree: Tree) -> pa.Table:
    rows = tree.members
    ids = [str(one.id) for one in rows]
    parents = [ROOT if one.parent is None else str(one.parent) for one in rows]
    times = pa.array([one.joined_at for one in rows], _TIME)
    return pa.table({"root": [ROOT] * len(rows), "id": ids, "parent": parents, "author": ids, "time": times})


def _list_nodes(cascades: Cascades, tree: Tree) -> list[TreeMember | None]:
    """Return the member of each node of the only cascade; the first node is the campaign."""
    names = cascades.fields.vocabulary.take(pa.array(cascades.node_ids)).to_pylist()
    known = {str(one.id): one for one in tree.members}
    return [known.get(name) for name in names]
