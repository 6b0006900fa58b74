"""Analysts' corrections become a new version of the sentiment model; the former one stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.model_store import WEIGHTS, write_arrays
from canyu.kit.words import Words
from canyu.listen.corpora import Corpus, read_labelled, read_talk
from canyu.listen.evaluation import Quality, evaluate_model, judge_sentiment
from canyu.listen.gram_table import find_grams, number_grams, pack_rows, unpack_rows
from canyu.listen.heads import INT8_END
from canyu.listen.kernels.adagrad import fit_shift
from canyu.listen.kernels.copies import find_copies
from canyu.listen.kernels.tagged import LANES, TAG_BITS
from canyu.listen.kinds import ANY
from canyu.listen.sentiment import HEADS, NEUTRALITY, POLARITY, SENTIMENTS, SentimentModel, read_model
from canyu.listen.text import PackedTexts, pack_texts

LEAST_CORRECTIONS = 20  # with fewer, what is held out says nothing
FOLDS = 5
EPOCHS, RATE, DECAY = 20, 0.3, 0.003
REPLAY_WEIGHT = 0.5  # of a text that only has to stay as it was
REPLAY_TEXTS = 5_000
WEAK = 4  # a row of no larger weight gives way to a gram that the corrections need
SAMPLE_FILE = Path(__file__).parent / "guard_sample.yaml"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a text's sentiment really is, who said so and when."""

    text: str
    label: str
    who: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Retrained:
    """The new version, and the figures of both on what neither learnt from.

    ``before`` and ``after`` begin with the corrections, each read by a model that learnt from the other folds only;
    the guard's figures follow: the test part of the corpus, or the shipped sample.
    """

    model: SentimentModel
    before: tuple[Quality, ...]
    after: tuple[Quality, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """Corrections, then texts that are to stay as they were; ``truth``: (n, 3), probability of each sentiment."""

    packed: PackedTexts
    truth: NDArray[np.float64]
    corrections: int

    @property
    def weights(self) -> NDArray[np.float64]:
        """How much each text counts."""
        return np.where(np.arange(len(self.packed)) < self.corrections, 1.0, REPLAY_WEIGHT)


def read_corrections(table: pa.Table | pa.RecordBatch) -> list[Correction]:
    """Return the rows of an Arrow table with the columns ``text``, ``label``, ``who`` and ``when``."""
    missing = {"text", "label", "who", "when"} - set(table.schema.names)
    if missing:
        listed = ", ".join(sorted(missing))
        raise BadInput(
            Words(f"更正表缺少列：{listed}。", f"the corrections lack columns: {listed}."),
            mend=Words("需要 text、label、who、when 四列。", "Give text, label, who and when."),
        )
    return [Correction(row["text"], row["label"], row["who"], row["when"]) for row in table.to_pylist()]


def retrain(
    base: SentimentModel, corrections: Sequence[Correction], out_folder: Path, corpus: Corpus | None = None
) -> Retrained:
    """Write a new version of ``base`` that heeds the corrections to ``out_folder``, and measure both.

    Only the grams of the corrections move, and texts that were not corrected (of the corpus' training part, or the
    shipped expressions) are replayed with the answers of ``base``, so that little else changes. The same base and
    corrections give the same bytes. To go back, load the former version. Raises BadInput where there are fewer than
    twenty corrections, where they contradict one another or do not say who and when.
    """
    check_corrections(corrections)
    if not out_folder.name or (out_folder / WEIGHTS).exists():
        raise BadInput(
            Words(f"{out_folder} 已有模型或没有名称。", f"{out_folder} holds a model already, or has no name."),
            mend=Words("请给一个新文件夹。", "Name a new folder: former versions are kept."),
        )
    lesson = _build_lesson(base, corrections, corpus)
    held = _read_held_out(base, lesson)
    fresh = _shift_model(base, lesson, np.arange(len(lesson.packed)))
    arrays = {name: getattr(fresh, name) for name in ("rows", "lines", "scales", "biases", "shares", "divisors")}
    write_arrays(out_folder / WEIGHTS, arrays)
    (out_folder / "settings.json").write_text(dump_json(_describe(base, corrections)) + "\n", "utf-8")
    model = read_model(out_folder / WEIGHTS)
    labels = _list_labels(corrections)
    given = _take_first(lesson.packed, len(corrections))
    before = (judge_sentiment("corrections", base.predict(given), labels), *_guard(base, corpus))
    after = (judge_sentiment("corrections", held, labels), *_guard(model, corpus))
    return Retrained(model, before, after)


def check_corrections(corrections: Sequence[Correction]) -> None:
    """Raise BadInput where corrections are too few, all alike, incomplete or contradict one another."""
    for place, correction in enumerate(corrections):
        if not (_is_told(correction.text) and _is_told(correction.who) and correction.label in SENTIMENTS):
            raise _refuse(place, "缺少文本、署名，或标签不是三者之一", "lacks a text or a name, or has another label")
        if not isinstance(correction.when, datetime) or correction.when.tzinfo is None:
            raise _refuse(place, "缺少时间，或时间没有时区", "has no time, or a time without a zone")
    known: dict[bytes, str] = {}
    packed = pack_texts(pa.array([correction.text for correction in corrections], pa.large_string()))
    for place, correction in enumerate(corrections):
        key = packed.codes[packed.offsets[place] : packed.offsets[place + 1]].tobytes()
        if known.setdefault(key, correction.label) != correction.label:
            raise _refuse(place, "与另一条同文更正矛盾", "contradicts another one of the same text")
    if len(known) < LEAST_CORRECTIONS or len(set(known.values())) < 2:
        raise BadInput(
            Words(
                f"只有 {len(known)} 条不同的更正，或标签都一样。",
                f"there are only {len(known)} different corrections, or all have one label.",
            ),
            mend=Words(
                f"至少需要 {LEAST_CORRECTIONS} 条，且标签不止一种。",
                f"Give at least {LEAST_CORRECTIONS}, with more than one label.",
            ),
        )


def _is_told(text: object) -> bool:
    """Return whether it is a text with something in it, and without half a surrogate pair."""
    return isinstance(text, str) and bool(text.strip()) and not any(0xD800 <= ord(char) <= 0xDFFF for char in text)


def _refuse(place: int, zh: str, en: str) -> BadInput:
    return BadInput(
        Words(f"第 {place + 1} 条更正{zh}。", f"correction {place + 1} {en}."),
        mend=Words("请改正或删去这一条。", "Mend that one or leave it out."),
    )


def _list_labels(corrections: Sequence[Correction]) -> NDArray[np.int8]:
    return np.array([SENTIMENTS.index(correction.label) for correction in corrections], np.int8)


def _build_lesson(base: SentimentModel, corrections: Sequence[Correction], corpus: Corpus | None) -> Lesson:
    texts = [correction.text for correction in corrections]
    replay = list(read_talk()) if corpus is None else _list_replay(corpus)
    packed = pack_texts(pa.array([*texts, *replay], pa.large_string()))
    truth = base.predict(packed).astype(np.float64)
    truth[: len(texts)] = np.eye(len(SENTIMENTS))[_list_labels(corrections)]
    return Lesson(packed, truth, len(texts))


def _list_replay(corpus: Corpus) -> list[str]:
    rows = np.concatenate([corpus.list_rows(name, 1, 2) for name in corpus.names])
    step = max(rows.size // REPLAY_TEXTS, 1)
    return list(corpus.texts.take(pa.array(rows[::step])).to_pylist())


def _read_held_out(base: SentimentModel, lesson: Lesson) -> NDArray[np.float32]:
    """Return the probabilities of each correction by a model that learnt from the other folds and the replay."""
    given = _take_first(lesson.packed, lesson.corrections)
    groups = find_copies(given.codes, given.offsets)
    folds = np.unique(groups, return_inverse=True)[1] % FOLDS
    found = np.zeros((lesson.corrections, len(SENTIMENTS)), np.float32)
    every = np.arange(len(lesson.packed))
    for fold in range(FOLDS):
        rows = np.concatenate([np.flatnonzero(folds != fold), every[lesson.corrections :]])
        found[folds == fold] = _shift_model(base, lesson, rows).predict(given)[folds == fold]
    return found


def _shift_model(base: SentimentModel, lesson: Lesson, rows: NDArray[np.int64]) -> SentimentModel:
    """Return the model after learning from these rows of the lesson."""
    keys, weights = _make_room(base, lesson, rows[rows < lesson.corrections])
    grams = find_grams(lesson.packed, keys, base.bits)
    moved = weights.astype(np.float64)
    scores = base.compute_scores(lesson.packed)
    opinion = np.maximum(lesson.truth[:, 0] + lesson.truth[:, 2], 1e-9)
    targets = {
        POLARITY: (lesson.truth[:, 2] / opinion, opinion),
        NEUTRALITY: (lesson.truth[:, 1], np.ones(len(opinion))),
    }
    for lane, (wanted, share) in targets.items():
        slope, offset = base.lines[ANY, lane]
        log_odds = scores[:, lane] * slope + offset
        counts, target = lesson.weights * share, np.ascontiguousarray(wanted)
        mine = rows[counts[rows] > 1e-6]
        shift = fit_shift(grams.numbers, grams.starts, mine, target, counts, log_odds, grams.size, EPOCHS, RATE, DECAY)
        moved[:, lane] += shift[1:] / slope
    rounded = np.clip(np.rint(moved), -INT8_END, INT8_END).astype(np.int8)
    return replace(base, version="", rows=pack_rows(keys, rounded, base.bits))


def _make_room(
    base: SentimentModel, lesson: Lesson, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Return the table's keys and weights once grams seen twice in the corrections have taken weak or empty rows."""
    keys, weights = unpack_rows(base.rows)
    fresh = number_grams(_take_first(lesson.packed, lesson.corrections), rows, base.bits).keys
    fresh = fresh[~np.isin(fresh, keys)]
    fresh = fresh[np.unique(fresh >> TAG_BITS, return_index=True)[1]]
    strong = (keys >> TAG_BITS)[np.abs(weights.astype(np.int64)).max(axis=1) > WEAK]
    fresh = fresh[~np.isin(fresh >> TAG_BITS, strong)]
    stays = ~np.isin(keys >> TAG_BITS, fresh >> TAG_BITS)
    every = np.concatenate([keys[stays], fresh])
    order = np.argsort(every)
    return every[order], np.concatenate([weights[stays], np.zeros((fresh.size, LANES), np.int8)])[order]


def _guard(model: SentimentModel, corpus: Corpus | None) -> tuple[Quality, ...]:
    if corpus is not None:
        return tuple(line for line in evaluate_model(model, corpus) if line.task in ("polarity", "sentiment"))
    sample = read_labelled(SAMPLE_FILE)
    packed = pack_texts(pa.array(list(sample), pa.large_string()))
    return (judge_sentiment("guard sample", model.predict(packed), np.array(list(sample.values()), np.int8)),)


def _take_first(packed: PackedTexts, count: int) -> PackedTexts:
    return PackedTexts(packed.codes[: packed.offsets[count]], packed.offsets[: count + 1])


def _describe(base: SentimentModel, corrections: Sequence[Correction]) -> dict[str, object]:
    times = sorted(correction.when for correction in corrections)
    return {
        "base": base.version,
        "corrections": len(corrections),
        "heads": HEADS,
        "first": times[0].isoformat(),
        "last": times[-1].isoformat(),
        "by": sorted({correction.who for correction in corrections}),
    }
