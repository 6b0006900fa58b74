"""The detector: one hour after another, each tested against what the hours before it led to expect."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from canyu.listen.bursts.counts import HOUR_S, CountMatrix
from canyu.listen.bursts.settings import BurstSettings
from canyu.listen.bursts.workdays import Calendar, load_calendar
from canyu.listen.kernels import bursts as kernels
from canyu.listen.kernels.bursts import UNKNOWN

RING_HOURS = 24
# A first guess at the day of people who talk in public, until the counts themselves tell: quiet from 2 to 6 o'clock,
# busy from 9 to 23. It weighs as much as this many posts per hour of the day over all series.
FIRST_NIGHT = (0.7, 0.4, 0.25, 0.2, 0.2, 0.3, 0.5, 0.8)
FIRST_DAY = np.array([*FIRST_NIGHT, 1.0, 1.2, 1.25, 1.25, 1.3, 1.25, 1.2, 1.2, 1.2, 1.2, 1.3, 1.4, 1.5, 1.5, 1.4, 1.0])
FIRST_DAY_WEIGHT, FIRST_WEEK_WEIGHT = 5.0, 100.0
FIRST_SPREAD, FIRST_SPREAD_WEIGHT = 0.2, 50.0
FIRST_DAYS, FIRST_DAYS_WEIGHT = 0.05, 500.0  # the relative variance of days; about one day of busy series
DAY_HOURS, YOUNG_DAY_HOURS = 4.0, 24.0  # half-life of what the last hours show of the kind of day; of a young series
SPREAD_DAYS = 21.0  # half-life of the evidence for the dispersion: the errors of the first days must fade
YOUNG_SHARE = 0.5  # of its age is the longest half-life: what was learnt with the first guesses must fade
ECHO_DAYS = 2.0  # half-life of the echo
AGES = np.array([24, 72, 168])  # known hours after which a series tells the hours' season, dispersion, weekdays' season
# A series this young learns from its alerts too, in part: its level may have been wrong. For the same reason a quiet
# day lowers what is expected of it; of an older one it does not, or every usual day after a quiet one were a burst.
YOUNG_WEIGHT, YOUNG_HOURS = 0.3, 168


@dataclass(frozen=True)
class Burst:
    """One burst of one series; hours are counted since 1970 (UTC).

    ``begin``, ``found``, ``p``, ``q``, ``window`` and ``ratio_found`` stay as they were when it was found;
    ``closed_at`` is the hour at which it was seen to have ended, or none.
    """

    series: int
    begin: int
    found: int
    p: float
    q: float
    window: int
    peak_at: int
    peak: int
    last_hot: int
    observed: int
    raw: int
    expected: float
    closed_at: int | None = None
    is_new_level: bool = False


@dataclass
class State:
    """What the detector has learnt, per series (last axis); sums fade with the settings' half-lives."""

    level: NDArray[np.float64]
    hours: NDArray[np.float64]
    weekdays: NDArray[np.float64]
    spreads: NDArray[np.float64]
    own_hours: NDArray[np.float64]
    own_weekdays: NDArray[np.float64]
    doubt: NDArray[np.float64]
    days: NDArray[np.float64]
    before: NDArray[np.float64]
    today: NDArray[np.float64]
    parent_hours: NDArray[np.float64] = field(default_factory=lambda: np.zeros((2, 48)))
    parent_weekdays: NDArray[np.float64] = field(default_factory=lambda: np.zeros((2, 7)))
    parent_spread: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    parent_days: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))

    @classmethod
    def start(cls, series: int) -> State:
        """Return the state before the first hour."""
        state = cls(
            level=np.zeros((14, series)),
            hours=np.zeros((48, series)),
            weekdays=np.zeros((14, series)),
            spreads=np.zeros((2, series)),
            own_hours=np.ones((24, series)),
            own_weekdays=np.ones((7, series)),
            doubt=np.empty((32, series)),
            days=np.zeros((2, series)),
            before=np.zeros((2, series)),
            today=np.zeros((3, series)),
        )
        state.doubt[0], state.today[0] = FIRST_SPREAD, FIRST_DAYS
        state.doubt[1:25], state.doubt[25:] = 1.0 / kernels.HOUR_SHAPE, 1.0 / kernels.WEEKDAY_SHAPE
        return state

    def season_of_day(self) -> NDArray[np.float64]:
        """Return the parent's 24 working hours, then 24 resting hours, each with a mean of one."""
        first = np.tile(FIRST_DAY / FIRST_DAY.mean(), 2)
        found = (FIRST_DAY_WEIGHT * first + self.parent_hours[0]) / (FIRST_DAY_WEIGHT + self.parent_hours[1])
        days = found.reshape(2, 24)
        return np.ascontiguousarray((days / days.mean(axis=1, keepdims=True)).reshape(-1))

    def season_of_week(self) -> NDArray[np.float64]:
        """Return the parent's seven weekdays, with a mean of one."""
        found = (FIRST_WEEK_WEIGHT + self.parent_weekdays[0]) / (FIRST_WEEK_WEIGHT + self.parent_weekdays[1])
        return np.ascontiguousarray(found / found.mean())

    def doubt_parent(self, cell: int, weekday: int) -> float:
        """Return the relative variance of the parent's season in an hour."""
        hours, weekdays = self.parent_hours[0, cell], self.parent_weekdays[0, weekday]
        return float(1.0 / (FIRST_DAY_WEIGHT + hours) + 1.0 / (FIRST_WEEK_WEIGHT + weekdays))

    def get_days(self) -> float:
        """Return the parent's relative variance of days."""
        above, below = self.parent_days
        found = (above + FIRST_DAYS_WEIGHT * FIRST_DAYS) / (below + FIRST_DAYS_WEIGHT)
        return float(min(kernels.MOST_DAYS, max(kernels.LEAST_DAYS, found)))

    def get_spread(self) -> float:
        """Return the parent's dispersion."""
        above, below = self.parent_spread
        found = (above + FIRST_SPREAD_WEIGHT * FIRST_SPREAD) / (below + FIRST_SPREAD_WEIGHT)
        return float(min(kernels.MOST_SPREAD, max(kernels.LEAST_SPREAD, found)))


class Detector:
    """Tests and learns hour by hour; what it says of an hour depends on that hour and the ones before alone.

    Source of the parts: gamma-Poisson shrinkage (Clayton, Kaldor 1987) of level, hour and weekday; negative binomial
    tail; windows combined as Cauchy variates (Liu, Xie 2020); Benjamini-Hochberg over the series of an hour. Hours of
    an open alert are not learnt from.
    """

    def __init__(self, series: int, settings: BurstSettings | None = None, calendar: Calendar | None = None) -> None:
        self.settings = settings or BurstSettings()
        self.calendar = calendar or load_calendar()
        self.zone = ZoneInfo(self.settings.time_zone)
        self.state = State.start(series)
        self.windows = np.array(self.settings.windows, np.int64)
        self.recent = np.full((RING_HOURS, series), UNKNOWN, np.int64)
        self.recent_raw = np.zeros((RING_HOURS, series), np.int64)
        self.means = np.zeros((RING_HOURS, series))  # on such a day, and usually
        self.usual = np.zeros((RING_HOURS, series))
        self.told = np.zeros((RING_HOURS, series), np.int64)  # what an hour tells: nothing, of the day, of hours too
        self.known = np.zeros(series, np.int64)
        self.freed = np.full(series, -(2**40), np.int64)  # the first hour that a window may use
        self.echo = np.zeros(series)  # the peak of the last burst and its end: what follows it is its echo at first
        self.echo_from = np.zeros(series, np.int64)
        self.predicted = np.zeros((kernels.PREDICTED_ROWS, series))
        self.tested = np.zeros((3, series))
        self.alerts = np.zeros((kernels.ALERT_ROWS, series), np.int64)
        self.expected = np.zeros((2, series))
        self.found: dict[int, Burst] = {}
        self.ended: list[Burst] = []
        self.season = (self.state.season_of_day(), self.state.season_of_week())
        self.day: object = None
        self.midnight = 0
        self.days = 0
        self.hours_read = 0

    def observe(
        self, hour: int, counts: NDArray[np.int64], raw: NDArray[np.int64], closed: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Read the next hour (since 1970) of every series and return what was expected of it.

        A count of an hour that is not closed is a lower bound: it can open an alert, not end one, and teaches nothing.
        Hours are read once: to correct one, read all again.
        """
        local = datetime.fromtimestamp(hour * HOUR_S, UTC).astimezone(self.zone)
        weekday, rest = self.calendar.classify_day(local.date())
        if local.date() != self.day:
            self.end_day(hour)
            self.refresh()
            self.day, self.midnight = local.date(), hour
        self.add_to_day(hour - int(self.windows[-1]))
        kernels.predict_hour(
            local.hour, weekday, int(rest), *self.season, self.state.doubt_parent(int(rest) * 24 + local.hour, weekday),
            self.state.level, self.state.own_hours, self.state.own_weekdays, self.state.doubt, self.state.today,
            np.where(self.known < YOUNG_HOURS, 0.0, 1.0), self.predicted,
        )  # fmt: skip
        slot = hour % RING_HOURS
        self.recent[slot], self.recent_raw[slot] = counts, raw
        self.usual[slot], self.means[slot] = self.predicted[kernels.USUAL], self.predicted[kernels.TODAY]
        self.follow(hour, counts, raw, closed)
        self.learn(hour, counts, closed, (local.hour, weekday, int(rest)))
        expected: NDArray[np.float64] = self.predicted[kernels.USUAL].copy()
        return expected

    def list_bursts(self) -> list[Burst]:
        """Return every burst found so far, in the order of begin and series; open ones as they stand."""
        running = [self.read_burst(s) for s in self.found]
        return sorted([*self.ended, *running], key=lambda burst: (burst.found, burst.series))

    def end_day(self, hour: int) -> None:
        """Learn from the day that is over how far days differ, and hours within a day."""
        state, fade = self.state, 0.5 ** (1.0 / SPREAD_DAYS)
        slots = np.arange(max(self.midnight, hour - RING_HOURS), hour) % RING_HOURS
        state.parent_spread *= fade
        state.parent_days *= fade
        sums = np.zeros(4)
        kernels.end_day(
            self.recent[slots], self.told[slots], self.usual[slots], state.doubt, state.get_days(), fade, state.spreads,
            state.days, state.before, state.today, sums,
        )  # fmt: skip
        state.parent_spread += sums[:2]
        state.parent_days += sums[2:]

    def refresh(self) -> None:
        """Fade the season's evidence by a day and read the season from it."""
        self.days += 1
        state = self.state
        fade = 0.5 ** (1.0 / min(self.settings.season_days, max(2.0, self.days * YOUNG_SHARE)))
        for sums in (state.hours, state.weekdays, state.parent_hours, state.parent_weekdays):
            sums *= fade
        self.season = (state.season_of_day(), state.season_of_week())
        days = self.season[0].reshape(2, 24)
        share = np.ascontiguousarray((5 * days[0] + 2 * days[1]) / (5 * days[0] + 2 * days[1]).sum())
        kernels.refresh_season(
            state.get_spread(), share, state.hours, state.weekdays, state.spreads, state.own_hours,
            state.own_weekdays, state.doubt,
        )  # fmt: skip

    def add_to_day(self, hour: int) -> None:
        """Let an hour that no window reaches any more tell what kind of day this is."""
        if self.hours_read:
            slot = hour % RING_HOURS
            fade = 0.5 ** (1.0 / np.where(self.known < YOUNG_HOURS, YOUNG_DAY_HOURS, DAY_HOURS))
            kernels.add_hour(
                self.recent[slot], self.usual[slot], self.predicted, fade, int(self.windows[-1]), self.state.today
            )

    def follow(self, hour: int, counts: NDArray[np.int64], raw: NDArray[np.int64], closed: NDArray[np.bool_]) -> None:
        """Test the hour, end what has cooled, open what is new."""
        settings = self.settings
        reach = np.maximum(0, hour - self.freed + 1)
        kernels.test_hour(
            self.recent, self.means, self.predicted, reach, self.windows, hour, float(settings.least_count),
            settings.least_ratio, self.tested,
        )  # fmt: skip
        certain = np.where(closed, counts, UNKNOWN)
        kernels.follow_hour(
            certain, raw, self.predicted, self.tested, hour, settings.hold_chance, self.alerts, self.expected
        )
        for s in list(self.found):
            self.end(s, hour)
        if self.hours_read >= settings.first_hours:
            self.open(hour, counts)
        self.hours_read += int((counts != UNKNOWN).any())

    def end(self, s: int, hour: int) -> None:
        """End the series' alert where it has cooled, or where it has become the new level."""
        cooled = self.alerts[kernels.COOL, s] >= self.settings.close_hours
        lasting = hour - self.alerts[kernels.BEGIN, s] >= self.settings.longest_hours
        if not cooled and not lasting:
            return
        burst = replace(self.read_burst(s), closed_at=hour, is_new_level=not cooled)
        self.ended.append(burst)
        self.echo[s], self.echo_from[s] = (burst.peak if cooled else 0), burst.last_hot
        del self.found[s]
        self.alerts[kernels.OPEN, s] = 0
        self.freed[s] = hour + 1
        if lasting and not cooled:
            self.lift_level(s)

    def lift_level(self, s: int) -> None:
        """Scale the level to the last day's counts, and trust it no more than a day's evidence."""
        known = self.recent[:, s] != UNKNOWN
        mean = float(self.usual[known, s].sum())
        if mean > 0:
            level = self.state.level[:, s]
            times = float(self.recent[known, s].sum()) / mean
            level *= min(1.0, RING_HOURS / max(float(level[7:].sum()), 1e-9))
            level[:7] *= times

    def open(self, hour: int, counts: NDArray[np.int64]) -> None:
        """Open an alert for each series that passes, over all series that could be tested in this hour."""
        ready = (counts != UNKNOWN) & (self.known >= self.settings.warm_up_hours) & (self.alerts[kernels.OPEN] == 0)
        ready &= self.freed <= hour  # this hour's windows still hold the burst that has just ended
        candidates = np.flatnonzero(ready & (self.tested[0] < 1.0) & (counts >= self.least_again(hour)))
        if not len(candidates):
            return
        candidates = candidates[np.argsort(self.tested[0, candidates], kind="stable")]
        shares = np.ones(len(counts))
        passing = kernels.control_hour(self.tested[0], candidates, int(ready.sum()), self.settings.false_share, shares)
        passing = min(passing, int((self.tested[0, candidates] <= self.settings.most_chance).sum()))
        for s in candidates[:passing].tolist():
            self.open_one(s, hour, float(shares[s]))

    def least_again(self, hour: int) -> NDArray[np.float64]:
        """Return the count that tells a new burst from the echo of one that ended, fading from its end on."""
        days = (hour - self.echo_from) / 24.0
        least: NDArray[np.float64] = self.settings.echo_share * self.echo * 0.5 ** (days / ECHO_DAYS)
        return least

    def open_one(self, s: int, hour: int, share: float) -> None:
        """Note a burst of a series, with the hours of the window that showed it."""
        window = int(self.tested[2, s])
        slots = np.arange(hour - window + 1, hour + 1)
        counts, means = self.recent[slots % RING_HOURS, s], self.usual[slots % RING_HOURS, s]
        raw = self.recent_raw[slots % RING_HOURS, s]
        place = find_begin(counts, means)
        inside = counts[place:] != UNKNOWN
        total = int(counts[place:][inside].sum())
        peak = place + int(np.argmax(counts[place:]))
        column = self.alerts[:, s]
        column[kernels.WAITING], column[kernels.WAITING_RAW], self.expected[1, s] = 0, 0, 0.0
        column[kernels.OPEN], column[kernels.BEGIN], column[kernels.FOUND] = 1, slots[place], hour
        column[kernels.PEAK_AT], column[kernels.PEAK] = slots[peak], counts[peak]
        column[kernels.LAST_HOT], column[kernels.COOL] = hour, 0
        column[kernels.OBSERVED], column[kernels.RAW] = total, int(raw[place:][inside].sum())
        self.expected[0, s] = float(means[place:][inside].sum())
        self.found[s] = Burst(
            s, int(slots[place]), hour, float(self.tested[0, s]), share, window, 0, 0, 0, 0, 0, 0.0,
        )  # fmt: skip

    def read_burst(self, s: int) -> Burst:
        """Return the series' open burst as it stands."""
        column = self.alerts[:, s].tolist()
        return replace(
            self.found[s],
            peak_at=column[kernels.PEAK_AT],
            peak=column[kernels.PEAK],
            last_hot=column[kernels.LAST_HOT],
            observed=column[kernels.OBSERVED],
            raw=column[kernels.RAW],
            expected=float(self.expected[0, s]),
        )

    def learn(
        self, hour: int, counts: NDArray[np.int64], closed: NDArray[np.bool_], when: tuple[int, int, int]
    ) -> None:
        """Learn the hour from every series that is known, closed and not in a burst."""
        state, (of_day, weekday, rest) = self.state, when
        half_lives = np.clip(self.known * YOUNG_SHARE, 24.0, 24.0 * self.settings.level_days)
        state.level *= 0.5 ** (1.0 / half_lives)
        usable = (counts != UNKNOWN) & closed
        young = YOUNG_WEIGHT * np.maximum(0.0, 1.0 - self.known / YOUNG_HOURS)
        weights = usable * np.where(self.alerts[kernels.OPEN] == 0, 1.0, young)
        settled = np.searchsorted(AGES, self.known, side="right").astype(np.float64) - 1.0
        sums = np.zeros((2, 2))
        kernels.learn_hour(
            counts, self.predicted, weights, settled, of_day, weekday, float(self.season[1][weekday]), state.own_hours,
            state.own_weekdays, state.level, state.hours, state.weekdays, sums,
        )  # fmt: skip
        cell = rest * 24 + of_day
        state.parent_hours[:, cell] += sums[0, 0], sums[0, 1] / self.season[0][cell]
        state.parent_weekdays[:, weekday] += sums[1, 0], sums[1, 1] / self.season[1][weekday]
        old = usable & (self.known >= AGES[1])
        self.told[hour % RING_HOURS] = old * np.where(self.alerts[kernels.OPEN] == 0, 2, 1)
        self.known += usable


def find_begin(counts: NDArray[np.int64], means: NDArray[np.float64]) -> int:
    """Return the likeliest begin of a rise in a window (W,): at its ratio, the sum of Poisson log-likelihood ratios.

    >>> find_begin(np.array([5, 3, 20, 30]), np.array([3.0, 3.0, 3.0, 3.0]))
    2
    """
    known = counts != UNKNOWN
    ratio = max(1.001, float(counts[known].sum()) / max(float(means[known].sum()), 0.1))
    gains = np.where(known, counts * np.log(ratio) - (ratio - 1.0) * means, 0.0)
    return int(np.argmax(np.cumsum(gains[::-1])[::-1]))


def run_detector(matrix: CountMatrix, settings: BurstSettings | None = None) -> tuple[Detector, NDArray[np.float64]]:
    """Read a whole matrix hour by hour; returns the detector and what it expected of each hour, (H, S)."""
    detector = Detector(len(matrix.series), settings)
    expected = np.zeros(matrix.counts.shape)
    for at in range(len(matrix.counts)):
        hour = matrix.first_hour + at
        expected[at] = detector.observe(hour, matrix.counts[at], matrix.raw[at], matrix.closed[at])
    return detector, expected
