"""The assistant: right article first, what it answers and hands over, its speed; beside SQLite's full-text search."""

from __future__ import annotations

import json
import os
import re
import resource
import sqlite3
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from assistant_questions import NOW, Question, list_questions, read_later_questions, read_unseen_questions  # noqa: E402 - the tests' questions
from canyu.care.assistant import (  # noqa: E402
    Answer,
    Article,
    ArticleIndex,
    AskBack,
    Asked,
    Assistant,
    HandOver,
    Library,
    Reader,
    load_articles,
)
from canyu.kit.yamlio import load_yaml  # noqa: E402

SHARED = Path(os.environ.get("CANYU_SHARED", ROOT.parent / "shared" / "data"))
JUDGED = ROOT / "tests" / "care" / "assistant" / "data" / "jddc_judged.yaml"
ROUNDS = 3
# An agent says that somebody else takes over: written by people, long before this assistant was.
TRANSFERS = "转接|为您转|帮您转|给您转|转到|转人工|联系.{0,6}(专员|专席)|转.{0,8}(专员|客服|售后|部门)"


class FullText:
    """SQLite FTS5 ranked by its BM25, over letters by threes (its ``trigram``), or by pairs that we cut for it."""

    def __init__(self, articles: list[Article], size: int) -> None:
        self.size = size
        self.database = sqlite3.connect(":memory:")
        tokenizer = "trigram" if size == 3 else "unicode61"
        self.database.execute(f"create virtual table t using fts5(id unindexed, title, body, tokenize='{tokenizer}')")
        for each in articles:
            row = (each.id, self.cut(" ".join(each.title)), self.cut(" ".join(each.body)))
            self.database.execute("insert into t values (?, ?, ?)", row)

    def cut(self, text: str) -> str:
        """Return a text as its tokenizer is to see it."""
        return text if self.size == 3 else " ".join(self.list_grams(text))

    def list_grams(self, text: str) -> list[str]:
        """Return the runs of so many letters."""
        plain = "".join(each for each in text.lower() if each.isalnum() or each == " ")
        return [gram for at in range(len(plain) - self.size + 1) if " " not in (gram := plain[at : at + self.size])]

    def find_first(self, question: str) -> str:
        """Return the identifier of the first article; empty where none is found."""
        query = " OR ".join(f'"{gram}"' for gram in dict.fromkeys(self.list_grams(question)))
        sql = "select id from t where t match ? order by bm25(t, 0, 2.5, 1) limit 1"
        row = self.database.execute(sql, [query]).fetchone() if query else None
        return row[0] if row else ""


def share_first(asked: list[Question], find: Any) -> float:
    return round(sum(find(each.text) == each.article for each in asked) / len(asked), 3)


def tell_outcomes(assistant: Assistant, asked: list[Question]) -> dict[str, Any]:
    """Return what goes out for own questions: those that have an article, and those that a person must answer."""
    told = [(each, assistant.answer(Asked(each.text, NOW))) for each in asked]
    answers = [(each, outcome) for each, outcome in told if isinstance(outcome, Answer)]
    right = sum(outcome.sources[0].article == each.article for each, outcome in answers)
    asked_back = [(each, outcome) for each, outcome in told if isinstance(outcome, AskBack) and each.article]
    shown = sum(each.article in {choice.article for choice in outcome.choices} for each, outcome in asked_back)
    none = {group: Counter[str]() for group in sorted({each.group for each in asked if not each.article})}
    for each, outcome in told:
        if not each.article:
            none[each.group][type(outcome).__name__] += 1
    return {
        "with_an_article": sum(bool(each.article) for each in asked),
        "answered": len(answers),
        "of_these_right": right,
        "asked_back": len(asked_back),
        "of_these_with_the_right_title": shown,
        "for_a_person": {group: dict(sorted(counts.items())) for group, counts in none.items()},
        "sentences_without_a_source": sum(
            sentence.text not in read_body(assistant, sentence.article)
            for _, outcome in answers
            for sentence in outcome.sentences
        ),
    }


def read_body(assistant: Assistant, article: str) -> str:
    found = assistant.shelf.find_article(article)
    return "\n".join(found.body) if found else ""


def judge_dialogues(assistant: Assistant) -> dict[str, Any]:
    """Return what it does with each turn of a customer in jddc_sample, asked alone: another shop, no talk before it."""
    file = SHARED / "jddc_sample" / "turns.parquet"
    turns = duckdb.read_parquet(str(file))
    rows = turns.project("session_id, turn, is_service, text").order("session_id, turn").fetchall()
    outcomes: dict[tuple[str, int], Any] = {}
    for session, turn, is_service, text in rows:
        if not is_service and text.strip():
            outcomes[session, turn] = assistant.answer(Asked(text, NOW))
    kinds = Counter(_name(each) for each in outcomes.values())
    transfers = re.compile(TRANSFERS)
    before = [(session, turn - 1) for session, turn, is_service, text in rows if is_service and transfers.search(text)]
    transferred = Counter(_name(outcomes[place]).split(":")[0] for place in before if place in outcomes)
    judged = load_yaml(JUDGED.read_text("utf-8"))["judged"]
    same = [
        fits
        for session, turn, article, fits in judged
        if isinstance(outcomes.get((session, turn)), Answer) and outcomes[session, turn].sources[0].article == article
    ]
    return {
        "turns": len(outcomes),
        "outcomes": dict(sorted(kinds.items())),
        "where_people_handed_over": dict(sorted(transferred.items())),
        "answers_read_by_a_person": len(same),
        "of_these_fitting": sum(same),
        "read_but_no_longer_given": len(judged) - len(same),
    }


def _name(outcome: Any) -> str:
    return f"HandOver: {outcome.reason.value}" if isinstance(outcome, HandOver) else type(outcome).__name__


def time_answers(assistant: Assistant, asked: list[Question]) -> dict[str, float]:
    times = []
    for _ in range(ROUNDS):
        for each in asked:
            began = time.perf_counter()
            assistant.answer(Asked(each.text, NOW))
            times.append(1000 * (time.perf_counter() - began))
    cuts = statistics.quantiles(times, n=100)
    return {
        "p50": round(cuts[49], 2),
        "p95": round(cuts[94], 2),
        "p99": round(cuts[98], 2),
        "worst": round(max(times), 2),
    }


def main() -> None:
    articles = load_articles()
    began = time.perf_counter()
    index = ArticleIndex(articles)
    built_ms = 1000 * (time.perf_counter() - began)
    assistant = Assistant(index, Library(articles))
    peers = {"SQLite FTS5 trigram": FullText(articles, 3), "SQLite FTS5, pairs of letters": FullText(articles, 2)}

    def find_first(question: str) -> str:
        hits = index.find_articles(question, Reader(NOW), 1)
        return hits[0].article.id if hits else ""

    questions, later, unseen = list_questions(), read_later_questions(), read_unseen_questions()
    parts = {
        "development": [each for each in questions if not each.is_held_out],
        "held_out": [each for each in questions if each.is_held_out],
        "written_later": later,
        "unseen": unseen,
    }
    firsts = {
        name: {
            "questions": len(with_article := [each for each in asked if each.article]),
            "canyu": share_first(with_article, find_first),
            **{peer: share_first(with_article, found.find_first) for peer, found in peers.items()},
        }
        for name, asked in parts.items()
    }
    speed = time_answers(assistant, questions)
    line = {
        "name": "assistant",
        "value": firsts["held_out"]["canyu"],
        "unit": "share of held-out questions whose right article comes first",
        "peer": firsts["held_out"]["SQLite FTS5 trigram"],
        "peer_name": "SQLite FTS5 trigram",
        "ratio": round(firsts["held_out"]["canyu"] / firsts["held_out"]["SQLite FTS5 trigram"], 2),
        "rows": len(questions) + len(later) + len(unseen),
        "right_article_first": firsts,
        "outcomes": {name: tell_outcomes(assistant, asked) for name, asked in parts.items()},
        "jddc_sample": judge_dialogues(assistant),
        "answer_ms": speed,
        "index_built_ms": round(built_ms),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
