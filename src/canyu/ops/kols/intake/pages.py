"""The pages of taking a roster in: choose a file, see what it would change, keep it, read the report."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.pages import send_file
from canyu.ops.kols.intake import actions, queries
from canyu.ops.kols.intake.columns import COLUMNS
from canyu.ops.kols.intake.comparing import Change, compare
from canyu.ops.kols.intake.reading import MOST_BYTES, MOST_ROWS
from canyu.ops.kols.intake.refused import find_reason, name_field, write_refused
from canyu.ops.kols.intake.rows import Refused, load_refused
from canyu.ops.kols.queries import get_today
from canyu.ops.kols.rules import format_money
from canyu.ops.people.rules import MANAGE_KOLS

SHOWN = 20
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx")
SHOWN_FIELDS = {
    "has_disclosure_duty": Words("广告标识", "disclosure"),
    "contract": Words("合约结束", "contract until"),
}


@requires(MANAGE_KOLS)
@require_http_methods(["GET", "HEAD", "POST"])
def upload_roster(request: HttpRequest) -> HttpResponseBase:
    """Show the form, or keep an uploaded file until it is looked at; what is no roster is refused whole."""
    fault: BadInput | None = None
    if request.method == "POST":
        try:
            upload = actions.save_upload(get_viewer(request), *_read_upload(request), get_now())
        except BadInput as error:
            fault = error
        else:
            return redirect("kols_upload", upload.pk)
    names = [(aliases[0], name) for name, aliases in COLUMNS.items() if name != "source"]
    context = {"fault": fault, "columns": names, "most_mb": MOST_BYTES >> 20, "most_rows": MOST_ROWS}
    return render(request, "kols/import.html", context, status=400 if fault else 200)


@requires(MANAGE_KOLS)
@require_safe
def show_upload(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Show what an uploaded file would change, or, once it was kept, what it did."""
    viewer = get_viewer(request)
    upload = queries.get_upload(viewer, upload_id)
    if upload.kept_at is not None:
        refused = [load_refused(row) for row in upload.report["refused"]]
        context = {"upload": upload, "report": upload.report, **_show_refused(refused)}
        return render(request, "kols/imported.html", context)
    file, today = actions.read_upload(upload), get_today(get_now())
    found = compare(file.rows, queries.read_known(today), today)
    refused = sorted([*file.refused, *found.refused], key=lambda row: row.row)
    changes = sorted(found.changes, key=lambda change: change.is_new)
    context = {
        "upload": upload,
        "file": file,
        "found": found,
        "changes": [_show_change(change) for change in changes[:SHOWN]],
        "changes_left": max(0, len(changes) - SHOWN),
        **_show_refused(refused),
    }
    return render(request, "kols/preview.html", context)


@requires(MANAGE_KOLS)
@require_POST
def keep_upload(request: HttpRequest, upload_id: int) -> HttpResponseBase:
    """Import an uploaded file."""
    actions.keep_upload(get_viewer(request), upload_id, get_now())
    messages.success(request, _("The roster is imported."))
    return redirect("kols_upload", upload_id)


@requires(MANAGE_KOLS)
@require_safe
def send_refused(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Send the refused rows as CSV, to be mended and imported again."""
    upload = queries.get_upload(get_viewer(request), upload_id)
    if upload.kept_at is not None:
        refused = [load_refused(row) for row in upload.report["refused"]]
    else:
        file, today = actions.read_upload(upload), get_today(get_now())
        refused = [*file.refused, *compare(file.rows, queries.read_known(today), today).refused]
    text = "\ufeff" + write_refused(sorted(refused, key=lambda row: row.row))  # the mark lets spreadsheets read UTF-8
    return send_file(text.encode(), "text/csv; charset=utf-8", "canyu-kols-refused.csv")


@requires(MANAGE_KOLS)
@require_safe
def send_template(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Send an empty file with the header, in the page's language."""
    is_zh = (get_language() or "").startswith("zh")
    stream = io.StringIO()
    names = [aliases[0] if is_zh else name for name, aliases in COLUMNS.items() if name != "source"]
    csv.writer(stream).writerow(names)
    return send_file(("\ufeff" + stream.getvalue()).encode(), "text/csv; charset=utf-8", "canyu-kols.csv")


def _read_upload(request: HttpRequest) -> tuple[str, bytes]:
    given = request.FILES.get("file")
    if given is None or not given.size:
        raise BadInput(_("No file was chosen, or it is empty."), mend=_("Choose a CSV or XLSX file."))
    if given.size > MOST_BYTES:
        raise BadInput(_("The file is over %d MiB.") % (MOST_BYTES >> 20), mend=_("Split it into several files."))
    name = re.sub(r"[^\w.-]+", "_", Path(given.name or "").name)[-100:].lstrip(".") or "roster.csv"
    if not name.lower().endswith(SUFFIXES):
        raise BadInput(_("The file is neither CSV nor XLSX."), mend=_("Save it as CSV or XLSX."))
    return name, given.read()


def _show_refused(refused: list[Refused]) -> dict[str, object]:
    rows = [
        (row.row, name_field(fault.field), fault.value, find_reason(fault.reason))
        for row in refused[:SHOWN]
        for fault in row.faults
    ]
    return {"refused": rows, "refused_count": len(refused), "refused_left": max(0, len(refused) - SHOWN)}


def _show_change(change: Change) -> tuple[Change, list[tuple[Words, str, str]]]:
    def spell(name: str, value: object) -> str:
        if name.startswith("price_") and isinstance(value, int):
            return format_money(value, change.row.currency)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, int):
            return f"{value:,}"
        return "—" if value in {None, ""} else str(value).strip("|").replace("|", ", ")

    told = [
        (SHOWN_FIELDS.get(name) or name_field(name), spell(name, before), spell(name, after))
        for name, (before, after) in change.fields.items()
        if not (change.is_new and name == "kol")
    ]
    return change, told
