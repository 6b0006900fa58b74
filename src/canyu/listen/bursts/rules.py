"""Rules that people write themselves, evaluated beside the statistical alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from canyu.kit.words import Words
from canyu.listen.bursts.alerts import EVERYTHING, Alert, Selection, SeriesKey
from canyu.listen.bursts.counts import CountMatrix, tell_time
from canyu.listen.bursts.settings import check_number, check_zone, refuse_field
from canyu.listen.bursts.severity import Severity
from canyu.listen.kernels.bursts import UNKNOWN

MOST_HOURS = 24 * 28
CLOSE_HOURS = 4  # hours in a row below the rule's threshold end its alert


@dataclass(frozen=True)
class QuietHours:
    """Local hours in which nobody is disturbed; they may run over midnight. Equal ends: never quiet."""

    begin: time
    end: time
    time_zone: str

    def contains(self, now: datetime) -> bool:
        """Say whether it is quiet at ``now`` (aware).

        >>> from datetime import UTC
        >>> QuietHours(time(22), time(8), "Asia/Shanghai").contains(datetime(2026, 3, 1, 15, tzinfo=UTC))
        True
        """
        local = now.astimezone(ZoneInfo(self.time_zone)).time()
        if self.begin <= self.end:
            return self.begin <= local < self.end
        return local >= self.begin or local < self.end


@dataclass(frozen=True)
class Rule:
    """Tell ``team`` when a selected series has at least so many posts in so many hours.

    Attributes
    ----------
    at_least, hours
        Posts (without copies) and the window's length.
    ratio
        Times the expected, besides; none asks for no ratio.

    """

    name: str
    team: str
    at_least: int
    hours: int = 1
    ratio: float | None = None
    selection: Selection = EVERYTHING
    severity: Severity = Severity.WARNING
    quiet: QuietHours | None = None


def parse_rules(document: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Return the rules of a list of mappings, as a YAML file holds them.

    Fields: ``name``, ``team``, ``at_least``, ``hours``, ``ratio``, ``products``, ``aspects``, ``sentiments``,
    ``metrics`` (lists), ``severity``, ``quiet_from`` and ``quiet_to`` ("22:00") with ``time_zone``. Raises
    ``BadInput`` naming the rule's field and the mend.

    >>> parse_rules([{"name": "battery", "team": "care", "at_least": 20, "hours": 3, "aspects": ["battery"]}])[0].hours
    3
    """
    if isinstance(document, str | Mapping) or not isinstance(document, Sequence):
        raise refuse_field("rules", Words("请给规则的列表。", "Give a list of rules."))
    rules = tuple(parse_rule(given, f"rules[{place}]") for place, given in enumerate(document))
    check_rule_names([rule.name for rule in rules])
    return rules


def check_rule_names(names: Sequence[str]) -> None:
    """Raise ``BadInput`` for a name that an earlier rule of the list has."""
    for place, name in enumerate(names):
        if name in names[:place]:
            raise refuse_field(f"rules[{place}].name", Words("每条规则的名称须不同。", "Give each rule its own name."))


KNOWN = {"name", "team", "at_least", "hours", "ratio", "severity", "quiet_from", "quiet_to", "time_zone"}


def parse_rule(given: object, place: str) -> Rule:
    """Return one rule; ``place`` names it in errors."""
    if not isinstance(given, Mapping):
        raise refuse_field(place, Words("请给字段与值。", "Give fields and values."))
    lists = [field.name for field in fields(Selection)]
    for name in given:
        if name not in KNOWN and name not in lists:
            listed = ", ".join(sorted(KNOWN | set(lists)))
            raise refuse_field(f"{place}.{name}", Words(f"可用的字段：{listed}。", f"Known fields: {listed}."))
    for name in ("name", "team"):
        if not isinstance(given.get(name), str) or not given[name].strip():
            raise refuse_field(f"{place}.{name}", Words("请填写文字。", "Give a text."))
    check_number(f"{place}.at_least", given.get("at_least"), 1, 1e12)
    check_number(f"{place}.hours", given.get("hours", 1), 1, MOST_HOURS)
    if given.get("ratio") is not None:
        check_number(f"{place}.ratio", given["ratio"], 1, 1e6)
    return Rule(
        name=given["name"],
        team=given["team"],
        at_least=int(given["at_least"]),
        hours=int(given.get("hours", 1)),
        ratio=None if given.get("ratio") is None else float(given["ratio"]),
        selection=parse_selection(given, place),
        severity=parse_severity(given.get("severity", Severity.WARNING), f"{place}.severity"),
        quiet=parse_quiet(given, place),
    )


def parse_selection(given: Mapping[str, Any], place: str) -> Selection:
    """Return which series are meant, from lists of texts."""
    chosen: dict[str, tuple[str, ...]] = {}
    for field in fields(Selection):
        names = given.get(field.name, ())
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            raise refuse_field(f"{place}.{field.name}", Words("请给文字的列表。", "Give a list of texts."))
        chosen[field.name] = tuple(names)
    return Selection(**chosen)


def parse_severity(given: object, place: str) -> Severity:
    """Return the severity of a text."""
    try:
        return Severity(str(given))
    except ValueError:
        listed = ", ".join(Severity)
        raise refuse_field(place, Words(f"可选：{listed}。", f"One of {listed}.")) from None


def parse_quiet(given: Mapping[str, Any], place: str) -> QuietHours | None:
    """Return the quiet hours, or none where neither end is given."""
    if "quiet_from" not in given and "quiet_to" not in given:
        return None
    ends = []
    for name in ("quiet_from", "quiet_to"):
        try:
            ends.append(time.fromisoformat(given[name]))
        except (KeyError, TypeError, ValueError):
            raise refuse_field(f"{place}.{name}", Words('请给时刻，例如 "22:00"。', 'Give a time: "22:00".')) from None
    if "time_zone" not in given:
        raise refuse_field(f"{place}.time_zone", Words("有免打扰时段就要写明时区。", "Quiet hours need a time zone."))
    check_zone(f"{place}.time_zone", given["time_zone"])
    return QuietHours(ends[0], ends[1], given["time_zone"])


def evaluate_rules(matrix: CountMatrix, expected: NDArray[np.float64], rules: Sequence[Rule]) -> tuple[Alert, ...]:
    """Return every alert of the rules, one per run of hours that fulfil one; unknown hours count as none.

    Parameters
    ----------
    matrix
        The counts; the window's sums are of posts without copies.
    rules
        Each tells its own alerts.
    expected
        (H, S), what the detector expected; only rules with a ratio read it.

    """
    keys = [SeriesKey.from_text(name) for name in matrix.series]
    known = matrix.counts != UNKNOWN
    sums = pad_sums(np.where(known, matrix.counts, 0).astype(np.float64))
    means = pad_sums(np.where(known, expected, 0.0))
    alerts: list[Alert] = []
    for rule in rules:
        chosen = np.array([s for s, key in enumerate(keys) if rule.selection.matches(key)], np.int64)
        if not len(chosen) or not len(matrix.counts):
            continue
        observed, usual = sum_window(sums[:, chosen], rule.hours), sum_window(means[:, chosen], rule.hours)
        fulfilled = observed >= rule.at_least
        if rule.ratio is not None:
            fulfilled &= observed >= rule.ratio * usual
        for column in np.flatnonzero(fulfilled.any(axis=0)).tolist():
            s = int(chosen[column])
            alerts += [
                make_rule_alert(rule, (matrix, expected), s, run)
                for run in find_runs(fulfilled[:, column], CLOSE_HOURS)
            ]
    return tuple(sorted(alerts, key=lambda alert: (alert.found, alert.source, str(alert.series))))


def pad_sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return running sums with a row of zeros before the first."""
    return np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])


def sum_window(sums: NDArray[np.float64], hours: int) -> NDArray[np.float64]:
    """Return the sums of the ``hours`` up to each hour, of running sums."""
    begin = np.maximum(0, np.arange(1, len(sums)) - hours)
    total: NDArray[np.float64] = sums[1:] - sums[begin]
    return total


def find_runs(hot: NDArray[np.bool_], close_hours: int) -> list[tuple[int, int, int | None]]:
    """Return first hot hour, last hot hour and closing hour (none: still open) of each run with gaps below the limit.

    >>> find_runs(np.array([0, 1, 0, 1, 0, 0, 1], bool), 2)
    [(1, 3, 5), (6, 6, None)]
    """
    places = np.flatnonzero(hot)
    breaks = np.flatnonzero(np.diff(places) > close_hours)
    firsts, lasts = places[np.r_[0, breaks + 1]], places[np.r_[breaks, len(places) - 1]]
    closing = [last + close_hours if last + close_hours < len(hot) else None for last in lasts.tolist()]
    return list(zip(firsts.tolist(), lasts.tolist(), closing, strict=True))


def make_rule_alert(
    rule: Rule, known: tuple[CountMatrix, NDArray[np.float64]], s: int, run: tuple[int, int, int | None]
) -> Alert:
    """Return the alert of one run of a rule."""
    matrix, expected = known
    found, last, closing = run
    begin = max(0, found - rule.hours + 1)
    begin += int(np.argmax(matrix.counts[begin : found + 1, s] > 0))
    inside = matrix.counts[begin : last + 1, s]
    shown = inside != UNKNOWN
    first = matrix.first_hour
    return Alert(
        source=f"rule:{rule.name}",
        series=SeriesKey.from_text(matrix.series[s]),
        begin=tell_time(first + begin),
        found=tell_time(first + found),
        peak_at=tell_time(first + begin + int(np.argmax(inside))),
        peak=int(inside.max()),
        observed=int(inside[shown].sum()),
        expected=round(float(expected[begin : last + 1, s][shown].sum()), 2),
        raw=int(np.maximum(matrix.raw[begin : last + 1, s], 0)[shown].sum()),
        severity=rule.severity,
        ended=None if closing is None else tell_time(first + last) + timedelta(hours=1),
        closed_at=None if closing is None else tell_time(first + closing),
        team=rule.team,
    )
