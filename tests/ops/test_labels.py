"""Corrections and retrained models: exact labels, refusals in words, versions that are kept, and who may do what."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from brand_lake import MODEL, ODD_ID, SCRIPT
from canyu.kit.errors import BadInput, NotFound
from canyu.listen.active_model import find_active_model
from canyu.listen.sentiment import load_sentiment
from canyu.ops.insight.posts import get_post
from canyu.ops.labels import actions, queries
from canyu.ops.labels.models import Correction, RetrainedModel
from canyu.ops.lakes import get_lake
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from label_fixtures import LESSONS, NOW, POST, analyst, lake, teach

__all__ = ["analyst", "lake"]


def test_a_correction_keeps_what_was_read_and_what_is_right(lake: Path, analyst: Person) -> None:
    actions.correct_post(analyst, POST, "negative", " sarcasm ", NOW)
    row = Correction.objects.get()
    assert (row.event_id, row.text, row.given, row.label) == (POST, SCRIPT, "neutral", "negative")
    assert (row.model_version, row.who, row.made_at, row.note) == (MODEL, "an", NOW, "sarcasm")
    actions.correct_post(analyst, POST, "positive", "", NOW)
    assert [(one.label, one.note) for one in Correction.objects.all()] == [("positive", "")]


def test_what_cannot_be_learnt_is_refused(lake: Path, analyst: Person) -> None:
    run = get_lake().engine.run
    scores = get_lake().scan("scores")
    english = run(scores.filter(scores.lang == "en").limit(1).select("event_id"))["event_id"][0].as_py()
    with pytest.raises(BadInput, match="none of the three"):
        actions.correct_post(analyst, POST, "angry", "", NOW)
    with pytest.raises(BadInput, match="Only posts in Chinese"):
        actions.correct_post(analyst, english, "negative", "", NOW)
    with pytest.raises(NotFound):
        actions.correct_post(analyst, "nothing", "negative", "", NOW)
    assert not Correction.objects.exists()


def test_a_withdrawn_correction_keeps_no_text(lake: Path, analyst: Person) -> None:
    row = actions.correct_post(analyst, POST, "negative", "their words: …", NOW)
    actions.withdraw(analyst, row.pk, NOW)
    row.refresh_from_db()
    assert (row.text, row.note, row.label, row.withdrawn_by, row.withdrawn_at) == ("", "", "negative", "an", NOW)
    with pytest.raises(NotFound):
        actions.withdraw(analyst, row.pk, NOW)
    actions.correct_post(analyst, POST, "positive", "", NOW)
    assert Correction.objects.count() == 2


def test_erased_posts_are_forgotten(lake: Path, analyst: Person) -> None:
    actions.correct_post(analyst, POST, "negative", "", NOW)
    actions.correct_post(analyst, ODD_ID, "negative", "", NOW)
    row = actions.correct_post(analyst, POST, "neutral", "", NOW)
    actions.withdraw(analyst, row.pk, NOW)
    assert actions.forget_erased() == 0
    actor = get_post(get_lake(), POST).event["actor"]
    get_lake().erase(actor)
    assert (actions.forget_erased(), list(Correction.objects.values_list("event_id", flat=True))) == (1, [ODD_ID])
    assert (actions.forget_events([ODD_ID, "other"]), Correction.objects.count()) == (1, 0)


def test_without_a_lake_nothing_is_forgotten(
    lake: Path, analyst: Person, use_lake: Callable[[Path], None], tmp_path: Path
) -> None:
    actions.correct_post(analyst, POST, "negative", "", NOW)
    use_lake(tmp_path / "other.lake")
    with pytest.raises(NotFound):
        actions.forget_erased()
    assert Correction.objects.count() == 1


@pytest.mark.parametrize(
    ("lessons", "words"),
    [(LESSONS[:19], "only 19"), ([*LESSONS, (LESSONS[0][0], "positive")], "correction 23 contradicts"), ([], "only 0")],
)
def test_poor_corrections_make_no_version(
    lessons: list[tuple[str, str]], words: str, lake: Path, analyst: Person
) -> None:
    teach(analyst, lessons)
    with pytest.raises(BadInput, match=words):
        actions.retrain(analyst, NOW)
    assert not RetrainedModel.objects.exists()
    assert not (lake / "models").exists()


def test_retraining_keeps_a_version_with_its_figures(lake: Path, analyst: Person) -> None:
    teach(analyst, LESSONS)
    made = actions.retrain(analyst, NOW)
    shipped = load_sentiment().version
    assert (made.number, made.base_version, made.corrections, made.is_active) == (1, shipped, 22, False)
    assert load_sentiment(made.version, folders=[lake / "models"]).version == made.version
    assert sorted(path.name for path in (lake / "models").iterdir()) == ["sentiment-team-1"]
    (version,) = queries.list_versions(analyst).list
    assert [(line.before.source, line.before.texts) for line in version.figures] == [
        ("corrections", 22),
        ("guard sample", 48),
    ]
    assert version.figures[0].after.accuracy >= version.figures[0].before.accuracy + 0.2
    assert not version.is_worse
    assert actions.retrain(analyst, NOW).number == 2
    assert load_sentiment().version == shipped


def test_erased_posts_teach_nothing(lake: Path, analyst: Person) -> None:
    teach(analyst, LESSONS[:-1])
    Correction.objects.create(event_id="gone", text=LESSONS[-1][0], label="positive", who="an", made_at=NOW)
    assert actions.retrain(analyst, NOW).corrections == 21


def test_a_retraining_that_fails_leaves_nothing(lake: Path, analyst: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: Any) -> None:
        raise OSError("the disk is full")

    teach(analyst, LESSONS)
    monkeypatch.setattr(actions, "retrain_sentiment", fail)
    with pytest.raises(OSError, match="full"):
        actions.retrain(analyst, NOW)
    assert not RetrainedModel.objects.exists()
    assert list((lake / "models").iterdir()) == []


def test_one_version_is_active_and_one_can_go_back(lake: Path, analyst: Person) -> None:
    teach(analyst, LESSONS)
    first, second = actions.retrain(analyst, NOW), actions.retrain(analyst, NOW)
    assert find_active_model(lake) == ""
    actions.activate(analyst, second.number, NOW)
    assert find_active_model(lake) == second.version
    actions.activate(analyst, first.number, NOW)
    assert (find_active_model(lake), queries.list_versions(analyst).active) == (first.version, first.version)
    assert list(RetrainedModel.objects.filter(is_active=True).values_list("number", flat=True)) == [1]
    assert actions.activate(analyst, 0, NOW) == load_sentiment().version
    assert (find_active_model(lake), RetrainedModel.objects.filter(is_active=True).count()) == ("", 0)
    with pytest.raises(NotFound):
        actions.activate(analyst, 9, NOW)


def test_a_version_whose_weights_are_gone_is_not_activated(lake: Path, analyst: Person) -> None:
    teach(analyst, LESSONS)
    made = actions.retrain(analyst, NOW)
    (lake / "models" / made.folder / "weights.npz").unlink()
    with pytest.raises(NotFound, match="not in the state folder"):
        actions.activate(analyst, made.number, NOW)
    assert (find_active_model(lake), RetrainedModel.objects.filter(is_active=True).count()) == ("", 0)


def test_a_number_is_never_used_twice(lake: Path, analyst: Person) -> None:
    (lake / "models" / "sentiment-team-7").mkdir(parents=True)
    RetrainedModel.objects.create(number=3, base_version="", made_at=NOW, made_by="an", corrections=0)
    teach(analyst, LESSONS)
    assert actions.retrain(analyst, NOW).folder == "sentiment-team-8"
    assert [one.row.number for one in queries.list_versions(analyst).list] == [8]


@pytest.mark.django_db(transaction=True)
def test_two_retrainings_at_once_make_two_versions(lake: Path, accounts: Callable[..., Person]) -> None:
    viewer, made = accounts(Role.SOCIAL_ANALYST), []
    teach(viewer, LESSONS)
    gate = threading.Barrier(2)

    def work() -> None:
        gate.wait()
        made.append(actions.retrain(viewer, NOW).folder)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == ["sentiment-team-1", "sentiment-team-2"]


def test_the_database_overwrites_what_is_dropped(lake: Path, analyst: Person) -> None:
    row = actions.correct_post(analyst, POST, "negative", "", NOW)
    actions.withdraw(analyst, row.pk, NOW)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA secure_delete").fetchone() == (1,)
