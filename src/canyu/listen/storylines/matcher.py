"""Finds in posts the messages of storylines: by phrases, by likeness to examples, and by what turns them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.events.catalogue import Boundary
from canyu.kit.yamlio import load_yaml
from canyu.listen.context import Patterns, compile_patterns
from canyu.listen.kernels.linking import Automaton, find_hits
from canyu.listen.kernels.stance import (
    ASKS,
    DENIES,
    EXEMPTS,
    NEGATES,
    PRAISES,
    RETORTS,
    SCORNS,
    Outcomes,
    drop_contradicted,
    gather_answers,
    is_negated,
    judge_finds,
)
from canyu.listen.kernels.storylines import (
    BITS,
    RAREST,
    SHARED,
    Examples,
    Phrases,
    compare_sentences,
    join_parts,
    read_grams,
)
from canyu.listen.storylines.background import load_rarity
from canyu.listen.storylines.definitions import ASKED, DENIED, Storylines
from canyu.listen.text import PackedTexts, pack_texts

RULES_VERSION = "1"
"""Counted up when the same definitions would give other matches."""
LEAST_LIKE = 0.5
"""Cosine from which a sentence says what an example says; chosen on the development sentences and by reading what
real reviews matched below it."""
KINDS = {
    "negates": NEGATES,
    "exempts": EXEMPTS,
    "denies": DENIES,
    "scorns": SCORNS,
    "asks": ASKS,
    "retorts": RETORTS,
    "praises": PRAISES,
}

Ints = NDArray[np.int32]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to find: a storyline's own message, or a counter-message of it."""

    id: str
    storyline: str
    phrases: tuple[str, ...]
    examples: tuple[str, ...]


class StorylineMatcher:
    """Finds the messages of a file's storylines. Holds no state between calls; threads may share it."""

    def __init__(self, definitions: Storylines, *, least_like: float = LEAST_LIKE) -> None:
        self.definitions = definitions
        self.version = f"{definitions.version}-{definitions.fingerprint}.{RULES_VERSION}"
        self.least_like = least_like
        self._messages = list_messages(definitions)
        self._automaton, self._phrases, parts = compile_phrases(self._messages)
        self._cues = compile_cues(parts)
        self._examples, texts = compile_examples(self._messages)
        self._ids, self._outcomes = compile_outcomes(self._messages, self._find_negated(texts))

    def match(self, packed: PackedTexts, texts: pa.Array | pa.ChunkedArray | None = None) -> pa.ListArray:  # noqa: ARG002 - as a linker's
        """Return per text the ids that it carries, counters, denies or asks about, sorted and unique.

        Pure: any split of the texts into batches gives the same rows. ``get_stance`` tells an id's stance.

        >>> from canyu.listen.storylines import StorylineMatcher, open_storylines
        >>> posts = pack_texts(pa.array(["红米打游戏首选！", "红米打游戏不是首选", "早上好"]))
        >>> StorylineMatcher(open_storylines()).match(posts).to_pylist()
        [['first-for-gaming'], ['first-for-gaming/denied'], []]
        """
        codes = np.require(packed.codes, np.int32, ["C", "W"])
        offsets = np.require(packed.offsets, np.int64, ["C", "W"])
        finds = self._find(codes, offsets)
        rows = np.unique(finds[:, 0]).astype(np.int64)
        finds[:, 0] = np.searchsorted(rows, finds[:, 0])
        few_codes, few_offsets = select_texts(codes, offsets, rows)
        cues, cue_start = find_hits(self._cues, few_codes, few_offsets)
        answers, sentences = judge_finds(self._outcomes, finds, cues, cue_start, few_codes, few_offsets)
        drop_contradicted(self._outcomes, finds, answers, sentences)
        starts, values = gather_answers(finds, answers, rows, len(packed))
        return pa.ListArray.from_arrays(pa.array(starts), self._ids.take(pa.array(values)))

    def _find(self, codes: Ints, offsets: Places) -> Ints:
        hits, hit_start = find_hits(self._automaton, codes, offsets)
        by_phrase = join_parts(self._phrases, hits, hit_start, codes, offsets)
        by_example, _ = compare_sentences(self._examples, codes, offsets, self.least_like)
        both = np.concatenate([by_phrase, by_example])
        return np.ascontiguousarray(both[np.argsort(both[:, 0], kind="stable")])

    def _find_negated(self, texts: list[str]) -> NDArray[np.uint8]:
        packed = pack_texts(pa.array(texts, pa.string()))
        cues, starts = find_hits(self._cues, packed.codes, packed.offsets)
        found = [
            is_negated(cues, starts[row], starts[row + 1], 0, packed.offsets[row + 1] - packed.offsets[row], False)
            for row in range(len(texts))
        ]
        return np.array(found, np.uint8)


def list_messages(definitions: Storylines) -> list[Message]:
    """Return the messages to find, each storyline's own before its counter-messages."""
    found = []
    for entry in definitions.entries:
        found.append(Message(entry.id, entry.id, entry.phrases, entry.examples))
        found += [Message(counter.id, entry.id, counter.phrases, counter.examples) for counter in entry.counters]
    return found


def compile_phrases(messages: list[Message]) -> tuple[Automaton, Phrases, list[str]]:
    """Return the automaton of the parts of all phrases, the phrases as numbers of parts, and the parts."""
    parts: dict[str, int] = {}
    phrases: list[list[int]] = []
    labels: list[int] = []
    for label, message in enumerate(messages):
        for phrase in message.phrases:
            phrases.append([parts.setdefault(part.strip(), len(parts)) for part in phrase.split("*")])
            labels.append(label)
    patterns = Patterns()
    for part, number in parts.items():
        patterns.add(part, Boundary.BOTH, (0, number))
    ending: list[list[int]] = [[] for _ in parts]
    for number, numbers_of_parts in enumerate(phrases):
        ending[numbers_of_parts[-1]].append(number)
    numbers = Phrases(
        start=np.cumsum([0, *map(len, phrases)], dtype=np.int32),
        part=np.array([part for found in phrases for part in found], np.int32),
        label=np.array(labels, np.int32),
        last_start=np.cumsum([0, *map(len, ending)], dtype=np.int32),
        by_last=np.array([number for found in ending for number in found], np.int32),
    )
    return compile_patterns(patterns), numbers, list(parts)


def compile_cues(parts: list[str]) -> Automaton:
    """Return the automaton of the words that turn a message; a part of a phrase is never a negation of itself."""
    patterns = Patterns()
    for kind, words in read_cues().items():
        for word in words:
            patterns.add(word, Boundary.BOTH, (KINDS[kind], 0))
    for part in parts:
        patterns.add(part, Boundary.BOTH, (EXEMPTS, 0))
    return compile_patterns(patterns)


@cache
def read_cues() -> dict[str, list[str]]:
    """Return the lists of ``cues.yaml``."""
    text = resources.files("canyu.listen.storylines").joinpath("cues.yaml").read_text("utf-8")
    return {kind: [str(word) for word in words] for kind, words in load_yaml(text).items()}


def compile_examples(messages: list[Message]) -> tuple[Examples, list[str]]:
    """Return the examples as unit vectors over grams, inverted, and their texts."""
    texts = [text for message in messages for text in message.examples]
    labels = [label for label, message in enumerate(messages) for _ in message.examples]
    table: NDArray[np.uint8] = load_rarity() | np.uint8(SHARED)
    vectors = [read_vector(text, table) for text in texts]
    bucket = np.concatenate([[], *(buckets for buckets, _ in vectors)]).astype(np.int64)
    weight = np.concatenate([[], *(weights for _, weights in vectors)]).astype(np.float32)
    example = np.repeat(np.arange(len(texts)), [len(buckets) for buckets, _ in vectors])
    order = np.argsort(bucket, kind="stable")
    counts = np.bincount(bucket, minlength=1 << BITS)
    table[counts == 0] &= RAREST
    index = Examples(
        start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        example=example[order].astype(np.int32),
        weight=weight[order],
        label=np.array(labels, np.int32),
        table=table,
    )
    return index, texts


def read_vector(text: str, table: NDArray[np.uint8]) -> tuple[Ints, NDArray[np.float32]]:
    """Return the buckets of a sentence's grams and their weights, of length 1 together."""
    codes = pack_texts(pa.array([text], pa.string())).codes
    buckets, weights = np.empty(2 * len(codes) + 2, np.int32), np.empty(2 * len(codes) + 2, np.float32)
    count = read_grams(codes, 0, len(codes), table, buckets, weights)
    unique, places = np.unique(buckets[:count], return_inverse=True)
    summed = np.bincount(places, weights[:count], len(unique))
    return unique, (summed / max(float(np.sqrt((summed**2).sum())), 1e-9)).astype(np.float32)


def compile_outcomes(messages: list[Message], negated: NDArray[np.uint8]) -> tuple[pa.Array, Outcomes]:
    """Return all ids a match may give, sorted, and per message their numbers."""
    counters = [message.id != message.storyline for message in messages]
    ids = {message.id for message in messages}
    ids |= {f"{message.storyline}/{part}" for message in messages for part in (DENIED, ASKED)}
    numbers = {found_id: number for number, found_id in enumerate(sorted(ids))}

    def number(part: str) -> Ints:
        found = [-1 if "/" in message.id else numbers[f"{message.id}/{part}"] for message in messages]
        return np.array(found, np.int32)

    outcomes = Outcomes(
        carried=np.array([numbers[message.id] for message in messages], np.int32),
        denied=number(DENIED),
        asked=number(ASKED),
        storyline=np.array([numbers[message.storyline] for message in messages], np.int32),
        is_counter=np.array(counters, np.uint8),
        example_negated=negated,
    )
    return pa.array(sorted(ids), pa.string()), outcomes


def select_texts(codes: Ints, offsets: Places, rows: Places) -> tuple[Ints, Places]:
    """Return the packed texts of ``rows`` alone."""
    lengths = offsets[rows + 1] - offsets[rows]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    places = np.repeat(offsets[rows] - starts[:-1], lengths) + np.arange(starts[-1])
    return np.ascontiguousarray(codes[places], np.int32), starts
