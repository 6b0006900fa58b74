"""``canyu experiment``: who gets what, whether the split is sound, and what it changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.engines import engine_option, open_on
from canyu.commands.estimates import describe_proof, tell_estimate, tell_number, tell_p_value
from canyu.commands.options import HELP_NAMES, json_option, lake_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.measure.experiments import Effect, Readout, Split


class Moment(click.ParamType[datetime]):
    """A time with its zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the aware time, or fail in words."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.fail(
                say(
                    f"{value!r} 不是带时区的时间，请写成 2025-04-01T00:00:00+08:00。",
                    f"{value!r} is no time with its zone: write 2025-04-01T00:00:00+08:00.",
                ),
                param,
                ctx,
            )
        return moment


until_option = click.option(
    "--until",
    type=Moment(),
    help=say(
        "只算到此时，如 2025-04-10T00:00:00+08:00；默认到实验及其观察期结束。",
        "Count up to this time, such as 2025-04-10T00:00:00+08:00; by default to the end and its last window.",
    ),
)
file_argument = click.argument("path", metavar="FILE")


@click.group(
    context_settings=HELP_NAMES,
    help=say("实验：分配、核对与分析。", "Experiments: assign, check the split, analyse."),
)
def command() -> None:
    """Work with experiments."""


@command.command(
    "assign",
    help=say(
        "某人、某群或某时段属于哪一组；只由名称的哈希决定，任何机器上都一样。",
        "Which arm a person, cluster or period is in: by the hash of its name alone, the same on every machine.",
    ),
)
@file_argument
@click.argument("name")
@click.argument("people", nargs=-1)
@click.option("--cluster", default="", help=say("所属社群、城市或邀请树。", "The community, city or invite tree."))
@click.option("--at", type=Moment(), help=say("时段实验：此时属于哪一组。", "Of periods: the arm at this time."))
@json_option
def assign_command(
    path: str, name: str, people: tuple[str, ...], cluster: str, at: datetime | None, as_json: bool
) -> None:
    """Tell the arm of each."""
    from canyu.measure.experiments import assign, get_experiment

    experiment = get_experiment(path, name)
    for person in people or ("",):
        found = assign(experiment, person, cluster=cluster, at=at)
        arm, what = (found.arm, found.object) if found else (None, None)
        if as_json:
            row = {"person": person or None, "cluster": cluster or None, "arm": arm, "object": what}
            click.echo(dump_json(row | {"is_treated": found.is_treated if found else None}))
        else:
            click.echo("\t".join(part for part in (person, cluster, what or say("不参加", "takes no part")) if part))


@command.command(
    "check",
    help=say(
        "核对实验文件；给出数据湖时，再核对各组数量与计划是否相符（卡方检验）。不符以非零状态结束。",
        "Check a file of experiments and, with a lake, whether the arms are as large as planned (chi-square). Ends "
        "with a status other than zero where they are not.",
    ),
)
@file_argument
@click.option("--lake", "address", default="", help=say("数据湖。", "The lake."))
@json_option
def check_command(path: str, address: str, as_json: bool) -> None:
    """Check the file, and the split."""
    from canyu.events import open_lake
    from canyu.measure.experiments import analyse, open_experiments

    is_broken = False
    for experiment in open_experiments(path).values():
        split: Split | None = None
        if address:
            first = replace(experiment.outcomes[0], days=0, days_before=0, winsorise=0.0)
            split = analyse(open_lake(address), replace(experiment, outcomes=(first,))).split
            is_broken |= split.is_broken
        if as_json:
            arms = [arm.name for arm in experiment.arms]
            row = {"name": experiment.name, "unit": str(experiment.unit), "arms": arms}
            click.echo(dump_json(row | {"split": describe_split(split) if split else None}))
        else:
            click.echo(f"{experiment.name}\t{experiment.unit}" + (f"\t{tell_split(split)}" if split else ""))
    if is_broken:
        raise SystemExit(1)


@command.command(
    "analyse",
    help=say(
        "读出一个实验：各组数量，以及每个指标的直接、传开与总效应，附 95% 区间。",
        "Read an experiment: how large the arms are, and of each outcome the direct, spillover and total effect with "
        "95 % intervals.",
    ),
)
@file_argument
@click.argument("name")
@lake_option
@until_option
@engine_option
@json_option
def analyse_command(path: str, name: str, address: str, until: datetime | None, engine: str, as_json: bool) -> None:
    """Tell what the experiment changed."""
    from canyu.measure.experiments import analyse, get_experiment

    readout = analyse(open_on(address, engine), get_experiment(path, name), until=until)
    if as_json:
        click.echo(dump_json(describe_readout(readout)))
        return
    for line in tell_readout(readout):
        click.echo(line)


def tell_readout(readout: Readout) -> list[str]:
    """Return a reading in lines for people."""
    lines = [tell_split(readout.split), *(str(note) for note in readout.notes)]
    if any(readout.left_out.values()):
        counts = ", ".join(f"{reason} {count}" for reason, count in sorted(readout.left_out.items()) if count)
        lines.append(say(f"未计入：{counts}", f"left out: {counts}"))
    for effect in readout.effects:
        lines += tell_effect(effect)
    for proof in readout.proofs:
        lines += [f"{proof.definition} {' '.join(str(caveat) for caveat in proof.caveats)}".rstrip()]
    return lines


def tell_effect(effect: Effect) -> list[str]:
    """Return one effect: what it is of, the difference, and the lift."""
    from canyu.measure.experiments.readout import TARGETS

    head = f"{effect.outcome} / {effect.arm}, {TARGETS[effect.target]}"
    if effect.difference.value is None or effect.control_rate is None or effect.rate is None:
        return [f"{head}: {tell_estimate(effect.difference)}"]
    holm = "" if effect.p_holm is None else f" (Holm: {tell_p_value(effect.p_holm)})"
    lines = [f"{head}: {tell_number(effect.control_rate)} → {tell_number(effect.rate)}"]
    lines.append("  " + say("差", "difference") + f" {tell_estimate(effect.difference)}{holm}")
    if effect.lift.value is not None:
        lines.append("  " + say("相对提升", "lift") + f" {tell_estimate(effect.lift, '{:.2%}'.format)}")
    lines.append(f"  {effect.difference.method}")
    return lines + [f"  {note}" for note in dict.fromkeys((*effect.difference.notes, *effect.lift.notes))]


def tell_split(split: Split) -> str:
    """Return the units of each arm and the check in one line."""
    arms = ", ".join(f"{name} {count:,}" for name, count in split.counts.items())
    if split.p_value is None:
        return say(f"各组：{arms}（太少，无法核对）", f"arms: {arms} (too few to check)")
    p_value = tell_p_value(split.p_value)
    verdict = say("与计划不符", "not as planned") if split.is_broken else say("与计划相符", "as planned")
    return say(f"各组：{arms}（{verdict}，{p_value}）", f"arms: {arms} ({verdict}, {p_value})")


def describe_split(split: Split) -> dict[str, Any]:
    """Return the split as a program reads it."""
    counts = {"counts": dict(split.counts), "expected": dict(split.expected)}
    return {**counts, "p_value": split.p_value, "is_broken": split.is_broken}


def describe_readout(readout: Readout) -> dict[str, Any]:
    """Return a reading as a program reads it."""
    return {
        "experiment": readout.experiment.name,
        "unit": str(readout.experiment.unit),
        "until": readout.until.isoformat(),
        "looks": readout.experiment.looks,
        "split": describe_split(readout.split),
        "left_out": dict(readout.left_out),
        "effects": [describe_effect(effect) for effect in readout.effects],
        "icc": dict(readout.icc),
        "notes": [note.en for note in readout.notes],
        "proofs": [describe_proof(proof) for proof in readout.proofs],
        "simulated": readout.is_simulated,
    }


def describe_effect(effect: Effect) -> dict[str, Any]:
    """Return one effect as a program reads it."""
    from canyu.measure.estimate import describe_estimate

    return {
        "outcome": effect.outcome,
        "arm": effect.arm,
        "target": str(effect.target),
        "control_rate": effect.control_rate,
        "rate": effect.rate,
        "difference": describe_estimate(effect.difference),
        "lift": describe_estimate(effect.lift),
        "p_holm": effect.p_holm,
    }
