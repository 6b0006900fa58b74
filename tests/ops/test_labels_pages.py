"""The pages of corrections: who may see and change what, the queue, hostile texts, and few database queries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from brand_lake import ODD_ID, SCRIPT
from canyu.listen.active_model import find_active_model
from canyu.ops.labels import actions
from canyu.ops.labels.models import Correction, RetrainedModel
from canyu.ops.labels.queue import read_queue
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from label_fixtures import LESSONS, NOW, POST, analyst, lake, teach

__all__ = ["analyst", "lake"]
PAGES = ("/labels/", "/labels/queue/")
MAY_CORRECT = (Role.SOCIAL_ANALYST, Role.DATA_ANALYST, Role.MARKETING_LEAD)


def read(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content
    return response.content.decode()


def post(client: Client, address: str, **data: str) -> int:
    return client.post(address, data).status_code


@pytest.mark.parametrize("address", PAGES)
def test_nobody_sees_corrections_without_signing_in(address: str, lake: Path, db: None) -> None:
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("role", sorted(set(Role) - set(MAY_CORRECT)))
def test_other_roles_neither_see_nor_change_corrections(
    role: Role, lake: Path, analyst: Person, sign_in: Callable[..., Client]
) -> None:
    row, client = actions.correct_post(analyst, POST, "negative", "", NOW), sign_in(role)
    tried = [client.get(address).status_code for address in PAGES]
    tried += [
        post(client, "/labels/correct/?id=" + POST, label="positive"),
        post(client, f"/labels/{row.pk}/withdraw/"),
        post(client, "/labels/retrain/"),
        post(client, "/labels/models/0/activate/"),
    ]
    assert tried == [403] * 6
    row.refresh_from_db()
    assert (row.label, row.withdrawn_at, Correction.objects.count()) == ("negative", None, 1)
    assert "Is the sentiment right?" not in read(client, f"/posts/one/?id={POST}")


@pytest.mark.parametrize("role", MAY_CORRECT)
def test_an_analyst_corrects_on_the_page_of_the_post(role: Role, lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(role)
    assert "It is negative" in read(client, f"/posts/one/?id={POST}")
    answer = client.post(f"/labels/correct/?id={POST}", {"label": "negative", "note": "<b>irony</b>"})
    assert (answer.status_code, answer["Location"]) == (302, f"/posts/one/?id={POST}")
    shown = read(client, f"/posts/one/?id={POST}")
    assert f"Corrected by {role.value}:" in shown
    assert "&lt;b&gt;irony" in shown
    assert client.post(f"/labels/{Correction.objects.get().pk}/withdraw/")["Location"] == "/labels/"
    assert "Corrected by" not in read(client, f"/posts/one/?id={POST}")


def test_an_odd_id_comes_back_whole(lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.SOCIAL_ANALYST)
    page = read(client, "/labels/queue/")
    assert page.count('data-key="') == 3
    from urllib.parse import urlencode

    client.post(f"/labels/correct/?{urlencode({'id': ODD_ID})}", {"label": "neutral", "from": "queue", "at": "0"})
    assert Correction.objects.get().event_id == ODD_ID
    assert urlencode({"id": ODD_ID}).replace("&", "&amp;") in read(client, "/labels/")


def test_a_wrong_label_changes_nothing(lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.SOCIAL_ANALYST)
    assert post(client, f"/labels/correct/?id={POST}", label="angry") == 400
    assert post(client, "/labels/correct/?id=nothing", label="negative") == 404
    odd = ("page=0", "state=x", "label=angry", "who=%00")
    assert [client.get(f"/labels/?{one}").status_code for one in odd] == [400] * 4
    assert not Correction.objects.exists()


def test_the_queue_has_each_post_once_and_goes_on(lake: Path, analyst: Person, sign_in: Callable[..., Client]) -> None:
    before = read_queue(analyst, [], 0)
    assert before.post is not None
    assert before.post.margin == pytest.approx(0.7, abs=1e-6)
    first, second = before.post, read_queue(analyst, [], 1).post
    assert second is not None
    assert first.id != second.id
    client = sign_in(Role.DATA_ANALYST)
    answer = client.post(f"/labels/correct/?id={first.id}", {"label": "neutral", "from": "queue", "at": "0"})
    assert answer["Location"] == "/labels/queue/?at=0"
    after = read_queue(analyst, [first.id], 0)
    assert (after.left, after.post) == (before.left - 1, second)
    assert "Undo" in read(client, "/labels/queue/?at=0")
    assert read_queue(analyst, [], 5000).at == before.left - 1


def test_hostile_texts_are_text(lake: Path, analyst: Person, sign_in: Callable[..., Client]) -> None:
    actions.correct_post(analyst, POST, "negative", SCRIPT, NOW)
    client = sign_in(Role.SOCIAL_ANALYST)
    for address in ("/labels/", f"/posts/one/?id={POST}"):
        page = read(client, address)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_too_few_corrections_are_refused_in_words(lake: Path, analyst: Person, sign_in: Callable[..., Client]) -> None:
    teach(analyst, [*LESSONS, (LESSONS[0][0], "positive")])
    answer = sign_in(Role.SOCIAL_ANALYST).post("/labels/retrain/")
    assert answer.status_code == 400
    assert "correction 23 contradicts another one of the same text." in answer.content.decode()
    assert not RetrainedModel.objects.exists()


def test_an_analyst_retrains_and_a_lead_activates(lake: Path, analyst: Person, sign_in: Callable[..., Client]) -> None:
    teach(analyst, LESSONS)
    client = sign_in(Role.SOCIAL_ANALYST)
    assert client.post("/labels/retrain/")["Location"] == "/labels/#versions"
    made = RetrainedModel.objects.get()
    page = read(client, "/labels/")
    assert made.version in page
    assert "guard sample" in page
    assert "a marketing lead activates" in page
    assert post(client, "/labels/models/1/activate/") == 403
    assert find_active_model(lake) == ""
    lead = sign_in(Role.MARKETING_LEAD)
    assert post(lead, "/labels/models/1/activate/") == 302
    assert find_active_model(lake) == made.version
    assert f"canyu listen --lake {lake}" in read(lead, "/labels/")
    assert post(lead, "/labels/models/0/activate/") == 302
    assert find_active_model(lake) == ""


def test_corrections_are_filtered(lake: Path, analyst: Person, sign_in: Callable[..., Client]) -> None:
    teach(analyst, LESSONS)
    client = sign_in(Role.SOCIAL_ANALYST)
    assert "22 corrections</p>" in read(client, "/labels/")
    assert "10 corrections</p>" in read(client, "/labels/?label=positive")
    assert "0 corrections</p>" in read(client, "/labels/?who=bo")
    actions.withdraw(analyst, Correction.objects.filter(label="positive")[0].pk, NOW)
    assert "1 correction</p>" in read(client, "/labels/?state=withdrawn")


def test_a_page_asks_the_database_a_few_times_only(
    lake: Path, analyst: Person, sign_in: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    teach(analyst, LESSONS)
    client = sign_in(Role.SOCIAL_ANALYST)
    for address, most in (("/labels/", 11), ("/labels/queue/", 8), (f"/posts/one/?id={POST}", 6)):
        with django_assert_max_num_queries(most):
            read(client, address)


def test_an_empty_lake_says_what_to_run(
    tmp_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    use_lake(tmp_path / "new.lake")
    client = sign_in(Role.SOCIAL_ANALYST)
    assert "canyu import" in read(client, "/labels/queue/")
    assert "Label posts" in read(client, "/labels/")
