"""The checks of a file of claims as a page in Markdown: Chinese first, English below it, each figure with its proof."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from canyu.kit.numbers import MISSING, format_full
from canyu.kit.words import Words

if TYPE_CHECKING:
    from canyu.measure.claims import Checked

RELATIONS = {"at_least": "≥", "about": "≈", "exceeds": ">"}
HEAD = "| 说法 · Claim | 所说 · Stated | 数据 · Data | 结论 · Verdict | 原因 · Why |"
INTRODUCTION = (
    Words(
        "由 `{command}` 写成，请勿手改。",
        "Written by `{command}`; not to be edited by hand.",
    ),
    Words(
        "数据湖里有数据的说法才下结论；没有数据的直说没有，不给数。采集到的次数只是下限：它能证明“至少”，证明不了“正好”。"
        "讲因果的话（“带来”）没有增量设计就不作数。",
        "A claim is judged where the lake holds data for it; where it holds none the page says so and gives no figure. "
        "What was counted is a lower bound: it can prove “at least”, never “exactly”. A sentence of a cause "
        "(“brought”) "
        "counts for nothing without a lift design.",
    ),
)
JUDGED = "## 有数据可判的 · What the data can judge"
UNJUDGED = "## 数据判不了的 · What they cannot"
PROOFS = "## 依据 · Proofs"


def write_page(checks: Sequence[Checked], name: str) -> str:
    """Return the page of the checks of the file ``name``; the same checks give the same text."""
    from canyu.measure.claims import VERDICTS, Verdict

    command = f"canyu claims check claims/{name}.yaml --lake real.lake --page …"
    judged = [each for each in checks if each.judged.verdict is not Verdict.NOT_SUPPORTED]
    rest = [each for each in checks if each.judged.verdict is Verdict.NOT_SUPPORTED]
    counts = {verdict: sum(each.judged.verdict is verdict for each in checks) for verdict in VERDICTS}
    versions = {table: version for each in checks if each.proof for table, version in each.versions.items()}
    told = ", ".join(f"`{table}@{version}`" for table, version in sorted(versions.items())) or MISSING
    zh = "，".join(f"{VERDICTS[verdict].zh} {count}" for verdict, count in counts.items())
    en = ", ".join(f"{count} {VERDICTS[verdict].en}" for verdict, count in counts.items())
    lines = [f"# 说法核验 · Claims checked: {name}", ""]
    lines += ["".join(words.zh for words in INTRODUCTION).format(command=command), ""]
    lines += [f"**{len(checks)} 条说法：{zh}。** 数据版本：{told}。", ""]
    lines += [" ".join(words.en for words in INTRODUCTION).format(command=command), ""]
    lines += [f"**{len(checks)} claims: {en}.** Versions of the data: {told}.", ""]
    for title, chosen in ((JUDGED, judged), (UNJUDGED, rest)):
        if chosen:
            lines += [title, "", HEAD, "| --- | --- | --- | --- | --- |", *(_write_row(each) for each in chosen), ""]
    return "\n".join([*lines, *_write_proofs(checks)])


def tell_stated(checked: Checked) -> str:
    """Return what a claim states, with its relation."""
    return f"{RELATIONS[checked.claim.relation.value]} {format_full(checked.claim.stated)}"


def tell_reason(checked: Checked) -> Words:
    """Return why the verdict is what it is."""
    from canyu.measure.claims import REASONS

    missing = checked.estimate.missing if checked.estimate else None
    return missing or REASONS[checked.judged.reason]


def list_notes(checked: Checked) -> tuple[Words, ...]:
    """Return what is to be known beside the verdict."""
    from canyu.measure.definitions import SIMULATED

    return (*checked.notes, SIMULATED) if checked.is_simulated else checked.notes


def _write_row(checked: Checked) -> str:
    from canyu.measure.claims import VERDICTS

    claim, verdict = checked.claim, VERDICTS[checked.judged.verdict]
    why = (tell_reason(checked), *list_notes(checked))
    stated = dict.fromkeys(tell_stated(checked) + _join(unit) for unit in _find_unit(checked))
    cells = (
        f"{claim.statement.zh}<br>{claim.statement.en}",
        "<br>".join(stated),
        _tell_data(checked),
        f"**{verdict.zh}**<br>{verdict.en}",
        f"{''.join(words.zh for words in why)}<br>{' '.join(words.en for words in why)}",
    )
    return f"| {' | '.join(cell.replace('|', '∣') for cell in cells)} |"


def _find_unit(checked: Checked) -> Words:
    from canyu.measure.catalogue import METRICS

    metric = METRICS.get(checked.claim.metric)
    return metric.unit if metric else Words("", "")


def _join(unit: str) -> str:
    return unit if unit in {"", "%"} else f" {unit}"


def _tell_data(checked: Checked) -> str:
    """Return the figure with its bounds; a figure that is no more than a lower bound says so."""
    estimate, (low, high) = checked.estimate, checked.bounds
    if estimate is None or estimate.value is None:
        return MISSING
    value = format_full(estimate.value)
    if low is not None and high is None:
        return f"≥ {format_full(low)}" if low == estimate.value else f"{value} [{format_full(low)}, ∞]"
    return f"{value} [{format_full(low)}, {format_full(high)}]" if low is not None else value


def _write_proofs(checks: Iterable[Checked]) -> list[str]:
    lines = [PROOFS, ""]
    for each in checks:
        versions = ", ".join(f"`{table}@{number}`" for table, number in sorted(each.versions.items()) if each.proof)
        lines += [
            f"### {each.claim.id}",
            "",
            f"说法出处 · Source of the claim: {each.claim.source}. 查询 · Query `{each.query_hash}`; "
            f"版本 · versions: {versions or MISSING}.",
            "",
        ]
        if each.proof is None:
            continue
        lines += [f"{each.proof.definition.zh} {each.proof.definition.en}", ""]
        if each.estimate is not None and each.estimate.value is not None:
            lines += [
                f"计入 {each.proof.rows:,} 行 · {each.proof.rows:,} rows.",
                "",
                "```sql",
                each.proof.sql,
                "```",
                "",
            ]
    return lines
