"""The form of a design: its name, the YAML written or uploaded, and for a lift study a table of its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from canyu.kit.words import Words
from canyu.ops.studies.rules import MOST_LETTERS, MOST_NAME, MOST_TABLE_BYTES, Kind, StudyDraft

ROWS = 24


class DesignForm(forms.Form):
    """One design; an uploaded file goes before what is written."""

    name = forms.CharField(max_length=MOST_NAME, label=gettext_lazy("Name"))
    text = forms.CharField(
        required=False,
        strip=False,
        label=gettext_lazy("Design (YAML)"),
        widget=forms.Textarea(attrs={"rows": ROWS, "spellcheck": "false", "class": "code", "dir": "ltr"}),
    )
    file = forms.FileField(
        required=False, label=gettext_lazy("Or a YAML file"), help_text=gettext_lazy("It goes before the text above.")
    )
    table = forms.FileField(
        required=False,
        label=gettext_lazy("A table instead of the lake (CSV)"),
        help_text=gettext_lazy("Columns unit, time and value, a row per unit and time; 2 MB at most."),
    )
    drop_table = forms.BooleanField(required=False, label=gettext_lazy("Leave the table out from now on"))
    number = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[Any]] | None = None,
        *,
        kind: Kind,
        has_table: bool = False,
        **given: Any,
    ) -> None:
        super().__init__(data, files, label_suffix="", **given)
        self.kind = kind
        if kind is not Kind.LIFT:
            del self.fields["table"]
        if not has_table:
            del self.fields["drop_table"]
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"hint_{name}"
            field.widget.attrs["autocomplete"] = "off"

    def clean_file(self) -> str:
        """Return the text of the file; empty where there is none."""
        return _read(self.cleaned_data.get("file"), MOST_LETTERS)

    def clean_table(self) -> str:
        """Return the text of the table; empty where there is none."""
        return _read(self.cleaned_data.get("table"), MOST_TABLE_BYTES)

    def make_draft(self, study: int, kept_table: str) -> StudyDraft:
        """Return what the form says is to be kept."""
        given = self.cleaned_data
        table = given.get("table") or ("" if given.get("drop_table") else kept_table)
        return StudyDraft(
            self.kind, given["name"], given["file"] or given["text"], table, study, given.get("number") or 0
        )


def _read(file: UploadedFile[Any] | None, most_bytes: int) -> str:
    if file is None:
        return ""
    if (file.size or 0) > most_bytes:
        raise forms.ValidationError(_("The file is too large."))
    try:
        data: bytes = file.read()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise forms.ValidationError(_("The file is not UTF-8. Save it as UTF-8.")) from error


TEMPLATES: dict[Kind, str] = {
    Kind.EXPERIMENT: """format: 1
experiments:
  - name: share-button
    shareable: true                # it can be passed on: communities are assigned, unless you name another unit
    arms:                          # the first is the control
      - {name: control, weight: 0.5}
      - {name: big-button, weight: 0.5}
    start: 2025-04-01T00:00:00+08:00
    end: 2025-04-29T00:00:00+08:00
    outcomes:
      - {name: orders, label: {zh: 下单, en: orders}, event: order, days: 7, days_before: 30}
""",
    Kind.LIFT: """format: 1
id: spring-ads
name: {zh: 春季广告, en: Spring ads}
kind: geo_lift                     # did, synthetic_control, synthetic_did, geo_lift, before_after, event_study
outcome: {event: order, unit: market, grain: day}
treated: [cn]
start: 2025-03-01
end: 2025-03-14
first: 2025-01-01
donors: [de, fr, es, it, pl]
untouched: say here why what was done did not reach the donors
""",
}
"""What a new design begins with."""
HINTS: dict[Kind, Words] = {
    Kind.EXPERIMENT: Words(
        "与命令 canyu experiment 的文件相同。每处错误都会写明行、字段与改法。",
        "The same file as canyu experiment takes. Every fault names its line, its field and the mend.",
    ),
    Kind.LIFT: Words(
        "与命令 canyu lift 的设计相同。先写设计，再看答案；写明对照为何没有受影响。",
        "The same design as canyu lift takes. It is written before the answer is seen, and says why the donors were "
        "not reached.",
    ),
}
