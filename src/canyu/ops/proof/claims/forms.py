"""The form of a file of claims: uploaded or pasted, with the lift designs that it names."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from canyu.ops.kols.forms import PlainForm
from canyu.ops.proof.claims.actions import FileDraft
from canyu.ops.proof.claims.rules import MOST_BYTES

MOST_DESIGNS = 20


class ClaimsForm(PlainForm):
    """A file of claims; what is pasted goes before what is uploaded."""

    name = forms.RegexField(r"^[\w .-]{1,60}$", max_length=60, label=gettext_lazy("Name of the file"))
    file = forms.FileField(required=False, max_length=200, label=gettext_lazy("Claims (YAML file)"))
    text = forms.CharField(required=False, strip=False, label=gettext_lazy("Or the claims themselves"))

    def __init__(
        self, data: QueryDict | None = None, files: MultiValueDict[str, UploadedFile[Any]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, files=files, **kwargs)
        self.fields["text"].widget = forms.Textarea(
            {**self.fields["text"].widget.attrs, "rows": 12, "spellcheck": "false", "class": "code"}
        )
        self.fields["file"].widget.attrs["accept"] = ".yaml,.yml"

    def clean(self) -> dict[str, Any]:
        """Read the texts; each must be UTF-8 and no larger than the limit."""
        found = super().clean() or {}
        found["text"] = found.get("text") or self._read("file", found.get("file"))
        if not found["text"] and "file" not in self.errors:
            self.add_error("file", _("Choose a file, or paste the claims."))
        designs: list[UploadedFile[Any]] = self.files.getlist("designs") if self.files else []
        found["designs"] = {PurePosixPath(one.name or "").name: self._read("file", one) for one in designs}
        if len(designs) > MOST_DESIGNS:
            self.add_error("file", _("At most %s designs.") % MOST_DESIGNS)
        return found

    def make_draft(self, kept: dict[str, str]) -> FileDraft:
        """Return the file that the form describes; designs that were ``kept`` before stay."""
        given = self.cleaned_data
        return FileDraft(given["name"], given["text"], {**kept, **given["designs"]})

    def _read(self, name: str, file: UploadedFile[Any] | None) -> str:
        if file is None:
            return ""
        if (file.size or 0) > MOST_BYTES:
            self.add_error(name, _("The file is larger than %s MB.") % (MOST_BYTES >> 20))
            return ""
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error(name, _("The file is not UTF-8. Save it as UTF-8."))
            return ""
        return text
