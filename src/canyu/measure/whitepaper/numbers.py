"""The whole paper in numbers: every test of the lab file, every pair of devices, corrected for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.experiments.comparing import correct_holm
from canyu.measure.whitepaper.contrast import Contrast, contrast_runs, estimate_mean, tell_unknown_contrast
from canyu.measure.whitepaper.design import PaperDesign
from canyu.measure.whitepaper.lab import LabSheet, Run

ONE_DEVICE = Words("只测了一台设备，没有可比的对象。", "One device only was measured: there is nothing to compare.")
MIXED_UNITS = Words(
    "同一测试里混有单位 {units}：请换算成同一单位，或分成两个测试。",
    "The units {units} are mixed in one test: convert them into one, or make tests of their own.",
)
OTHER_METHOD = Words(
    "测量方法不同（{found}）：请用同一方法重测，或按方法分成各自的测试。",
    "The methods differ ({found}): measure by one of them, or make a test of each.",
)
OTHER_INSTRUMENT = Words(
    "测量仪器不同（{found}）：请用同一台仪器重测，或按仪器分成各自的测试。",
    "The instruments differ ({found}): measure with one of them, or make a test of each.",
)
MOST_PAIRS = 2_000
TOO_MANY = Words("文件里有 {n} 个比较，超过 {most} 个。", "The file makes {n} comparisons, which is over {most}.")
MEND_MANY = Words("请分成几份白皮书。", "Make several papers of it.")
NO_RUNS = Words("没有一行可用的测量数据。", "No row of measurements can be used.")
MEND_ROWS = Words("请按所列的行与字段改正后再试。", "Mend the rows and fields that are told, and try again.")


@dataclass(frozen=True, slots=True)
class Cell:
    """The runs of one device in one test, and their mean."""

    device: str
    runs: tuple[Run, ...]
    mean: Estimate


@dataclass(frozen=True, slots=True)
class Pair:
    """``one`` against ``other`` in a test; ``corrected`` is the p-value that allows for every pair of the paper."""

    one: str
    other: str
    contrast: Contrast
    corrected: float | None = None


@dataclass(frozen=True, slots=True)
class LabTest:
    """One test: its cells, its pairs, and how it was measured. ``notes`` say what could not be known."""

    name: str
    units: tuple[str, ...]
    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...]
    methods: tuple[str, ...]
    instruments: tuple[str, ...]
    notes: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the lab file says: all its tests, and how many comparisons they make."""

    tests: tuple[LabTest, ...]
    comparisons: int


def compute_numbers(sheet: LabSheet, design: PaperDesign) -> Numbers:
    """Return every test of the sheet. Raises BadInput where no row of it can be used."""
    if not sheet.runs:
        raise BadInput(NO_RUNS, mend=MEND_ROWS)
    grouped: dict[str, list[Run]] = defaultdict(list)
    for run in sheet.runs:
        grouped[run.test].append(run)
    found = sum(comb(len({run.device for run in runs}), 2) for runs in grouped.values())
    if found > MOST_PAIRS:
        raise BadInput(TOO_MANY.fill(n=f"{found:,}", most=f"{MOST_PAIRS:,}"), mend=MEND_MANY)
    tests = [_compute_test(name, runs, name in design.signed) for name, runs in grouped.items()]
    corrected = iter(correct_holm([pair.contrast.difference.p_value for test in tests for pair in test.pairs]))
    done = tuple(
        replace(test, pairs=tuple(replace(pair, corrected=next(corrected)) for pair in test.pairs)) for test in tests
    )
    known = [pair for test in done for pair in test.pairs if pair.corrected is not None]
    return Numbers(done, len(known))


def _compute_test(name: str, runs: Sequence[Run], is_signed: bool) -> LabTest:
    by_device: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_device[run.device].append(run)
    units = _list(run.unit for run in runs)
    fault = MIXED_UNITS.fill(units=_quote(units)) if len(units) > 1 else None
    cells = tuple(_compute_cell(device, each, fault) for device, each in by_device.items())
    pairs = tuple(_compute_pair(one, other, fault, is_signed) for one, other in combinations(cells, 2))
    notes = ([fault] if fault else []) + ([ONE_DEVICE] if len(cells) == 1 else [])
    return LabTest(
        name,
        units,
        cells,
        pairs,
        _list(run.method for run in runs),
        _list(run.instrument for run in runs),
        tuple(notes),
    )


def _compute_cell(device: str, runs: Sequence[Run], fault: Words | None) -> Cell:
    mean = estimate_mean([run.value for run in runs])
    reason = fault or _find_mixture(runs)
    return Cell(device, tuple(runs), tell_missing(reason, mean.method) if reason else mean)


def _compute_pair(one: Cell, other: Cell, fault: Words | None, is_signed: bool) -> Pair:
    reason = fault or _find_mixture((*one.runs, *other.runs))
    if reason is not None:
        return Pair(one.device, other.device, tell_unknown_contrast(reason))
    values = ([run.value for run in cell.runs] for cell in (one, other))
    return Pair(one.device, other.device, contrast_runs(*values, is_signed=is_signed))


def _find_mixture(runs: Iterable[Run]) -> Words | None:
    """Return why these runs are not alike: measured in another way, or with another instrument."""
    methods, instruments = _list(run.method for run in runs), _list(run.instrument for run in runs)
    if len(methods) > 1:
        return OTHER_METHOD.fill(found=_quote(methods))
    return OTHER_INSTRUMENT.fill(found=_quote(instruments)) if len(instruments) > 1 else None


def _list(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _quote(texts: Sequence[str]) -> str:
    return ", ".join(texts)
