"""The forms of crises: each says field by field what cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from canyu.care.crisis.attachments import ACCEPTED, MOST_BYTES
from canyu.care.crisis.statement import (
    MOST_CLAIM,
    MOST_FILES,
    MOST_FINDINGS,
    MOST_NAME,
    MOST_TITLE,
    VERDICTS,
    Statement,
    Verdict,
    parse_custody,
)
from canyu.kit.clock import find_instant
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.care.forms import choose
from canyu.ops.config import load_config
from canyu.ops.crisis.statements.rules import Upload, VersionDraft


class FilesInput(forms.ClearableFileInput):
    """A field of several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, none of them needed."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Return the files that came."""
        found = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in found if one]


def _long(label: Any, most: int, rows: int = 4, **kwargs: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
    return forms.CharField(label=label, max_length=most, widget=widget, required=False, **kwargs)


def _short(label: Any, most: int = MOST_NAME, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, required=False, widget=forms.TextInput(attrs={"dir": "auto"}), **kwargs
    )


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))


class StatementForm(forms.Form):
    """A version of a statement; what is needed is said by the rules of statements, field by field."""

    slug = forms.CharField(
        label=_("Address"), max_length=60, required=False, help_text=_("/statements/…/ – it stays for ever.")
    )
    title_zh = _short(_("Title (Chinese)"), MOST_TITLE)
    title_en = _short(_("Title (English)"), MOST_TITLE)
    claim_zh = _long(_("The claim that is answered (Chinese)"), MOST_CLAIM, 2)
    claim_en = _long(_("The claim that is answered (English)"), MOST_CLAIM, 2)
    source = _short(_("Where it is claimed"), help_text=_("A platform or a medium, never a private person."))
    claimed_on = _day(_("Claimed on"))
    urls = _long(_("Addresses of the claim, one a line"), 5_000, 2)
    posts = _long(_("Posts of the lake that it answers, one id a line (inside only)"), 20_000, 2)
    verdict = forms.ChoiceField(label=_("What is said of the claim"))
    findings_zh = _long(_("What was found (Chinese)"), MOST_FINDINGS, 6)
    findings_en = _long(_("What was found (English)"), MOST_FINDINGS, 6)
    laboratory = _short(_("Who issued the report"))
    report_number = _short(_("Number of the report"))
    report_on = _day(_("Date of the report"))
    custody = _long(
        _("Custody record"), 20_000, 3, help_text=_("One step a line: when | where | who | what they did with it.")
    )
    attachments = FilesField(
        label=_("Files"),
        required=False,
        widget=FilesInput(attrs={"accept": ACCEPTED}),
        help_text=_("PDF, PNG or JPEG, kept as they come with their SHA-256; the public may load them once released."),
    )
    publisher = _short(_("Who answers for the statement"))
    signatory = _short(_("Signed by"))
    signatory_role = _short(_("Their office"))
    correction_zh = _long(_("Why it replaces the version before (Chinese)"), MOST_CLAIM, 2)
    correction_en = _long(_("Why it replaces the version before (English)"), MOST_CLAIM, 2)

    def __init__(self, data: Any = None, files: Any = None, *, is_new: bool, is_out: bool, **kwargs: Any) -> None:
        super().__init__(data, files, label_suffix="", **kwargs)
        verdict = self.fields["verdict"]
        if isinstance(verdict, forms.ChoiceField):
            verdict.choices = choose({each.value: VERDICTS[each] for each in Verdict})
        if not is_new:
            del self.fields["slug"]
        if not is_out:
            del self.fields["correction_zh"], self.fields["correction_en"]
        for name, field in self.fields.items():
            field.widget.attrs["autocomplete"] = "off"
            field.widget.attrs["aria-describedby"] = f"hint_{name}"

    def clean_custody(self) -> Any:
        """Read the steps, line by line."""
        try:
            return parse_custody(str(self.cleaned_data["custody"]), read_moment)
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error

    def clean_attachments(self) -> list[UploadedFile[Any]]:
        """Refuse too many files, and those that are too large to read."""
        found = self.cleaned_data["attachments"] or []
        if len(found) > MOST_FILES or any((one.size or 0) > MOST_BYTES for one in found):
            raise forms.ValidationError(
                _("At most %(count)d files of %(size)d MB each.") % {"count": MOST_FILES, "size": MOST_BYTES >> 20}
            )
        return list(found)

    def make_draft(self, kept: tuple[str, ...]) -> VersionDraft:
        """Return the version as it was written."""
        given = self.cleaned_data
        said = Statement(
            Words(given["title_zh"], given["title_en"]),
            Words(given["claim_zh"], given["claim_en"]),
            Words(given["findings_zh"], given["findings_en"]),
            Verdict(given["verdict"]),
            given["publisher"],
            given["signatory"],
            given["signatory_role"],
            given["source"],
            given["claimed_on"],
            _read_lines(given["urls"]),
            _read_lines(given["posts"]),
            given["laboratory"],
            given["report_number"],
            given["report_on"],
            given["custody"],
            correction=Words(given.get("correction_zh", ""), given.get("correction_en", "")),
        )
        uploads = tuple(Upload(one.name or "file", one.read()) for one in given["attachments"])
        return VersionDraft(said, uploads, kept)


def fill_statement(said: Statement) -> Mapping[str, Any]:
    """Return the fields of a form that go on from a version."""
    return {
        **{f"{name}_{lang}": getattr(getattr(said, name), lang) for name in PAIRS for lang in ("zh", "en")},
        **{name: getattr(said, name) for name in PLAIN},
        "verdict": said.verdict.value,
        "urls": "\n".join(said.urls),
        "posts": "\n".join(said.posts),
        "custody": "\n".join(f"{_spell(each.at)} | {each.place} | {each.who} | {each.what}" for each in said.custody),
    }


PAIRS = ("title", "claim", "findings")
PLAIN = (
    *("source", "claimed_on", "laboratory", "report_number", "report_on"),
    *("publisher", "signatory", "signatory_role"),
)


def read_moment(text: str) -> datetime | None:
    """Return the instant that somebody wrote by the house's clock, None for none."""
    try:
        return find_instant(datetime.fromisoformat(text.strip()), load_config().zone)
    except ValueError:
        return None


def _spell(moment: datetime) -> str:
    """Return an instant by the house's clock, as ``read_moment`` reads it."""
    return f"{moment.astimezone(ZoneInfo(load_config().zone)):%Y-%m-%d %H:%M:%S}".removesuffix(":00")


def _read_lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.replace("\0", "").splitlines() if line.strip()))
