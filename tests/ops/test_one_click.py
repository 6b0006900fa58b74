"""One click from a figure to its posts: no count above a page leads nowhere, and each one to as many posts."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from canyu.ops.people.rules import Role
from voices_lake import ALL_DAYS

PAGES = ("pulse", "aspects", "topics", "storylines", "share-of-voice", "copies", "coordination", "rumours")
NO_COUNTS = {"Period", "As of", "Rumours among the listed", "Rumours that are listed"}
"""What is no number of posts and is told of in full where it stands."""
EXACT = {"pulse": 8, "aspects": 16, "storylines": 12, "share-of-voice": 6, "copies": 1}
"""Pages whose tables count posts, and how many such cells there are at least."""


@pytest.fixture
def analyst(voices_lake: Path, sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.SOCIAL_ANALYST)


def read(client: Client, page: str) -> str:
    response = client.get(f"/{page}/", ALL_DAYS)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_each_figure_of_a_strip_leads_on(analyst: Client, page: str) -> None:
    strip = read(analyst, page).split('<dl class="strip">')[1].split("</dl>")[0]
    cells = strip.split('<div class="figure">')[1:]
    assert len(cells) >= 3
    for cell in cells:
        label = html.unescape(re.findall(r"<dt>([^<]+)<", cell)[0])
        value = cell.split('<dd class="value')[1].split("</dd>")[0].split(">", 1)[1]
        if label not in NO_COUNTS and re.match(r"[1-9]", re.sub(r"<[^>]+>", "", value)):
            assert "<a href=" in value, label


@pytest.mark.parametrize("page", EXACT)
def test_a_count_in_a_table_leads_to_as_many_posts(analyst: Client, page: str) -> None:
    cells = re.findall(r'<td class="num"[^>]*>(?:<span[^>]*>)*(.*?)</td>', read(analyst, page), re.DOTALL)
    # net sentiment is no count: it leads to the posts that spread furthest
    counts = [re.search(r'<a href="(/posts/\?[^"]+)">([\d,]+)</a>', cell) for cell in cells]
    found = {(html.unescape(one[1]), int(one[2].replace(",", ""))) for one in counts if one and "sort=" not in one[1]}
    assert len(found) >= EXACT[page]
    for address, count in sorted(found)[:40]:
        assert analyst.get(address).context["page"].total == count, address
