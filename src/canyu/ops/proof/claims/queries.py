"""All reads of claims: the files, one with a check and its replay, and the newest verdicts for the scorecard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError, NotFound
from canyu.measure.claims import Claim, Reason, Replayed, Verdict, parse_claims, replay_records
from canyu.measure.claims.verdicts import REASONS
from canyu.measure.scorecard import ToldClaim
from canyu.ops.lakes import get_lake
from canyu.ops.people.models import Person
from canyu.ops.proof.models import ClaimsFile, ClaimsRun, RunState

RUNS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file of the list, with its newest check and the one that is asked for."""

    file: ClaimsFile
    last: ClaimsRun | None
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One check of a file as its page shows it; ``run`` is None before the first."""

    file: ClaimsFile
    run: ClaimsRun | None
    checks: list[dict[str, Any]]
    replay: ClaimsRun | None
    waiting: ClaimsRun | None
    runs: list[ClaimsRun]


def list_files(viewer: Person) -> list[FileLine]:  # noqa: ARG001 - reads take the viewer first
    """Return every file of claims by name, with its newest check."""
    return _list_lines()


def _list_lines() -> list[FileLine]:
    runs = ClaimsRun.objects.filter(of=None).order_by("-asked_at", "-pk")
    found = []
    for file in ClaimsFile.objects.order_by("name").prefetch_related(Prefetch("runs", runs)):
        told = list(file.runs.all())
        last = next((run for run in told if run.state == RunState.DONE), None)
        found.append(FileLine(file, last, any(run.state == RunState.WAITING for run in told)))
    return found


def get_file(viewer: Person, file_id: int) -> ClaimsFile:  # noqa: ARG001 - reads take the viewer first
    """Return one file; raises NotFound."""
    found = ClaimsFile.objects.filter(pk=file_id).first()
    if found is None:
        raise NotFound(_("There is no such file of claims."))
    return found


def show_file(viewer: Person, file_id: int, run_id: int | None, verdict: str = "") -> Shown:
    """Return a file with one of its checks (the newest by default), its claims of one verdict (empty: all)."""
    file = get_file(viewer, file_id)
    runs = list(file.runs.select_related("of").order_by("-asked_at", "-pk"))
    checked = [run for run in runs if run.of is None]
    done = [run for run in checked if run.state == RunState.DONE]
    run = next((one for one in done if run_id in (None, one.pk)), None)
    if run is None and run_id is not None:
        raise NotFound(_("There is no such check."))
    replay = next((one for one in runs if run is not None and one.of_id == run.pk), None)
    waiting = next((one for one in runs if one.state == RunState.WAITING), None)
    checks = [one for one in list_checks(run) if verdict in ("", one["verdict"])]
    return Shown(file, run, checks, replay, waiting, checked[:RUNS_SHOWN])


def list_checks(run: ClaimsRun | None) -> list[dict[str, Any]]:
    """Return what a check found, in the reader's language."""
    if run is None:
        return []
    found: list[dict[str, Any]] = run.found["zh" if (get_language() or "").startswith("zh") else "en"]
    return found


def get_check(viewer: Person, run_id: int, claim_id: str) -> tuple[ClaimsRun, dict[str, Any]]:  # noqa: ARG001
    """Return one claim of a check; raises NotFound."""
    run = ClaimsRun.objects.select_related("file").filter(pk=run_id, of=None, state=RunState.DONE).first()
    found = next((one for one in list_checks(run) if one["id"] == claim_id), None)
    if run is None or found is None:
        raise NotFound(_("There is no such check."))
    return run, found


def replay_check(viewer: Person, run: ClaimsRun, check: dict[str, Any]) -> Replayed:  # noqa: ARG001
    """Check one claim again at the versions that its check read."""
    claims = [claim for claim in read_claims(run.file) if claim.id == check["id"]]
    return replay_records(get_lake(), claims, {check["id"]: check}, get_now())[0]


def read_claims(file: ClaimsFile) -> tuple[Claim, ...]:
    """Return the claims of a file; its designs are the texts that were given with it."""
    return parse_claims(file.text, file.designs)


def list_told() -> list[ToldClaim]:
    """Return the newest verdicts of all files, each with its sentence in both languages; for mails, too."""
    return [told for line in _list_lines() if line.last is not None for told in _tell(line.file, line.last)]


def _tell(file: ClaimsFile, run: ClaimsRun) -> Iterable[ToldClaim]:
    try:
        words = {claim.id: claim.statement for claim in read_claims(file)}
    except CanyuError:  # a metric or a design that it named is gone since
        words = {}
    for check in run.found["en"]:
        if check["id"] in words:
            yield ToldClaim(words[check["id"]], Verdict(check["verdict"]), REASONS[Reason(check["reason_code"])])
