"""What is kept of a check: enough to do it again and to tell what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json, parse_json
from canyu.kit.words import Words
from canyu.measure.claims.claim import Claim
from canyu.measure.claims.verdicts import REASONS, VERDICTS, Judged
from canyu.measure.estimate import Estimate
from canyu.measure.figure import Proof

FORMAT = 1
DIGITS = ("value", "low", "high", "verdict", "reason_code")


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim with its verdict, the figure it rests on and how that came to be.

    ``bounds`` are those of the truth; ``query_hash`` names the definition and the question, whatever engine answers it.
    """

    claim: Claim
    judged: Judged
    estimate: Estimate | None
    bounds: tuple[float | None, float | None]
    query_hash: str
    versions: Mapping[str, int]
    run_at: datetime
    proof: Proof | None = None
    is_simulated: bool = False
    notes: tuple[Words, ...] = ()


def describe_checked(checked: Checked) -> dict[str, Any]:
    """Return a check as a program reads it; the statement and the reason are in the present language."""
    claim, judged = checked.claim, checked.judged
    missing = checked.estimate.missing if checked.estimate else None
    reason = missing or REASONS[judged.reason]
    return {
        "id": claim.id,
        "statement": str(claim.statement),
        "stated": claim.stated,
        "value": checked.estimate.value if checked.estimate else None,
        "low": checked.bounds[0],
        "high": checked.bounds[1],
        "verdict": judged.verdict.value,
        "reason": str(reason),
        "query_hash": checked.query_hash,
        "lake_version": dict(checked.versions),
        "reason_code": judged.reason.value,
        "verdict_text": str(VERDICTS[judged.verdict]),
        "relation": claim.relation.value,
        "metric": claim.metric,
        "source": claim.source,
        "method": str(checked.estimate.method) if checked.estimate else None,
        "definition": str(checked.proof.definition) if checked.proof else None,
        "sql": checked.proof.sql if checked.proof else None,
        "rows": checked.proof.rows if checked.proof else 0,
        "engine": checked.proof.engine if checked.proof else None,
        "notes": [str(note) for note in checked.notes],
        "simulated": checked.is_simulated,
        "run_at": checked.run_at.isoformat(timespec="seconds"),
    }


def dump_records(checks: Iterable[Checked]) -> str:
    """Return the checks as the text of a record, which ``replay_records`` takes."""
    return dump_json({"format": FORMAT, "checks": [describe_checked(check) for check in checks]})


def load_records(text: str) -> dict[str, dict[str, Any]]:
    """Return the checks of a record by the claim's id. Raises BadInput for another text."""
    mend = Words("请用 canyu claims check --record 写出的文件。", "Use a file written by canyu claims check --record.")
    try:
        found = parse_json(text)
        checks = {check["id"]: check for check in found["checks"]}
        is_known = found["format"] == FORMAT and all("lake_version" in check for check in checks.values())
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(Words("这不是核验记录。", "This is no record of checks."), mend=mend) from error
    if not is_known:
        raise BadInput(Words("核验记录的格式不认识。", "The record is of another format."), mend=mend)
    return checks
