"""The public pages: to look needs nothing, one tick enters and votes, images are made anew, apps read JSON."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput
from canyu.kit.images import ACCEPTED
from canyu.ops.campaigns.challenges.actions import sweep_pictures
from canyu.ops.campaigns.challenges.media import actions as media
from canyu.ops.campaigns.challenges.models import Challenge, Entrant, Entry, Vote
from canyu.ops.campaigns.challenges.moderation.actions import Decision, decide_entries
from canyu.ops.campaigns.models import Consent, Edge, Member
from canyu.ops.campaigns.public.rules import make_pass
from canyu.ops.config import load_config
from canyu.ops.people.models import Person
from challenge_fixtures import SLUG, open_challenge, reread, send

Staff = tuple[Person, Person]
PAGE = f"/c/{SLUG}/challenge/"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50"
SCRIPT = '<script>alert("x")</script>'


@pytest.fixture
def open_now(staff: Staff, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Challenge]:
    """Open a challenge that runs at this moment, with a folder of its own for images."""
    monkeypatch.setenv("CANYU_STATE_FOLDER", str(tmp_path))
    load_config.cache_clear()
    now = get_now()
    span = {"starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=30)}

    def make(**changes: Any) -> Challenge:
        times = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(days=20)}
        return open_challenge(*staff, span, **times, **changes)

    return make


def visit(language: str = "en", **cookies: str) -> Client:
    client = Client(headers={"accept-language": language, "user-agent": PHONE})
    for name, value in cookies.items():
        client.cookies[name] = value
    return client


def post(client: Client, address: str, nonce: str = "n1", **more: Any) -> Any:
    form = {"pass": make_pass(nonce, get_now() - timedelta(seconds=5)), "agree": "1", **more}
    return client.post(PAGE + address, form)


def make_image(kind: str = "JPEG", size: tuple[int, int] = (900, 600), **more: Any) -> bytes:
    told = io.BytesIO()
    Image.new("RGB", size, "teal").save(told, kind, **more)
    return told.getvalue()


def upload(data: bytes, name: str = "x.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/jpeg")


def test_anybody_reads_the_rules_in_both_languages_without_script(open_now: Callable[..., Challenge]) -> None:
    open_now()
    page = visit().get(PAGE).content.decode()
    assert "Show one moment of your trip." in page
    assert "#SpringRoad" in page
    assert "votes × 1 + likes × 1 + reposts × 2 + comments × 1 + points of the jury × 10" in page
    assert f'accept="{ACCEPTED}"' in page
    assert "<script" not in page
    assert len(page) < 12_000
    chinese = visit("zh-CN").get(PAGE)
    assert "车载冰箱" in chinese.content.decode()
    assert "sessionid" not in chinese.cookies
    assert "话题挑战" in visit("zh-CN").get(f"/c/{SLUG}/").content.decode()


def test_one_tick_joins_enters_and_records_both_consents(open_now: Callable[..., Challenge]) -> None:
    open_now()
    friend = visit()
    post(friend, "enter/", "friend", name="Friend", text="first #SpringRoad")
    code = Member.objects.get().code
    client = visit()
    client.get(f"{PAGE}?from={code}")
    assert post(client, "enter/", "n2", name="Mei 梅", text="出发 #春天自驾#").status_code == 302
    assert post(client, "enter/", "n2", name="Mei 梅", text="出发 #春天自驾#").status_code == 302
    assert Edge.objects.get().inviter.code == code
    assert Member.objects.get(code=code).clicks == 1
    entry = Entry.objects.get(entrant__name="Mei 梅")
    kept = Consent.objects.filter(member__person=entry.entrant.person)
    assert sorted(kept.values_list("purpose", flat=True)) == ["campaign", "challenge"]
    page = client.get(PAGE).content.decode()
    assert "You stand at 2 of 2." in page
    assert f"Entry {entry.pk}" in page
    assert 'id="agree"' not in page
    assert 'id="agree"' in visit().get(PAGE).content.decode()


def test_nobody_enters_without_the_tick_too_quickly_or_as_a_program(open_now: Callable[..., Challenge]) -> None:
    open_now()
    refused = post(visit(), "enter/", agree="", name="A", text="words kept")
    assert refused.status_code == 400
    assert "words kept" in refused.content.decode()
    assert post(visit(), "enter/", name="A", text="b", website="x").status_code == 429
    quick = visit().post(f"{PAGE}enter/", {"pass": make_pass("n", get_now()), "agree": "1", "name": "A", "text": "b"})
    assert quick.status_code == 429
    assert visit().post(f"{PAGE}enter/", {"name": "A"}).status_code == 429
    assert not Entry.objects.exists()


def test_who_is_refused_and_sends_again_is_one_member(open_now: Callable[..., Challenge]) -> None:
    open_now()
    client = visit()
    for nonce, link in (("n1", "https://evil.example/1"), ("n2", "https://weibo.com/1")):
        post(client, "enter/", nonce, name="A", link=link)
    assert (Entry.objects.count(), Member.objects.count()) == (1, 1)
    assert post(visit(), f"{10**9}/vote/", "n3").status_code == 404
    assert Member.objects.count() == 1


def test_votes_come_from_the_page_of_an_entry_once(open_now: Callable[..., Challenge]) -> None:
    challenge = open_now()
    entry = send(challenge, "a", at=get_now(), text=SCRIPT, name=SCRIPT[:40])
    voter, address = visit(), f"{PAGE}{entry.pk}/"
    page = voter.get(address).content.decode()
    assert "Vote for this entry" in page
    assert SCRIPT not in page
    assert 'property="og:title" content="&lt;script&gt;' in page
    for _ in range(2):
        assert post(voter, f"{entry.pk}/vote/", "v1").status_code == 302
    assert Vote.objects.count() == 1
    told = voter.get(address).content.decode()
    assert "You voted for this entry." in told
    assert "1 point<" in told
    assert f"{address}?from={Member.objects.latest('pk').code}" in told
    assert post(visit(), f"{10**9}/vote/", "v2").status_code == 404
    assert visit().post(f"{address}vote/", {"agree": "1"}).status_code == 429


def test_only_its_sender_withdraws_an_entry(open_now: Callable[..., Challenge]) -> None:
    open_now()
    sender = visit()
    post(sender, "enter/", "n1", name="A", text="words")
    entry = Entry.objects.get()
    assert visit().post(f"{PAGE}{entry.pk}/withdraw/").status_code == 404
    other = visit()
    post(other, "enter/", "n2", name="B", text="words of b")
    assert other.post(f"{PAGE}{entry.pk}/withdraw/").status_code == 404
    assert sender.post(f"{PAGE}{entry.pk}/withdraw/").status_code == 302
    assert visit().get(f"{PAGE}{entry.pk}/").status_code == 404
    assert "Withdrawn" in sender.get(PAGE).content.decode()


def test_an_image_is_made_anew_and_sent_only_when_it_is_shown(open_now: Callable[..., Challenge], staff: Staff) -> None:
    challenge = open_now(is_decided_first=True)
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    exif[0x0112] = 6  # turned by a quarter
    sender = visit()
    data = make_image(size=(2400, 1200), exif=exif)
    assert post(sender, "enter/", "n0", name="A", image=upload(data + b"<script>")).status_code == 400
    assert post(sender, "enter/", "n1", name="A", text="", image=upload(data)).status_code == 302
    entry = Entry.objects.get()
    address = f"{PAGE}{entry.pk}/large.jpg"
    assert visit().get(address).status_code == 404
    decide_entries(staff[0], challenge, [entry.pk], Decision(True), get_now())
    answer = visit().get(address)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    sent = answer.content
    with Image.open(io.BytesIO(sent)) as image:
        assert (image.size, dict(image.getexif())) == ((800, 1600), {})
    assert b"SECRET" not in sent
    assert len(visit().get(f"{PAGE}{entry.pk}/small.jpg").content) < len(sent)
    assert f"{address}" in visit().get(f"{PAGE}{entry.pk}/").content.decode()
    assert visit().get(f"{PAGE}{entry.pk}/huge.jpg").status_code == 404
    sender.post(f"/c/{SLUG}/leave/")
    assert not media.IMAGES.list_old(get_now() + timedelta(days=1))
    assert not Entry.objects.exists()
    assert Entrant.objects.get().name == ""


def test_an_image_of_the_most_pixels_is_kept_twice_and_no_larger_than_it_is_shown() -> None:
    sizes = []
    for data in (make_image("PNG", (4_000, 1_000)), make_image("GIF", (50, 40))):
        picture = media.clean_image(data)
        sizes += [Image.open(io.BytesIO(one)).size for one in (picture.large, picture.small)]
    assert sizes == [(1_600, 400), (480, 120), (50, 40), (50, 40)]
    with pytest.raises(BadInput, match="40 million pixels"):
        media.clean_image(make_image("PNG", (8_000, 5_001)))
    with pytest.raises(BadInput, match="larger than 8 MB"):
        media.clean_image(bytes((8 << 20) + 1))


def test_a_refused_upload_leaves_no_file_and_a_left_over_one_is_swept(open_now: Callable[..., Challenge]) -> None:
    open_now(most_entries_a_day=1)
    client = visit()
    assert post(client, "enter/", "n1", name="A", text="words").status_code == 302
    assert post(client, "enter/", "n2", name="A", image=upload(make_image())).status_code == 429
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    for data in (svg, b"none", b"", make_image() + b"<script>", bytes(media.LIMITS.most_bytes + 1)):
        assert post(client, "enter/", "n3", name="A", image=upload(data)).status_code == 400
    assert not media.IMAGES.list_old(get_now() + timedelta(days=1))
    media.IMAGES.keep(b"small", b"large")
    assert (sweep_pictures(get_now()), sweep_pictures(get_now() + timedelta(hours=2))) == (0, 1)
    assert not media.IMAGES.list_old(get_now() + timedelta(days=1))


def test_the_board_renews_itself_only_when_something_changed(
    open_now: Callable[..., Challenge], django_assert_max_num_queries: Any
) -> None:
    challenge = open_now()
    send(challenge, "a", at=get_now())
    seq = reread(challenge.campaign_id).score_seq
    page = visit().get(f"{PAGE}board/").content.decode()
    assert f'hx-get="{PAGE}board/?seq={seq}"' in page
    part = {"headers": {"hx-request": "true"}}
    with django_assert_max_num_queries(2):
        assert visit().get(f"{PAGE}board/?seq={seq}", **part).status_code == 204
    send(challenge, "b", at=get_now())
    changed = visit().get(f"{PAGE}board/?seq={seq}", **part)
    assert "name of b" in changed.content.decode()
    assert "<html" not in changed.content.decode()


def test_apps_read_the_board_and_one_place(
    open_now: Callable[..., Challenge], django_assert_max_num_queries: Any
) -> None:
    challenge = open_now()
    entries = [send(challenge, name, at=get_now()) for name in "abc"]
    post(visit(), f"{entries[2].pk}/vote/")
    answer = visit().get(f"{PAGE}board.json")
    assert (answer["Cache-Control"], answer["Access-Control-Allow-Origin"]) == ("public, max-age=5", "*")
    told = answer.json()
    assert [(one["rank"], one["name"], one["score"]) for one in told["places"]] == [
        (1, "name of c", 1),
        (2, "name of a", 0),
        (3, "name of b", 0),
    ]
    assert "person" not in answer.content.decode()
    packed = Client(headers={"accept-encoding": "gzip"}).get(f"{PAGE}board.json")  # its tag is a weak one then
    assert packed["ETag"] == f"W/{answer['ETag']}"
    for etag in (answer["ETag"], packed["ETag"]):
        again = Client(headers={"if-none-match": etag}).get(f"{PAGE}board.json")
        assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "public, max-age=5")
    with django_assert_max_num_queries(5):
        one = visit().get(f"{PAGE}rank.json?entrant={entries[0].entrant_id}").json()
    assert (one["rank"], one["total"], one["rule"]) == (2, 3, 1)
    for bad in ("", "0", "x", "١", "9" * 40, "-1"):
        assert visit().get(f"{PAGE}rank.json", {"entrant": bad}).status_code == 404


def test_a_campaign_without_one_and_a_draft_have_no_challenge(staff: Staff) -> None:
    assert visit().get(PAGE).status_code == 404
    assert visit().get(f"{PAGE}board.json").status_code == 404


def test_pages_of_a_thousand_take_as_many_queries_as_of_ten(
    open_now: Callable[..., Challenge], django_assert_max_num_queries: Any
) -> None:
    challenge, now = open_now(), get_now()
    client = visit()
    post(client, "enter/", "n1", name="A", text="words")
    people = [
        Entrant(challenge=challenge, person=f"q{at}", name=f"q{at}", score=at % 90, reached_us=at, made_at=now)
        for at in range(1_000)
    ]
    Entrant.objects.bulk_create(people, batch_size=2_000)
    own = {"challenge": challenge, "state": "shown", "way": "upload", "day": now.date(), "submitted_at": now}
    rows = [Entry(entrant=one, key=one.person, text="t", reached_us=0, **own) for one in people]
    Entry.objects.bulk_create(rows, batch_size=2_000)
    client.get(PAGE)  # the ranking is made once
    with django_assert_max_num_queries(9):
        page = client.get(PAGE).content.decode()
    assert "of 1,001" in page
    with django_assert_max_num_queries(9):
        client.get(f"{PAGE}?before={rows[500].pk}")
    with django_assert_max_num_queries(8):
        client.get(f"{PAGE}board/")
