"""The only place that changes files of claims and their checks."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from canyu.events import Lake
from canyu.kit.errors import CanyuError
from canyu.kit.words import speak
from canyu.measure.claims import Checked, check_claims, describe_checked, parse_claims, pin_claims, replay_records
from canyu.ops.lakes import find_lake, get_lake
from canyu.ops.people.models import Person
from canyu.ops.proof.claims.queries import read_claims
from canyu.ops.proof.claims.rules import MOST_CLAIMS
from canyu.ops.proof.errors import ClaimsUnusable, RunPending
from canyu.ops.proof.models import ClaimsFile, ClaimsRun, RunState

LEASE = timedelta(minutes=15)  # a process that died while it checked is taken over after this
MOST_ATTEMPTS = 3
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
    """Ask for a check of a file, or for the replay of one; the errands do it. Raises RunPending where one waits."""
    try:
        with transaction.atomic():
            return ClaimsRun.objects.create(
                file=file, of=of, asked_by=viewer.username, asked_at=now, due_at=now, state=RunState.WAITING
            )
    except IntegrityError as error:
        raise RunPending(_("This file is being checked already."), mend=_("Wait until it is done.")) from error


def run_checks(now: datetime) -> int:
    """Do every check and replay that is asked for; returns how many. Two processes never do the same one at once."""
    done = 0
    waiting = ClaimsRun.objects.filter(state=RunState.WAITING, due_at__lte=now).select_related("file", "of")
    for run in waiting.order_by("due_at", "pk"):
        mine = ClaimsRun.objects.filter(pk=run.pk, state=RunState.WAITING, due_at=run.due_at).update(
            due_at=now + LEASE, attempts=F("attempts") + 1
        )
        if mine:
            _run(run, now)
            done += 1
    return done


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


def _run(run: ClaimsRun, now: datetime) -> None:
    found: dict[str, Any] = {}
    fault = None
    try:
        found = _replay(run, get_lake(), now) if run.of else _check(run, get_lake(), now)
    except CanyuError as error:
        fault = {language: _tell(error, language) for language in LANGUAGES}
    except Exception:
        if run.attempts + 1 < MOST_ATTEMPTS:
            raise  # told in the log; it is tried again after the lease
        logger.exception("the check %s of claims was given up", run.pk)
        fault = {"zh": "核验时出了意外的错误，见日志。", "en": "The check failed unforeseen; the log tells how."}
    state = RunState.FAILED if fault else RunState.DONE
    ClaimsRun.objects.filter(pk=run.pk, state=RunState.WAITING).update(
        state=state, found=found, fault=fault, run_at=now
    )


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
