"""The forms of accounts and of their secrets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from canyu.kit.errors import CanyuError
from canyu.ops.offers.forms import PlainForm
from canyu.ops.wechat.accounts.actions import AccountDraft, Secrets
from canyu.ops.wechat.models import WeChatAccount
from canyu.ops.wechat.rules import VENDOR_WORDS, read_frames


class AccountForm(PlainForm):
    """What is set of an account, but for its secrets."""

    name = forms.SlugField(max_length=60, label=_("Short name, at the end of its address"))
    label = forms.CharField(max_length=80, label=_("What we call it"))
    vendor = forms.ChoiceField(label=_("Vendor"))
    receive_id = forms.RegexField(r"^[A-Za-z0-9_-]+$", max_length=64, label=_("AppID, or CorpID of WeCom"))
    is_answering = forms.BooleanField(required=False, label=_("The assistant answers first"))
    frames = forms.CharField(
        required=False,
        max_length=4000,
        label=_("Origins that may embed the sidebar, one a line"),
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "https://work.weixin.qq.com"}),
    )

    def __init__(self, data: QueryDict | None = None, *, row: WeChatAccount | None = None) -> None:
        initial = None
        if row is not None:
            told = ("name", "label", "vendor", "receive_id", "is_answering")
            initial = {name: getattr(row, name) for name in told} | {"frames": "\n".join(row.frames)}
        super().__init__(data, initial=initial)
        self.set_choices("vendor", VENDOR_WORDS)
        for name in ("name", "vendor", "receive_id") if row is not None else ():
            self.fields[name].disabled = True  # they stand in the address and in every message

    def clean_frames(self) -> tuple[str, ...]:
        """Return the origins; one that is none is named beside the field."""
        try:
            return tuple(read_frames(self.cleaned_data["frames"]))
        except CanyuError as error:
            raise forms.ValidationError(str(error)) from error

    def make_draft(self) -> AccountDraft:
        """Return what was entered."""
        given = self.cleaned_data
        return AccountDraft(
            given["label"], given["vendor"], given["receive_id"], given["frames"], given["is_answering"]
        )


class SecretsForm(PlainForm):
    """Secrets, which go in here and are never shown again; an empty one stays as it is."""

    token = forms.CharField(required=False, max_length=64, label=_("Token"))
    key = forms.CharField(required=False, max_length=43, label=_("EncodingAESKey"))
    secret = forms.CharField(required=False, max_length=128, label=_("AppSecret, or Secret of WeCom"))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for field in self.fields.values():
            field.widget = forms.PasswordInput(attrs={**field.widget.attrs, "autocomplete": "new-password"})

    def make_secrets(self) -> Secrets:
        """Return what was entered."""
        given = self.cleaned_data
        return Secrets(given["token"], given["key"], given["secret"])
