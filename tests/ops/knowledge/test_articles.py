"""Articles: versions that are never edited, files with their problems, withdrawing, indexes that see every change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from assistant_questions import run_model
from canyu.care import Audience
from canyu.care.assistant import Answer, Article, Asked, Assistant, HandOver, HandOverReason, Rephrasing
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, CanyuError
from canyu.kit.words import Words, speak
from canyu.ops.config import load_config
from canyu.ops.knowledge import actions, assistants, queries
from canyu.ops.knowledge.actions import Imported
from canyu.ops.knowledge.errors import ArticleChanged, ArticleUnfit
from canyu.ops.knowledge.models import ArticleVersion, Change
from canyu.ops.knowledge.rules import list_misfits
from canyu.ops.people.models import Person
from knowledge_fixtures import ASKED, CHOSEN, REFUND, fill_shelf, find_article, list_chosen, make_inside, say_otherwise
from racing import run_together

pytestmark = pytest.mark.django_db
PLAIN = Article("a", 1, Words("标题", ""), Words("正文。", ""), "手册")


def ask(audience: Audience = Audience.CUSTOMER) -> object:
    return assistants.answer(Asked(ASKED, get_now(), audience))


def test_a_version_is_superseded_and_never_edited() -> None:
    viewer = fill_shelf()
    before = ArticleVersion.objects.filter(slug=REFUND).values("title_zh", "body_zh", "body_en", "made_at").get()
    number = queries.list_versions(viewer, REFUND)[0].number
    row = actions.publish(viewer, say_otherwise(find_article(), "退款九日内到账。"), number, get_now())
    assert (row.number, row.is_newest) == (number + 1, True)
    old = ArticleVersion.objects.filter(slug=REFUND, number=number)
    assert old.values("title_zh", "body_zh", "body_en", "made_at").get() == before
    outcome = ask()
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.sources[0].version) == ("退款九日内到账。", number + 1)
    with pytest.raises(ArticleChanged) as refused:
        actions.publish(viewer, say_otherwise(find_article(), "退款十日内到账。"), number, get_now())
    assert "newest version" in refused.value.mend
    assert ArticleVersion.objects.filter(slug=REFUND).count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "Grosse Buchstaben"}, "slug"),
        ({"id": "a" * 61}, "slug"),
        ({"body": Words("", "")}, "body_zh"),
        ({"title": Words("", "A title"), "body": Words("", "")}, "body_en"),
        ({"title": Words("", ""), "body": Words("", "")}, "title_zh"),
        ({"body": Words("长" * 4001, "")}, "body_zh"),
        ({"source": ""}, "source"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"asked": ("一",) * 41}, "asked"),
        ({"products": ("p",) * 201}, "products"),
        ({"starts_at": datetime(2026, 3, 2, tzinfo=UTC), "ends_at": datetime(2026, 3, 2, tzinfo=UTC)}, "ends_on"),
    ],
)
def test_what_does_not_fit_is_told_by_field_with_its_mend(changes: dict[str, object], field: str) -> None:
    assert list(list_misfits(PLAIN)) == []
    (misfit,) = list_misfits(replace(PLAIN, **changes))  # type: ignore[arg-type]
    assert misfit.field == field
    assert all(misfit.mend)


def test_a_file_is_imported_whole_or_not_at_all_and_twice_changes_nothing() -> None:
    viewer = fill_shelf()
    change, number = queries.read_change(), find_article().version
    assert actions.import_articles(viewer, list_chosen(), get_now()) == Imported(0, 0, 0, len(CHOSEN))
    assert queries.read_change() == change
    edited = replace(find_article(), body=Words("明天就退。", "Tomorrow."))
    with pytest.raises(ArticleUnfit) as refused, speak("en"):
        actions.import_articles(viewer, [PLAIN, edited], get_now())
    assert (f"version {number}" in str(refused.value), f"version: {number + 1}" in refused.value.mend) == (True, True)
    assert ArticleVersion.objects.filter(slug="a").count() == 0
    with pytest.raises(ArticleUnfit) as refused, speak("en"):
        actions.import_articles(viewer, [replace(PLAIN, source=""), replace(PLAIN, id="B")], get_now())
    assert "a, source: The source is missing. Name the document" in refused.value.message
    later = replace(edited, version=number + 3)
    gone = replace(find_article("invoice"), is_withdrawn=True)
    old = replace(find_article("repair-book"), version=1, source="older")
    assert actions.import_articles(viewer, [PLAIN, later, gone, old], get_now()) == Imported(1, 1, 1, 1)
    assert queries.list_versions(viewer, REFUND)[0].number == number + 3
    assert queries.list_versions(viewer, "invoice")[0].withdrawn_reason


def test_what_was_withdrawn_is_quoted_no_more_and_comes_back_in_a_new_version_only() -> None:
    viewer = fill_shelf()
    number = queries.list_versions(viewer, REFUND)[0].number
    assert isinstance(ask(), Answer)
    with pytest.raises(BadInput):
        actions.withdraw(viewer, REFUND, number, " ", get_now())
    actions.withdraw(viewer, REFUND, number, "银行规则变了", get_now())
    assert not isinstance(ask(), Answer)
    with pytest.raises(ArticleChanged):
        actions.withdraw(viewer, REFUND, number, "again", get_now())
    actions.publish(viewer, find_article(), number, get_now())
    assert isinstance(ask(), Answer)
    first = ArticleVersion.objects.get(slug=REFUND, number=number)
    assert (first.withdrawn_reason, first.is_newest) == ("银行规则变了", False)


def test_only_who_may_read_an_article_is_answered_from_it_and_only_while_it_is_valid() -> None:
    viewer = fill_shelf()
    number = queries.list_versions(viewer, REFUND)[0].number
    actions.publish(viewer, make_inside(find_article()), number, get_now())
    assert not isinstance(ask(), Answer)
    assert isinstance(ask(Audience.INSIDE), Answer)
    over = replace(find_article(), ends_at=get_now() - timedelta(seconds=1))
    actions.publish(viewer, over, number + 1, get_now())
    assert not isinstance(ask(Audience.INSIDE), Answer)
    assert queries.find_public(REFUND, get_now()) is None


def test_an_index_is_built_anew_once_for_each_change_whichever_process_made_it() -> None:
    viewer = fill_shelf()
    first = assistants.get_index()
    assert assistants.get_index() is first
    Change.objects.update(token="of another process")  # a copy of the database, put back, comes to the same number
    second = assistants.get_index()
    assert second is not first
    actions.withdraw(viewer, REFUND, find_article().version, "old", get_now())
    assert assistants.get_index().find_article(REFUND) is None
    assert second.find_article(REFUND) is not None


@dataclass
class Meddler:
    """A language model that takes so long that somebody changes the article meanwhile."""

    viewer: Person
    successor: Article | None

    def rephrase(self, question: str, sentences: Sequence[str], language: str) -> str:  # noqa: ARG002 - the protocol's
        number = queries.list_versions(self.viewer, REFUND)[0].number
        if self.successor is None:
            actions.withdraw(self.viewer, REFUND, number, "wrong", get_now())
        elif number == find_article().version:
            actions.publish(self.viewer, self.successor, number, get_now())
        return "".join(sentences)


def test_an_article_withdrawn_while_its_answer_is_made_does_not_go_out() -> None:
    meddler = Meddler(fill_shelf(), None)
    made = Assistant(assistants.get_index(), assistants.DatabaseShelf(), rephraser=meddler)
    outcome = made.answer(Asked(ASKED, get_now()))
    assert isinstance(outcome, HandOver)
    assert outcome.reason is HandOverReason.NO_ARTICLE


def test_one_superseded_while_its_answer_is_made_is_answered_from_the_new_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meddler = Meddler(fill_shelf(), say_otherwise(find_article(), "退款九日内到账。"))
    monkeypatch.setattr(assistants, "make_rephraser", lambda: meddler)
    outcome = ask()
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.sources[0].version) == ("退款九日内到账。", find_article().version + 1)


@pytest.mark.parametrize(
    ("said", "options", "expected"),
    [
        ("", {}, Rephrasing.TAKEN),
        ("退款明天就到，还会补偿您 100 元。", {}, Rephrasing.REFUSED),
        ("x" * 70_000, {}, Rephrasing.FAILED),
        ("late", {"wait_s": 0.5}, Rephrasing.FAILED),
        ("broken", {"status": 500}, Rephrasing.FAILED),
    ],
)
def test_a_language_model_by_settings_may_only_say_again_what_the_article_says(
    said: str,
    options: dict[str, float],
    expected: Rephrasing,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fill_shelf()
    plain = ask()
    assert isinstance(plain, Answer)
    with run_model(lambda _: said or plain.text, **options) as (base, asked):  # type: ignore[arg-type]
        told = {
            "ENDPOINT": base,
            "MODEL": "m",
            "KEY": "sk-secret",
            "TIMEOUT_S": "0.2" if options.get("wait_s") else "3",
        }
        for name, value in told.items():
            monkeypatch.setenv(f"CANYU_ASSISTANT_{name}", value)
        load_config.cache_clear()
        outcome = ask()
        kept = repr(load_config()) + repr(assistants.make_rephraser()) + repr(outcome) + caplog.text
    monkeypatch.undo()
    load_config.cache_clear()
    assert isinstance(outcome, Answer)
    assert (outcome.rephrasing, outcome.text) == (expected, plain.text)
    assert asked[0]["key"] == "Bearer sk-secret"
    assert "sk-secret" not in kept


@pytest.mark.parametrize(
    "told", [{"ENDPOINT": "http://models.example/v1", "MODEL": "m"}, {"ENDPOINT": "https://a.b/v1"}]
)
def test_half_a_model_and_one_in_the_open_are_refused_at_the_start(
    told: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in told.items():
        monkeypatch.setenv(f"CANYU_ASSISTANT_{name}", value)
    load_config.cache_clear()
    with pytest.raises(CanyuError) as refused:
        load_config()
    monkeypatch.undo()
    load_config.cache_clear()
    assert refused.value.mend


@pytest.mark.django_db(transaction=True)
def test_of_writers_at_the_same_instant_one_is_first_and_the_others_are_told() -> None:
    viewer = Person.objects.create(username="keeper")

    def write(number: int) -> None:
        actions.publish(viewer, replace(PLAIN, source=f"手册 {number}"), 0, get_now())

    assert run_together(*(lambda number=number: write(number) for number in range(4))) == ["article_changed"] * 3  # type: ignore[misc]

    def publish() -> None:
        actions.publish(viewer, PLAIN, 1, get_now())

    def withdraw() -> None:
        actions.withdraw(viewer, "a", 1, "old", get_now())

    run_together(publish, withdraw, publish)
    assert ArticleVersion.objects.filter(is_newest=True).count() == 1
    assert Change.objects.get().number == 1 + 1 + ArticleVersion.objects.exclude(withdrawn_at=None).count()
