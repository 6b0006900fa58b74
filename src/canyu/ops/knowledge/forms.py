"""The forms of articles: one that is written, and a file of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from canyu.care import Audience
from canyu.care.assistant import Article
from canyu.events.located_yaml import MAX_BYTES
from canyu.kit.clock import find_instant
from canyu.kit.errors import BadInput
from canyu.kit.words import Words, say
from canyu.ops.config import load_config
from canyu.ops.knowledge.models import ArticleVersion
from canyu.ops.knowledge.rules import AUDIENCE_WORDS, MOST_LINK, MOST_SLUG, MOST_SOURCE, MOST_TITLE, list_misfits
from canyu.ops.offers.forms import PlainForm

LINES = {"rows": 3, "spellcheck": "false"}
BODY = {"rows": 6, "dir": "auto"}


class ArticleForm(PlainForm):
    """One version of an article."""

    slug = forms.CharField(max_length=MOST_SLUG, label=gettext_lazy("Short name (letters, digits, dashes)"))
    title_zh = forms.CharField(max_length=MOST_TITLE, required=False, label=gettext_lazy("Title in Chinese"))
    body_zh = forms.CharField(
        required=False, label=gettext_lazy("Text in Chinese"), widget=forms.Textarea(attrs={**BODY, "lang": "zh-Hans"})
    )
    title_en = forms.CharField(max_length=MOST_TITLE, required=False, label=gettext_lazy("Title in English"))
    body_en = forms.CharField(
        required=False, label=gettext_lazy("Text in English"), widget=forms.Textarea(attrs={**BODY, "lang": "en"})
    )
    audience = forms.ChoiceField(label=gettext_lazy("Who may be told"))
    source = forms.CharField(max_length=MOST_SOURCE, label=gettext_lazy("Source: the document it goes by"))
    link = forms.CharField(max_length=MOST_LINK, required=False, label=gettext_lazy("Address of the source"))
    starts_on = forms.DateField(
        required=False,
        label=gettext_lazy("Valid from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    ends_on = forms.DateField(
        required=False,
        label=gettext_lazy("Valid until, that day included"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    asked = forms.CharField(
        required=False,
        label=gettext_lazy("Other ways to ask for it, one a line; nobody is shown them"),
        widget=forms.Textarea(attrs=LINES),
    )
    products = forms.CharField(
        required=False,
        label=gettext_lazy("Products of the catalogue, one a line; none stands for all"),
        widget=forms.Textarea(attrs=LINES),
    )

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.set_choices("audience", AUDIENCE_WORDS)

    def clean(self) -> dict[str, Any]:
        """Return the fields; what the engine could not use is told beside its field, with its mend."""
        found = super().clean() or {}
        if not self.errors:
            for misfit in list_misfits(self.make_article()):
                self.add_error(misfit.field, f"{misfit.message} {misfit.mend}")
        return found

    def make_article(self) -> Article:
        """Return the article that the form describes; its version is the room's to count."""
        given = self.cleaned_data
        ends_on = given["ends_on"]
        return Article(
            given["slug"],
            0,
            Words(given["title_zh"], given["title_en"]),
            Words(_unify(given["body_zh"]), _unify(given["body_en"])),
            given["source"],
            given["link"],
            Audience(given["audience"]),
            _read_lines(given["products"]),
            _read_lines(given["asked"]),
            _find_start(given["starts_on"]),
            _find_start(ends_on + timedelta(1) if ends_on and ends_on < date.max else None),
        )


def describe_article(row: ArticleVersion) -> dict[str, Any]:
    """Return what the form of a next version starts with."""
    plain = ("slug", "title_zh", "body_zh", "title_en", "body_en", "audience", "source", "link")
    zone = ZoneInfo(load_config().zone)
    return {
        **{name: getattr(row, name) for name in plain},
        "starts_on": row.starts_at.astimezone(zone).date() if row.starts_at else None,
        "ends_on": (row.ends_at - timedelta(seconds=1)).astimezone(zone).date() if row.ends_at else None,
        "asked": "\n".join(row.asked),
        "products": "\n".join(row.products),
    }


def read_articles_text(written: str, file: UploadedFile[Any] | None) -> str:
    """Return what was written, or what the file that was chosen holds. Raises BadInput for neither and for no text."""
    if file is None:
        if not written.strip():
            raise BadInput(
                Words("没有选文件，也没有写内容。", "There is neither a file nor a text."),
                mend=Words("请选一个 YAML 文件，或把内容贴进来。", "Choose a YAML file, or paste its text."),
            )
        return written.replace("\r\n", "\n")
    if (file.size or 0) > MAX_BYTES:
        raise BadInput(
            Words("文件太大。", "The file is too large."),
            mend=Words("请把文章分到几个文件。", "Split the articles into several files."),
        )
    try:
        return str(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadInput(
            Words("文件不是 UTF-8 文本。", "The file is no text in UTF-8."),
            mend=Words("请另存为 UTF-8 编码的 YAML。", "Save it as YAML in UTF-8."),
        ) from None


def tell_draft(title: str, asked: str) -> dict[str, Any]:
    """Return what the form starts with for a question that no article answers."""
    is_chinese = any("\u4e00" <= each <= "\u9fff" for each in title)
    named = {"title_zh" if is_chinese else "title_en": title[:MOST_TITLE]}
    return {"audience": Audience.PUBLIC.value, "asked": asked, **named}


def name_languages(row: ArticleVersion) -> str:
    """Return the languages in which a version is written."""
    found = [say("中文", "Chinese")] if row.title_zh else []
    return say("、", ", ").join(found + ([say("英文", "English")] if row.title_en else []))


def _read_lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for each in text.splitlines() if (line := each.strip())))


def _unify(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _find_start(day: date | None) -> datetime | None:
    if day is None:
        return None
    zone, midnight = load_config().zone, datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the zone's own midnight
    return find_instant(midnight, zone) or find_instant(midnight + timedelta(hours=1), zone)
