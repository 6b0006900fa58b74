"""The pages and the API of live sessions: set up, run, told by file and hand, shown with their gaps, sent as files."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from campaign_fixtures import NOW, draft, release
from canyu.events import Event, Lake
from canyu.ops.campaigns import actions as campaigns
from canyu.ops.campaigns.lives import actions, queries
from canyu.ops.campaigns.lives.intake.reading import PlayLine
from canyu.ops.campaigns.lives.models import Clip, ClipPlays, Mark, MinuteReading, Session
from canyu.ops.campaigns.lives.queries import SessionPage
from canyu.ops.campaigns.lives.rules import LiveState, Source
from canyu.ops.people.models import Person
from live_fixtures import END, LATER, OPENS, START, give_back, plan, run, sell, session_draft, tell, watch

Staff = tuple[Person, Person]
PLAN = {
    "title_zh": "创始人直播",
    "title_en": "The founder <live>",
    "host": "founder",
    "host_name": "Chen Lu",
    "platforms": ["douyin", "weibo"],
    "zone": "Asia/Shanghai",
    "planned_start": "2026-12-01T20:00",
    "planned_end": "2026-12-01T22:00",
    "window_minutes": "10",
    "tail_minutes": "30",
    "scope": "campaign",
    "baseline_days": "28",
    "links": "https://live.example.com/room/7",
}


FAULTY = (
    {"window_minutes": "0"},
    {"planned_start": "0001-01-01T00:00"},
    {"planned_end": "9999-12-31T23:00"},
    {"zone": "Europe/Berlin", "planned_start": "2026-03-29T02:30", "planned_end": "2026-03-29T04:00"},
)


def enter(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def read(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_session_is_planned_on_the_page(staff: Staff, shop: Lake) -> None:
    campaign, client = release(*staff), enter(staff[0])
    assert "No session here" in read(client.get("/lives/"))
    for wrong in ({"zone": "Mars/Sea"}, {"links": "javascript:1"}, *FAULTY, {"host": "nobody"}):
        assert client.post("/lives/new/", PLAN | {"campaign": campaign.pk} | wrong).status_code == 400
    assert (
        client.post("/lives/new/", PLAN | {"campaign": campaign.pk, "planned_end": "2026-12-01T19:00"}).status_code
        == 400
    )
    assert Session.objects.count() == 0
    assert client.post("/lives/new/", PLAN | {"campaign": campaign.pk}).status_code == 302
    kept = Session.objects.get()
    assert kept.planned_start.isoformat() == "2026-12-01T12:00:00+00:00"
    assert "The founder &lt;live&gt;" in read(client.get("/lives/?state=planned"))
    assert client.get(f"/lives/{kept.pk}/edit/").status_code == 200
    other = campaigns.create_campaign(staff[0], draft(slug="other-road"), NOW)
    changed = PLAN | {"campaign": other.pk, "tail_minutes": "5"}
    assert client.post(f"/lives/{kept.pk}/edit/", changed).status_code == 302
    assert list(Session.objects.values_list("campaign__slug", "tail_minutes")) == [("other-road", 5)]


def test_a_session_runs_with_its_monitor_and_its_marks(staff: Staff, shop: Lake) -> None:
    session, client = plan(staff), enter(staff[0])
    root = f"/lives/{session.pk}/"
    for wrong in ("not a time", "0001-01-01T00:00:00"):
        assert client.post(f"{root}start/", {"at": wrong}).status_code == 400
    assert client.post(f"{root}start/", {"at": ""}).status_code == 302
    page = read(client.get(root))
    assert 'hx-trigger="every 10s"' in page
    assert f"{Session.objects.get().started_at.astimezone(ZoneInfo(session.zone)):%Y-%m-%d %H:%M}" in page
    assert read(client.get(f"{root}board/")).strip().startswith('<div id="board"')
    for _ in range(2):
        client.post(f"{root}marks/", {"kind": "open", "at": "", "label": "Now <b>"})
    assert "Now &lt;b&gt;" in read(client.get(root))
    mark = Mark.objects.order_by("pk")[0]
    assert client.post(f"{root}marks/{mark.pk}/").status_code == 302
    assert client.post(f"{root}marks/{mark.pk}/").status_code == 404
    assert client.post(f"{root}end/", {"at": "2020-01-01T00:00:00"}).status_code == 400
    assert client.post(f"{root}end/", {"at": ""}).status_code == 302
    assert "every 10s" not in read(client.get(root))
    assert client.post(f"{root}edit/", PLAN | {"campaign": session.campaign_id}).status_code == 409


def test_minutes_come_by_file_and_by_hand_with_bad_rows_named(staff: Staff, shop: Lake) -> None:
    session, client = run(staff), enter(staff[0])
    root = f"/lives/{session.pk}/"
    rows = "minute,platform,viewers\n2026-11-30 20:00,douyin,100\n2026-11-30 20:01,tv,5\n2026-11-30 20:02,douyin,0\n"
    answer = read(client.post(f"{root}minutes/", {"file": SimpleUploadedFile("m.csv", rows.encode())}))
    assert "2 rows were kept" in answer
    assert "Row 3, platform: The session is not on this platform. Use one of: douyin." in answer
    assert "1 minute says 0 without the note zero: kept as missing." in answer
    assert list(MinuteReading.objects.order_by("minute").values_list("value", flat=True)) == [100, None]
    assert client.post(f"{root}minutes/", {"file": SimpleUploadedFile("m.csv", b"\xff")}).status_code == 400
    assert client.post(f"{root}minutes/").status_code == 400
    hand = {"minute": "2026-11-30 20:03", "platform": "douyin", "metric": "viewers", "viewers": "90", "note": ""}
    assert client.post(f"{root}minute/", hand).status_code == 302
    assert client.post(f"{root}minute/", hand | {"minute": "2026-11-30 23:03"}).status_code == 400
    assert client.post(f"{root}minute/", hand | {"viewers": "many"}).status_code == 400
    page = read(client.get(root))
    assert "2 of 4 minutes told" in page
    assert "Missing, not 0" in page


def test_clips_and_their_plays(staff: Staff, shop: Lake) -> None:
    session, client = run(staff), enter(staff[0])
    root = f"/lives/{session.pk}/"
    clip = {"title": "Price told", "platform": "douyin", "url": "javascript:alert(1)", "at": "", "is_replay": "on"}
    assert client.post(f"{root}clips/", clip).status_code == 400
    for status in (302, 400):
        assert client.post(f"{root}clips/", clip | {"url": "https://v.example.com/1"}).status_code == status
    kept = Clip.objects.get()
    assert f'<option value="{kept.pk}">Price told' in read(client.get(root))
    assert client.post(f"{root}plays/now/", {"clip": kept.pk, "plays": "1200"}).status_code == 302
    for other in ("Price told", "0", ""):
        assert client.post(f"{root}plays/now/", {"clip": other, "plays": "1"}).status_code == 400
    rows = b"at,clip,plays\n2026-12-01 09:00,Price told,90\n2026-12-01 09:00,Price told,lots\n"
    assert "Row 3, plays" in read(client.post(f"{root}plays/", {"file": SimpleUploadedFile("p.csv", rows)}))
    assert sorted(ClipPlays.objects.values_list("plays", flat=True)) == [90, 1_200]
    assert Clip.objects.get().is_replay
    assert "1,200" in read(client.get(root))


@pytest.fixture
def told(staff: Staff, shop: Lake) -> Session:
    session = run(staff)
    tell(shop, watch(0, 100), watch(1, 120), watch(2, 0), watch(3, 90))
    tell(shop, *(sell(f"o{number}", OPENS) for number in range(7)), give_back("r1", "o1"))
    return session


def test_the_page_shows_the_gap_and_every_figure_opens(staff: Staff, told: Session) -> None:
    client, root = enter(staff[0]), f"/lives/{told.pk}/"
    page = read(client.get(root))
    assert "Viewers reached 120 at 20:01; 7 orders in 10 minutes from 20:02" in page
    assert "0 told as pre-orders, 1 refunded since" in page
    assert page.count('class="opens"') == 5
    for name in ("peak", "mean", "window", "rate", "usual"):
        assert "events@" in read(client.get(f"{root}proof/{name}/"))
        assert "Every digit is the same." in read(client.get(f"{root}proof/{name}/?again=1"))
    assert "no causal lift" in read(client.get(f"{root}proof/usual/"))
    assert client.get(f"{root}proof/likes/").status_code == 404
    chinese = Client(headers={"accept-language": "zh-CN"})
    chinese.force_login(staff[0])
    assert "在线人数 20:01 达到 120" in read(chinese.get(root))


def test_a_shared_link_shows_the_same_after_more_was_told(staff: Staff, shop: Lake, told: Session) -> None:
    client, root, version = enter(staff[0]), f"/lives/{told.pk}/", shop.version()
    tell(shop, sell("more", OPENS))
    assert "8 orders" in read(client.get(root))
    assert "7 orders" in read(client.get(f"{root}?v={version}"))
    for unknown in ("99999", "9" * 18):
        assert client.get(f"{root}?v={unknown}").status_code == 404


def test_the_minutes_are_sent_as_files_with_the_gap_empty(staff: Staff, told: Session) -> None:
    client, root = enter(staff[0]), f"/lives/{told.pk}/"
    lines = read(client.get(f"{root}minutes.csv")).splitlines()
    assert [line.split(",")[2] for line in lines[1:]] == ["100", "120", "", "90"]
    assert client.get(f"{root}minutes.svg").content.startswith(b"<svg")
    assert client.get(f"{root}minutes.png").content.startswith(b"\x89PNG")
    assert client.get(f"{root}minutes.exe").status_code == 404


def test_sessions_are_listed_by_state_and_page(staff: Staff, shop: Lake, django_assert_num_queries: Any) -> None:
    ended = run(staff)
    told = [actions.plan_session(staff[0], ended.campaign, session_draft(), NOW) for _ in range(4)]
    running = actions.start_session(staff[0], told[0], START, LATER)
    with django_assert_num_queries(2):
        second = queries.list_sessions(staff[0], "planned", 2, 2)
    assert second == SessionPage([told[1]], {"": 5, "planned": 3, "live": 1, "ended": 1}, 2, 2)
    assert {row.state for row in queries.list_sessions(staff[0], "planned", 1, 2).rows} == {LiveState.PLANNED}
    for session in (running, ended):
        assert queries.list_sessions(staff[0], session.state, 1, 9).rows == [session]
    assert queries.list_sessions(staff[0], "", 3, 2).rows == [ended]
    assert enter(staff[1]).get(f"/api/lives?page={'9' * 30}").status_code == 400


def test_the_api_tells_gaps_as_null(staff: Staff, told: Session) -> None:
    client = enter(staff[1])
    assert [row["state"] for row in client.get("/api/lives").json()] == ["ended"]
    found = client.get(f"/api/lives/{told.pk}").json()
    assert [row["viewers"] for row in found["minutes"]] == [100, 120, None, 90]
    assert found["minutes"][2]["told"] == {"douyin": [None, "lake"]}
    assert found["window"]["orders"] == 7
    assert (found["window"]["start"], found["window"]["refunded"]) == ("2026-11-30T12:02:00Z", 1)
    assert found["figures"]["mean"] == 103
    assert found["figures"]["rate"] == 0.0  # the orders fell into a minute whose viewers are not known
    assert client.get("/api/lives/999").status_code == 404


def test_plays_of_clips_come_from_the_lake_and_what_was_entered_goes_first(
    staff: Staff, shop: Lake, told: Session
) -> None:
    hour = timedelta(hours=1)
    draft = actions.ClipDraft("Price", "douyin", "https://v.example/7", False, END)
    clip = actions.add_clip(staff[0], told, draft, LATER)

    def observe(name: str, at: datetime, value: int, target: str = clip.object_name, **more: Any) -> Event:
        props = more.pop("props", '{"metric":"plays"}')
        return Event(name, "observe", at, at, "feed", object=target, value=value, props=props, **more)

    tell(
        shop,
        observe("c1", END + hour, 900),
        observe("c2", END + 2 * hour, 1_500, clip.url, channel="douyin"),
        observe("c3", END + 2 * hour, 7, clip.url, channel="weibo"),
        observe("c4", END + 3 * hour, 0),
        observe("c5", END + 3 * hour, 5, props='{"metric":"viewers"}'),
    )
    line = PlayLine(END + hour, "douyin", "Price", 950)
    actions.keep_plays(staff[0], told, [line], Source.CSV, LATER)
    client, version = enter(staff[1]), shop.version()
    (found,) = client.get(f"/api/lives/{told.pk}").json()["clips"]
    assert [(one["plays"], one["source"]) for one in found["plays"]] == [(950, "csv"), (1_500, "lake")]
    assert (found["object"], found["url"]) == (clip.object_name, clip.url)
    page = read(client.get(f"/lives/{told.pk}/"))
    assert "1,500" in page
    tell(shop, observe("c6", END + 4 * hour, 2_000))
    assert "2,000" not in read(client.get(f"/lives/{told.pk}/?v={version}"))
    assert len(client.get(f"/api/lives/{told.pk}").json()["clips"][0]["plays"]) == 3


def test_a_wrong_role_changes_nothing(staff: Staff, told: Session, sign_in: Any) -> None:
    from canyu.ops.people.rules import Role

    analyst, root = sign_in(Role.SOCIAL_ANALYST), f"/lives/{told.pk}/"
    for path in ("edit/", "start/", "end/", "marks/", "minutes/", "minute/", "clips/", "plays/", "plays/now/"):
        assert analyst.post(root + path, {"at": ""}).status_code == 403
    assert analyst.get(root).status_code == 200
    assert (Mark.objects.count(), MinuteReading.objects.count(), Clip.objects.count()) == (1, 0, 0)
    assert START < OPENS
