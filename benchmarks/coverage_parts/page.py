"""Writes the page of the docs that says how often each interval held the truth."""

from __future__ import annotations

from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path
from typing import Any

LEAST, MOST = 0.93, 0.97
TEMPLATE = Path(__file__).with_name("page.md")
ROOMS = {
    "catalogue": "The metric catalogue",
    "journeys": "Retention in money",
    "attribution": "Attribution",
    "experiments": "Experiments",
    "loyalty": "Loyalty",
    "lift": "Lift without a lottery",
    "lake": "From a real lake, end to end",
}
WHY = {
    "confidence sequence": "it holds at every moment for ever, and these are only so many looks: wider than it need be "
    "for them, never too narrow.",
    "4 treated, 16 not": "the treated of these worlds are moved as a mix of donors is, so that placebos on the donors "
    "at the edge miss by more than the treated do: a little too wide.",
    "no controls, level walks by 0%": "a history of 70 periods cannot show that the level stays where it is, so the "
    "interval allows for a walk: too wide where there is none.",
    "no controls, level walks by 10%": "70 periods cannot tell such a small walk from none, so the interval allows for "
    "more.",
    "no controls, noise that remembers": "noise that remembers looks like a small walk, and is allowed for.",
    "no controls, level walks by 30%": "the size of the walk is itself uncertain, and the prior leans to small ones.",
    "value of all customers": "with spending known purchases to come are held in 93.6 %, with purchases known spending "
    "in 94.8 % (250 worlds): nearly all that is missed is of purchases.",
    "BG/BB": "of 150 worlds; 95 % lies within what chance allows of so few.",
    "before/after, 3 controls": "with controls the prior of a walk is CausalImpact's narrow one, which its published "
    "verdicts ask for; here the controls are noisy themselves and the noise remembers: held too seldom. The answer "
    "tells a second interval beside it, and claims are judged by that one (the rows below).",
}
HEAD = (
    "| Method | World | Worlds | Held | Wrong verdicts | Found in nothing |",
    "| --- | --- | --- | --- | --- | --- |",
)


def write_page(path: Path, rows: list[dict[str, Any]], worlds: int) -> None:
    """Write the tables of all rows; where a row lies outside and no reason is known, it says so."""
    seeds = ", ".join(sorted({str(row["seed"]) for row in rows}))
    minutes = sum(row["cpu_s"] for row in rows) / 60
    made = (
        f"Made on {datetime.now(UTC).date()} with seed {seeds}, in {minutes:.0f} CPU minutes on one of {cpu_count()} "
        "cores (AMD EPYC), other work\nbeside it."
    )
    if any(row["worlds"] < worlds and row["room"] != "lake" for row in rows):
        made += f" Rows of fewer than {worlds:,} worlds are of a run that was cut short."
    tables = []
    for room, title in ROOMS.items():
        own = [row for row in rows if row["room"] == room]
        if own:
            tables.append("\n".join([f"## {title}", "", *HEAD, *(tell_row(row) for row in own), ""]))
    listed = [
        f"- **{row['method']}, {row['world']}** ({row['share']:.1%}): {find_reason(row)}"
        for row in rows
        if is_outside(row)
    ]
    told = {"{made}": made, "{tables}": "\n".join(tables).strip(), "{outside}": "\n".join(listed) or "Nothing."}
    page = TEMPLATE.read_text("utf-8")
    for place, text in told.items():
        page = page.replace(place, text)
    path.write_text(page, encoding="utf-8")


def tell_row(row: dict[str, Any]) -> str:
    """Return one line of a table."""
    count = f"{row['worlds']:,}" + (f" ({row['unanswered']} without an answer)" if row["unanswered"] else "")
    held = f"{row['share']:.1%} ({row['low']:.1%} to {row['high']:.1%})" + (" **!**" if is_outside(row) else "")
    alarms = f"{row['alarms'] / row['idle']:.1%} of {row['idle']}" if row["idle"] else ""
    wrong = f"{row['wrong_verdicts'] / (row['worlds'] - row['unanswered']):.1%}"
    return f"| {row['method']} | {row['world']} | {count} | {held} | {wrong} | {alarms} |"


def is_outside(row: dict[str, Any]) -> bool:
    """Say whether the share lies outside what is asked for: of the few worlds of a lake, whether it surely does."""
    if row["room"] == "lake":
        return bool(row["high"] < LEAST or row["low"] > MOST)
    return not LEAST <= row["share"] <= MOST


def find_reason(row: dict[str, Any]) -> str:
    """Return why a row lies outside."""
    return next((why for part, why in WHY.items() if part in row["name"]), "not known.")
