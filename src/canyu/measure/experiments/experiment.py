"""What an experiment is: declared before it begins, so that nobody chooses unit, measure or looks after seeing them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from canyu.events.catalogue_problems import Fault
from canyu.events.vocabulary import Verb, find_verb
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CURRENCY = re.compile(r"[A-Z]{3}")
LONGEST = timedelta(days=3660)
PASSED_ON = frozenset({Verb.SHARE, Verb.SCAN})


class Unit(StrEnum):
    """What is assigned to an arm as a whole."""

    PERSON = "person"
    COMMUNITY = "community"
    CITY = "city"
    INVITE_TREE = "invite_tree"
    PERIOD = "period"

    @property
    def is_cluster(self) -> bool:
        """Tell whether people are assigned together with those whom they can tell."""
        return self in {Unit.COMMUNITY, Unit.CITY, Unit.INVITE_TREE}


class Kind(StrEnum):
    """How an outcome is made of what people do."""

    MEAN = "mean"
    PROPORTION = "proportion"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm. ``saturation``: the share of people in its clusters that are treated, in two-stage designs."""

    name: str
    weight: float
    saturation: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is measured per person: events of one type, or the money of them, in ``currency``.

    ``kind`` ratio divides by the events of type ``per``. ``days``: how long after the first exposure it counts (0: to
    the end). ``days_before``: how much of the time before the start corrects it (CUPED; 0: none). ``winsorise``: the
    percentile, such as 0.99, above which a person's amount counts as that percentile (0: never). ``is_referral``:
    whether it counts what people pass on to others.
    """

    name: str
    label: Words
    event: str
    kind: Kind = Kind.MEAN
    currency: str = ""
    per: str = ""
    days: int = 0
    days_before: int = 0
    winsorise: float = 0.0
    is_referral: bool = False

    @property
    def counts_referrals(self) -> bool:
        """Tell whether others bring it about: then one arm's people act on the other's."""
        return self.is_referral or self.event in PASSED_ON


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment: ``arms[0]`` is the control; ``end`` is not included.

    ``looks``: how often it is read before the end; more than once gives intervals that hold at every look, narrowest
    when ``expected_units`` (people, clusters or periods of both arms) are in. ``period_hours``, ``washout_hours``: of
    a switchback, whose unit is the period.
    """

    name: str
    unit: Unit
    arms: tuple[Arm, ...]
    start: datetime
    end: datetime
    outcomes: tuple[Outcome, ...]
    is_shareable: bool = False
    looks: int = 1
    expected_units: int = 0
    coverage: float = 1.0
    period_hours: int = 0
    washout_hours: int = 0

    @property
    def control(self) -> Arm:
        """The arm that all others are compared with."""
        return self.arms[0]

    @property
    def is_two_stage(self) -> bool:
        """Tell whether only a share of the people in a treated cluster is treated."""
        return any(arm.saturation not in {None, 0.0, 1.0} for arm in self.arms)

    def get_arm(self, name: str) -> Arm | None:
        """Return an arm by its name, or None."""
        return next((arm for arm in self.arms if arm.name == name), None)


def check_experiment(experiment: Experiment) -> Experiment:
    """Return the experiment as it is. Raises BadInput with field and mend of everything that is wrong with it."""
    faults = find_faults(experiment)
    if faults:
        zh = "；".join(f"{field}：{fault.message.zh}{fault.mend.zh}" for field, fault in faults)
        en = "; ".join(f"{field}: {fault.message.en} {fault.mend.en}" for field, fault in faults)
        raise BadInput(
            Words(f"实验 {experiment.name!r} 不能用：{zh}", f"The experiment {experiment.name!r} cannot be used: {en}")
        )
    return experiment


def find_faults(experiment: Experiment) -> list[tuple[str, Fault]]:
    """Return every field that is wrong, and how."""
    checks = (_check_arms, _check_time, _check_looks, _check_outcomes)
    faults = [fault for check in checks for fault in check(experiment)]
    return faults if NAME.fullmatch(experiment.name) else [("name", NO_NAME), *faults]


def _check_arms(experiment: Experiment) -> list[tuple[str, Fault]]:
    arms = experiment.arms
    faults: list[tuple[str, Fault]] = []
    if len(arms) < 2 or len({arm.name for arm in arms}) < len(arms):
        faults.append(("arms", NO_ARMS))
    if not all(NAME.fullmatch(arm.name) for arm in arms):
        faults.append(("arms.name", NO_NAME))
    if not all(arm.weight > 0 for arm in arms) or abs(sum(arm.weight for arm in arms) - 1) > 1e-6:
        faults.append(("arms.weight", NO_WEIGHTS))
    stated = [arm.saturation for arm in arms if arm.saturation is not None]
    if stated and not (experiment.unit.is_cluster and len(stated) == len(arms) and _are_shares(stated)):
        faults.append(("arms.saturation", NO_SATURATION))
    if not 0 < experiment.coverage <= 1:
        faults.append(("coverage", NO_COVERAGE))
    return faults


def _are_shares(stated: list[float]) -> bool:
    return stated[0] == 0 and all(0 < share <= 1 for share in stated[1:])


def _check_time(experiment: Experiment) -> list[tuple[str, Fault]]:
    faults: list[tuple[str, Fault]] = []
    if experiment.start.tzinfo is None or experiment.end.tzinfo is None:
        return [("start", NO_ZONE)]
    is_period = experiment.unit is Unit.PERIOD
    is_long = experiment.end - experiment.start > LONGEST or not 1971 <= experiment.start.year <= 9000
    if experiment.end <= experiment.start or is_long:
        faults.append(("end", NO_TIME))
    if is_period and experiment.coverage != 1:
        faults.append(("coverage", ALL_PERIODS))
    has_hours = 0 <= experiment.washout_hours < experiment.period_hours <= 24 * LONGEST.days
    if not (has_hours if is_period else experiment.period_hours == experiment.washout_hours == 0):
        faults.append(("period_hours", NO_PERIOD))
    return faults


def _check_looks(experiment: Experiment) -> list[tuple[str, Fault]]:
    is_sound = experiment.looks >= 1 and (experiment.looks == 1 or experiment.expected_units >= 4)
    return [] if is_sound else [("looks", NO_EXPECTED)]


def _check_outcomes(experiment: Experiment) -> list[tuple[str, Fault]]:
    faults: list[tuple[str, Fault]] = []
    names = [outcome.name for outcome in experiment.outcomes]
    if not names or len(set(names)) < len(names):
        faults.append(("outcomes", NO_OUTCOMES))
    for outcome in experiment.outcomes:
        faults += [(f"outcomes.{field}", fault) for field, fault in _check_outcome(outcome, experiment.unit)]
    return faults


def _check_outcome(outcome: Outcome, unit: Unit) -> list[tuple[str, Fault]]:
    faults: list[tuple[str, Fault]] = []
    if not NAME.fullmatch(outcome.name):
        faults.append(("name", NO_NAME))
    wanted = [("event", outcome.event)] + ([("per", outcome.per)] if outcome.kind is Kind.RATIO else [])
    faults += [(field, NO_VERB) for field, text in wanted if find_verb(text) is None]
    if outcome.per and outcome.kind is not Kind.RATIO:
        faults.append(("per", PER_WITHOUT_RATIO))
    if outcome.currency and (not CURRENCY.fullmatch(outcome.currency) or outcome.kind is Kind.PROPORTION):
        faults.append(("currency", NO_CURRENCY))
    if not (0 <= outcome.days <= LONGEST.days and 0 <= outcome.days_before <= LONGEST.days):
        faults.append(("days", NO_DAYS))
    if outcome.winsorise and not (0.5 < outcome.winsorise < 1 and outcome.kind is Kind.MEAN and outcome.currency):
        faults.append(("winsorise", NO_WINSORISING))
    by_person = outcome.days or outcome.days_before or outcome.winsorise or outcome.kind is Kind.PROPORTION
    if unit is Unit.PERIOD and by_person:
        faults.append(("kind", NO_PEOPLE))
    return faults


NO_NAME = Fault(Words("不是有效的名称。", "is no name."), Words("只用 a-z、0-9 和 -。", "Write it in a-z, 0-9 and -."))
NO_ARMS = Fault(
    Words("须有至少两个名称不同的组。", "needs two arms or more, each with a name of its own."),
    Words("第一个是对照组。", "The first is the control."),
)
NO_WEIGHTS = Fault(
    Words("不是各组的份额。", "are no shares."),
    Words("请写正数，合计为 1。", "Write positive numbers that add up to 1."),
)
NO_SATURATION = Fault(
    Words("不能这样写。", "cannot stand like this."),
    Words(
        "只用于按群分配的实验；每组都写，对照组为 0，其余在 0 与 1 之间（含 1）。",
        "Only where clusters are assigned; for every arm: 0 for the control, above 0 and up to 1 for the others.",
    ),
)
NO_COVERAGE = Fault(
    Words("不是份额。", "is no share."), Words("请写大于 0、至多 1 的数。", "Write a number above 0, up to 1.")
)
NO_ZONE = Fault(
    Words("没有写时区。", "has no time zone."),
    Words("请写成 2025-04-01T00:00:00+08:00。", "Write 2025-04-01T00:00:00+08:00."),
)
NO_TIME = Fault(
    Words("不晚于开始时间，或超过十年。", "is not after the start, or more than ten years."),
    Words("请检查两个时间。", "Check both times."),
)
ALL_PERIODS = Fault(Words("按时段分配时须为 1。", "is 1 where periods are assigned."), Words("请删去。", "Remove it."))
NO_PERIOD = Fault(
    Words("与分配单位不符。", "does not fit the unit."),
    Words(
        "只有 unit 为 period 时写 period_hours；washout_hours 须比它短。",
        "Only where the unit is period there are period_hours, and washout_hours are shorter than they are.",
    ),
)
NO_EXPECTED = Fault(
    Words("多次查看时须预先写明预计单位数。", "more than one needs the units that are expected."),
    Words(
        "请写 expected_units（两组合计，至少 4），或 looks: 1。",
        "State expected_units (of both arms, 4 or more), or looks: 1.",
    ),
)
NO_OUTCOMES = Fault(
    Words("须有至少一个名称不同的指标。", "needs one or more, each with a name of its own."),
    Words("请在 `outcomes` 下列出。", "List them under `outcomes`."),
)
NO_VERB = Fault(
    Words("不是事件类型。", "is no type of event."), Words("请用词汇表里的词，如 order。", "Use a word such as order.")
)
PER_WITHOUT_RATIO = Fault(
    Words("只用于 kind: ratio。", "is for kind: ratio only."),
    Words("请删去，或改 kind。", "Remove it, or change the kind."),
)
NO_CURRENCY = Fault(
    Words("不能用。", "cannot be used."),
    Words("请用三个大写字母，如 CNY；不用于 proportion。", "Write three capitals such as CNY; not for a proportion."),
)
NO_DAYS = Fault(
    Words("不是合理的天数。", "is no number of days."),
    Words(f"请写 0 到 {LONGEST.days} 的整数。", f"Write 0 to {LONGEST.days}."),
)
NO_WINSORISING = Fault(
    Words("不能用。", "cannot be used."),
    Words(
        "请写 0.5 与 1 之间的分位，只用于有币种的 mean。",
        "Write a percentile between 0.5 and 1, for a mean that has a currency.",
    ),
)
NO_PEOPLE = Fault(
    Words("按时段分配时不逐人计数。", "counts by person, and periods are assigned."),
    Words(
        "请用 mean 或 ratio，并删去 days、days_before 和 winsorise。",
        "Use mean or ratio, without days, days_before and winsorise.",
    ),
)
