"""The form of a poster's design."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from canyu.kit.errors import BadInput
from canyu.kit.images import ACCEPTED, open_image, write_jpeg
from canyu.kit.words import Words
from canyu.ops.campaigns.posters.errors import FontsMissing
from canyu.ops.campaigns.posters.fonts import list_unwritten
from canyu.ops.campaigns.posters.layouts import LAYOUTS
from canyu.ops.campaigns.posters.rules import (
    ACCENT_WORDS,
    ALIGN_WORDS,
    POSTER_FIELDS,
    PRODUCT_LIMITS,
    SIDE_WORDS,
    Accent,
    Align,
    DesignDraft,
    Side,
)
from canyu.ops.kols.forms import PlainForm

LANGUAGES = {"zh": Words("中文", "Chinese"), "en": Words("英文", "English")}
MOST_TOLD = 12
MOST_LETTERS = {"headline_zh": 40, "headline_en": 80, "subline_zh": 80, "subline_en": 140}


class DesignForm(PlainForm):
    """What staff choose about a poster; ``kept`` is the picture of the revision before."""

    layout = forms.ChoiceField(label=_("Template"), initial="window")
    accent = forms.ChoiceField(label=_("Colour"), widget=forms.RadioSelect, initial=Accent.CINNABAR)
    side = forms.ChoiceField(label=_("QR code"), initial=Side.RIGHT)
    align = forms.ChoiceField(label=_("Headline"), initial=Align.LEFT)
    headline_zh = forms.CharField(max_length=MOST_LETTERS["headline_zh"])
    headline_en = forms.CharField(max_length=MOST_LETTERS["headline_en"])
    subline_zh = forms.CharField(required=False, max_length=MOST_LETTERS["subline_zh"])
    subline_en = forms.CharField(required=False, max_length=MOST_LETTERS["subline_en"])
    picture = forms.FileField(
        required=False,
        label=_("Product picture: JPEG, PNG, WebP or GIF"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    is_bare = forms.BooleanField(required=False, label=_("Leave the kept picture out"))
    shown_in = forms.ChoiceField(label=_("Preview in"), initial="zh")

    def __init__(self, data: Any = None, *, kept: bytes = b"", **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.kept = kept
        choices = {
            "layout": {name: layout.words for name, layout in LAYOUTS.items()},
            "accent": ACCENT_WORDS,
            "side": SIDE_WORDS,
            "align": ALIGN_WORDS,
            "shown_in": LANGUAGES,
        }
        for name, words in choices.items():
            self.fields[name].choices = [(value, str(each)) for value, each in words.items()]  # type: ignore[attr-defined]
        for name, each in POSTER_FIELDS.items():
            self.fields[name].label = str(each)

    def clean(self) -> dict[str, Any]:
        """Refuse texts with letters that would be missing on the poster."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for name in POSTER_FIELDS:
            try:
                missing = list_unwritten(given.get(name, ""))
            except FontsMissing:
                break  # the preview says so
            if missing:
                told = _("Our fonts cannot draw %s; take it out.") % " ".join(missing[:MOST_TOLD])
                self.add_error(name, forms.ValidationError(told))
        return given

    def clean_picture(self) -> bytes:
        """Return the picture to keep: the new one written anew, or the one from before."""
        given = self.cleaned_data.get("picture")
        if not isinstance(given, UploadedFile):
            return self.kept
        try:
            return write_jpeg(open_image(given.read(PRODUCT_LIMITS.most_bytes + 1), PRODUCT_LIMITS))
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error

    def make_draft(self) -> DesignDraft:
        """Return the design that the form describes."""
        given = self.cleaned_data
        texts = {name: given[name] for name in POSTER_FIELDS}
        return DesignDraft(given["layout"], given["accent"], given["side"], given["align"], texts)

    def choose_picture(self) -> bytes:
        """Return the picture of the design: a new one, or else the kept one unless it is to go."""
        picture: bytes = self.cleaned_data["picture"]
        return b"" if self.cleaned_data["is_bare"] and picture is self.kept else picture
