"""The staff's pages of claims: the files, one with its verdicts, proofs, replays and files to take along."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError, NotFound
from canyu.kit.jsonio import dump_json
from canyu.measure.claims import VERDICTS, Verdict
from canyu.ops.alerts.rules import parse_choice, parse_number
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.pages import send_file
from canyu.ops.people.rules import MANAGE_PROOF, VIEW_PROOF
from canyu.ops.proof.claims import actions, queries
from canyu.ops.proof.claims.forms import ClaimsForm
from canyu.ops.proof.claims.rules import SAMPLE, count_verdicts, read_sample, write_csv
from canyu.ops.proof.errors import RunPending
from canyu.ops.proof.models import ClaimsFile


@requires(VIEW_PROOF)
@require_safe
def show_files(request: HttpRequest) -> HttpResponse:
    """Show the files of claims, each with what its newest check found."""
    lines = [
        (line, count_verdicts(queries.list_checks(line.last)) if line.last else [])
        for line in queries.list_files(get_viewer(request))
    ]
    return render(request, "proof/claims.html", {"lines": lines, "sample": SAMPLE, "room": "claims"})


@requires(VIEW_PROOF)
@require_safe
def show_file(request: HttpRequest, file_id: int) -> HttpResponse:
    """Show one file with the verdicts of a check, the newest by default."""
    return _render_file(request, file_id)


@requires(MANAGE_PROOF)
@require_http_methods(["GET", "HEAD", "POST"])
def create_file(request: HttpRequest) -> HttpResponseBase:
    """Show the form of a file of claims, or keep a new one."""
    return _edit(request, None, {})


@requires(MANAGE_PROOF)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Show a file's text, or keep what was changed."""
    file = queries.get_file(get_viewer(request), file_id)
    return _edit(request, file, {"name": file.name, "text": file.text})


@requires(MANAGE_PROOF)
@require_POST
def take_sample(request: HttpRequest) -> HttpResponseBase:
    """Keep the shipped claims as a file of one's own."""
    try:
        draft = actions.FileDraft(SAMPLE, read_sample(), {})
        file = actions.save_file(get_viewer(request), None, draft, get_now())
    except CanyuError as error:
        messages.error(request, str(error))
        return redirect("claims")
    return redirect("claims_file", file.pk)


@requires(MANAGE_PROOF)
@require_POST
def check_file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Ask for a check now; the page shows it when it is done."""
    file = queries.get_file(get_viewer(request), file_id)
    try:
        actions.ask_for_check(get_viewer(request), file, get_now())
    except RunPending as error:
        return _render_file(request, file_id, error)
    return redirect("claims_file", file_id)


@requires(MANAGE_PROOF)
@require_POST
def replay_run(request: HttpRequest, file_id: int, run_id: int) -> HttpResponseBase:
    """Ask for the claims to be checked again at the versions of a check."""
    viewer = get_viewer(request)
    shown = queries.show_file(viewer, file_id, run_id)
    try:
        actions.ask_for_check(viewer, shown.file, get_now(), shown.run)
    except RunPending as error:
        return _render_file(request, file_id, error)
    return redirect(f"{reverse('claims_file', args=[file_id])}?run={run_id}")


@requires(MANAGE_PROOF)
@require_POST
def drop_run(request: HttpRequest, file_id: int, run_id: int) -> HttpResponseBase:
    """Forget a check, and let its versions go."""
    viewer = get_viewer(request)
    run = queries.show_file(viewer, file_id, run_id).run
    if run is not None:
        actions.let_go(viewer, run)
        messages.success(request, _("Let go of."))
    return redirect("claims_file", file_id)


@requires(MANAGE_PROOF)
@require_POST
def drop_file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Forget a file of claims with all its checks; its name is typed first."""
    file = queries.get_file(get_viewer(request), file_id)
    if request.POST.get("name", "").strip() != file.name:
        messages.error(request, _("Nothing was dropped: type the name of the file."))
        return redirect("claims_file", file_id)
    actions.drop_file(get_viewer(request), file)
    messages.success(request, _("Dropped: %s") % file.name)
    return redirect("claims")


@requires(VIEW_PROOF)
@require_safe
def show_proof(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show how a verdict came to be; with ``again`` check the claim once more at the same versions."""
    viewer = get_viewer(request)
    run, check = queries.get_check(viewer, run_id, request.GET.get("claim", ""))
    replayed = queries.replay_check(viewer, run, check) if "again" in request.GET else None
    changes = None if replayed is None else replayed.changes
    context = {"run": run, "check": check, "changes": changes, "verdict": VERDICTS[Verdict(check["verdict"])]}
    is_fragment = bool(request.headers.get("HX-Request"))
    return render(request, "proof/claim_proof.html" if is_fragment else "proof/claim_proof_page.html", context)


@requires(VIEW_PROOF)
@require_safe
def send_verdicts(request: HttpRequest, file_id: int, form: str) -> HttpResponse:
    """Send the verdicts of a check as JSON, which ``canyu claims replay`` takes as a record, or as CSV."""
    if form not in {"json", "csv"}:
        raise Http404(form)
    shown = queries.show_file(get_viewer(request), file_id, parse_number(request.GET.get("run", "")))
    if shown.run is None:
        raise NotFound(_("There is no such check."))
    name = f"canyu-claims-{file_id}-{shown.run.pk}.{form}"
    if form == "csv":
        return send_file("\ufeff" + write_csv(shown.checks), "text/csv; charset=utf-8", name)
    return send_file(dump_json({"format": 1, "checks": shown.checks}), "application/json; charset=utf-8", name)


def _render_file(request: HttpRequest, file_id: int, error: CanyuError | None = None) -> HttpResponse:
    params = request.GET.dict()
    verdict = parse_choice(params, "verdict", ("", *Verdict), "")
    shown = queries.show_file(get_viewer(request), file_id, parse_number(params.get("run", "")), verdict)
    context: dict[str, Any] = {
        "shown": shown,
        "file": shown.file,
        "verdict": verdict,
        "verdicts": VERDICTS,
        "counts": count_verdicts(queries.list_checks(shown.run)),
        "versions": {name: one for check in shown.checks for name, one in check["lake_version"].items()},
        "changed": _list_changed(shown),
        "error": error,
        "room": "claims",
    }
    return render(request, "proof/claims_file.html", context, status=error.status if error else 200)


def _list_changed(shown: queries.Shown) -> list[dict[str, Any]] | None:
    """Return what a replay found to be different; None where none was done."""
    if shown.replay is None or not shown.replay.found:
        return None
    return [one for one in queries.list_checks(shown.replay) if one["changes"]]


def _edit(request: HttpRequest, file: ClaimsFile | None, initial: dict[str, str]) -> HttpResponseBase:
    is_sent, error = request.method == "POST", None
    form = ClaimsForm(request.POST if is_sent else None, request.FILES if is_sent else None, initial=initial)
    if is_sent and form.is_valid():
        try:
            draft = form.make_draft(file.designs if file else {})
            kept = actions.save_file(get_viewer(request), file, draft, get_now())
        except CanyuError as fault:
            error = fault
        else:
            messages.success(request, _("Kept."))
            return redirect("claims_file", kept.pk)
    context = {"form": form, "file": file, "error": error, "room": "claims"}
    status = error.status if error else 400 if form.errors else 200
    return render(request, "proof/claims_edit.html", context, status=status)
