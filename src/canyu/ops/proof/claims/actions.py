"""The only place that changes files of claims and their checks."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.events import Lake
from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.kit.words import Words, speak
from canyu.measure.claims import Checked, check_claims, describe_checked, parse_claims, pin_claims, replay_records
from canyu.ops.lakes import find_lake, get_lake
from canyu.ops.people.models import Person
from canyu.ops.proof.claims.queries import read_claims
from canyu.ops.proof.claims.rules import MOST_CLAIMS
from canyu.ops.proof.errors import ClaimsUnusable, RunPending
from canyu.ops.proof.models import ClaimsFile, ClaimsRun, RunState
from canyu.ops.queue.kinds import kind
from canyu.ops.queue.rules import Lane

LANGUAGES = ("zh", "en")
logger = logging.getLogger("canyu.proof")


@dataclass(frozen=True, slots=True)
class FileDraft:
    """A file of claims as somebody gives it; ``designs`` are the texts of lift designs by their names."""

    name: str
    text: str
    designs: Mapping[str, str]


def save_file(viewer: Person, file: ClaimsFile | None, draft: FileDraft, now: datetime) -> ClaimsFile:
    """Keep a file of claims, a new one or over an older text. Raises BadInput with every problem, ClaimsUnusable."""
    claims = parse_claims(draft.text, draft.designs)
    if len(claims) > MOST_CLAIMS:
        raise ClaimsUnusable(_("There are more than %s claims.") % MOST_CLAIMS, mend=_("Make several files of them."))
    row = file or ClaimsFile()
    row.name, row.text, row.designs = draft.name, draft.text, dict(draft.designs)
    row.changed_by, row.changed_at = viewer.username, now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise ClaimsUnusable(_("Another file has this name."), mend=_("Choose another one.")) from error
    logger.info("%s kept the claims %s", viewer.username, row.pk)
    return row


def ask_for_check(viewer: Person, file: ClaimsFile, now: datetime, of: ClaimsRun | None = None) -> ClaimsRun:
    """Ask for a check of a file, or for the replay of one; a job does it. Raises RunPending where one waits."""
    try:
        with transaction.atomic():
            run = ClaimsRun.objects.create(
                file=file, of=of, asked_by=viewer.username, asked_at=now, state=RunState.WAITING
            )
            run_check.enqueue(run.pk)
            return run
    except IntegrityError as error:
        raise RunPending(_("This file is being checked already."), mend=_("Wait until it is done.")) from error


def fail_check(run_id: int) -> None:
    """Note that a check will not be done: it failed unforeseen, or ended its process, each time."""
    fault = {"zh": "核验时出了意外的错误，见日志。", "en": "The check failed unforeseen; the log tells how."}
    ClaimsRun.objects.filter(pk=run_id, state=RunState.WAITING).update(
        state=RunState.FAILED, fault=fault, run_at=get_now()
    )


@kind(
    Lane.SLOW,
    title=Words("核验宣传主张", "Check claims"),
    lease=timedelta(minutes=15),
    most_attempts=3,
    is_atomic=False,  # minutes of reading; what it found is kept once, by the state of the run
    give_up=fail_check,
)
def run_check(run_id: int) -> None:
    """Do a check or a replay that was asked for; one that somebody let go, or that is done, is none."""
    run = ClaimsRun.objects.exclude(state=RunState.DONE).filter(pk=run_id).select_related("file", "of").first()
    if run is None:
        return
    now = get_now()
    found: dict[str, Any] = {}
    fault = None
    try:
        found = _replay(run, get_lake(), now) if run.of else _check(run, get_lake(), now)
    except CanyuError as error:
        fault = {language: _tell(error, language) for language in LANGUAGES}
    state = RunState.FAILED if fault else RunState.DONE
    same = ClaimsRun.objects.filter(pk=run.pk).exclude(state=RunState.DONE)
    same.update(state=state, found=found, fault=fault, run_at=now)


def let_go(viewer: Person, run: ClaimsRun) -> None:
    """Forget one check, and let vacuum have the versions that it kept."""
    _unpin(run)
    ClaimsRun.objects.filter(pk=run.pk).delete()
    logger.info("%s let the check %s of claims go", viewer.username, run.pk)


def drop_file(viewer: Person, file: ClaimsFile) -> None:
    """Forget a file with all its checks, and let vacuum have the versions that they kept."""
    for run in file.runs.filter(of=None):
        _unpin(run)
    ClaimsFile.objects.filter(pk=file.pk).delete()
    logger.info("%s dropped the claims %s", viewer.username, file.pk)


def _check(run: ClaimsRun, lake: Lake, now: datetime) -> dict[str, Any]:
    checks = check_claims(lake, read_claims(run.file), now)
    pin_claims(lake, checks, _name_pin(run))
    return {language: _describe(checks, language) for language in LANGUAGES}


def _describe(checks: list[Checked], language: str) -> list[dict[str, Any]]:
    with speak(language):
        return [describe_checked(check) for check in checks]


def _replay(run: ClaimsRun, lake: Lake, now: datetime) -> dict[str, Any]:
    records = {check["id"]: check for check in run.of.found["en"]} if run.of else {}
    replayed = replay_records(lake, read_claims(run.file), records, now)
    return {
        language: [
            {
                "id": one.id,
                "changes": [
                    {
                        "what": each.what.say(language),
                        "before": each.told_before.say(language),
                        "now": each.told_now.say(language),
                    }
                    for each in one.changes
                ],
            }
            for one in replayed
        ]
        for language in LANGUAGES
    }


def _tell(error: CanyuError, language: str) -> str:
    with speak(language):
        return str(error)


def _name_pin(run: ClaimsRun) -> str:
    """Return under which name the lake keeps a check's versions: each its own, so that each can be let go alone."""
    return f"console check {run.pk}"


def _unpin(run: ClaimsRun) -> None:
    lake = find_lake()
    if lake is not None:
        lake.unpin(f"claims: {_name_pin(run)}")
