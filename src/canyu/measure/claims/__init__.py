"""Claims of marketing held against the lake: verified, contradicted or not supported, each with its proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.measure.claims.checking import check_claim, check_claims, pin_claims
    from canyu.measure.claims.claim import Claim, Part, Relation
    from canyu.measure.claims.claims_file import load_claims, parse_claims
    from canyu.measure.claims.records import Checked, describe_checked, dump_records, load_records
    from canyu.measure.claims.replaying import Change, Replayed, replay_records
    from canyu.measure.claims.verdicts import REASONS, VERDICTS, Ground, Judged, Reason, Verdict, judge

__all__ = [
    "REASONS",
    "VERDICTS",
    "Change",
    "Checked",
    "Claim",
    "Ground",
    "Judged",
    "Part",
    "Reason",
    "Relation",
    "Replayed",
    "Verdict",
    "check_claim",
    "check_claims",
    "describe_checked",
    "dump_records",
    "judge",
    "load_claims",
    "load_records",
    "parse_claims",
    "pin_claims",
    "replay_records",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.measure.claims.checking": "check_claim check_claims pin_claims",
        "canyu.measure.claims.claim": "Claim Part Relation",
        "canyu.measure.claims.claims_file": "load_claims parse_claims",
        "canyu.measure.claims.records": "Checked describe_checked dump_records load_records",
        "canyu.measure.claims.replaying": "Change Replayed replay_records",
        "canyu.measure.claims.verdicts": "REASONS VERDICTS Ground Judged Reason Verdict judge",
    },
)
