"""The live picture: posts of a claim by the hour, counted by hand beside it, and how far its posts will go."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.test import Client

from brand_lake import START, TEXTS
from canyu.care import CaseKind
from canyu.ops.care.actions import open_case
from canyu.ops.care.models import Case, CaseMention, Channel
from canyu.ops.care.rules import CaseDraft, MentionDraft
from canyu.ops.crisis.actions import name_run, start_run
from canyu.ops.crisis.live import Live, look_at_run
from canyu.ops.crisis.models import Run
from canyu.ops.crisis.rules import RunDraft
from canyu.ops.lakes import get_lake
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from crisis_fixtures import NOW, make_case, make_run
from travel_lake import LAST

HOUR = timedelta(hours=1)
BEGIN = START + timedelta(days=10)


def list_spoken(word: str) -> list[dict[str, object]]:
    """Return the texts of the lake within the 48 hours that the page shows, by the fields themselves."""
    begin = BEGIN.replace(minute=0) - 24 * HOUR
    rows = get_lake().engine.run(get_lake().scan("events").select("type", "text", "time")).to_pylist()
    spoken = [row for row in rows if row["text"] and row["type"] in {"post", "repost", "comment"}]
    return [row for row in spoken if word in row["text"] and begin <= row["time"] < BEGIN + 24 * HOUR]


def look(officer: Person, run: Run) -> Live:
    Run.objects.filter(pk=run.pk).update(started_at=BEGIN, closed_at=BEGIN + 24 * HOUR)
    run.refresh_from_db()
    return look_at_run(officer, run, NOW)


def show(client: Client, run: Run) -> str:
    page = client.get(f"/crises/one/{run.pk}/live/")
    assert page.status_code == 200
    return html.unescape(page.content.decode())


def test_posts_that_hold_every_word_are_counted_with_their_sentiment(
    officer: Person, brand_lake: Path, sign_in: Callable[..., Client]
) -> None:
    run = make_run(officer)
    name_run(run.pk, RunDraft("", "su7 刹车"))
    live = look(officer, Run.objects.get())
    meant = list_spoken("刹车")
    moods = [mood for row in meant for text, mood, _ in TEXTS if text == row["text"]]
    assert meant
    assert (live.posts, live.negative, live.judged) == (len(meant), moods.count("negative"), len(moods))
    assert live.basis.en == "posts that hold “su7 + 刹车”"
    low, high = live.interval
    assert 0 < low < 100 * live.negative / live.judged < high < 100
    assert max(hour.length for hour in live.hours) == 100
    assert live.unforeseen is not None
    assert live.unforeseen.en.startswith("The case has no post of the lake")
    page = show(sign_in(Role.PR_OFFICER, name="zhiban"), Run.objects.get())
    assert f"{round(low)}–{round(high)} % (95 %)" in page
    assert f"{len(moods)} judged" in page
    assert page.count('<th scope="row">') == sum(hour.posts > 0 for hour in live.hours)


def test_without_words_and_posts_every_post_of_the_product_counts(officer: Person, brand_lake: Path) -> None:
    run = start_run(officer, make_case(officer, product="xiaomi/yu7"), RunDraft(""), NOW)
    live = look(officer, run)
    assert live.posts == len(list_spoken("YU7"))
    assert live.basis.en == "every post that names xiaomi/yu7"


def open_post(officer: Person, post: str) -> Run:
    mention = MentionDraft(post, "新品上市", LAST, is_post=True)
    case = open_case(officer.username, CaseDraft(CaseKind.RUMOUR, "新品上市", Channel.POST, mention=mention), LAST).case
    return start_run(officer, case, RunDraft(""), LAST)


def test_a_post_that_people_passed_on_is_foreseen_and_one_with_too_few_is_said(
    officer: Person, travel_lake: Path, sign_in: Callable[..., Client]
) -> None:
    run = open_post(officer, "young")
    Run.objects.filter(pk=run.pk).update(closed_at=LAST)
    page = show(sign_in(Role.PR_OFFICER, name="zhiban"), run)
    assert "a post with 40 reactions: about" in page
    assert '/spread/forecast/one/?post=young"' in page
    live = look_at_run(officer, run, LAST)
    (one,) = live.foreseen
    assert (one.post, one.seen, one.reason) == ("young", 40, None)
    assert one.forecast is not None
    assert one.forecast.found.final.low <= one.forecast.found.final.size <= one.forecast.found.final.high
    assert live.unforeseen is None
    CaseMention.objects.all().delete()
    Case.objects.update(title="few")
    few = look_at_run(officer, open_post(officer, "few"), LAST)
    assert [(each.post, each.seen, each.forecast) for each in few.foreseen] == [("few", 5, None)]
    assert few.foreseen[0].reason is not None
    assert few.foreseen[0].reason.en == "5 reactions: a forecast needs 10."
