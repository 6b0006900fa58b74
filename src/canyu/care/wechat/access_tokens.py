"""Access tokens: one for all who send, kept until shortly before its end, and fetched anew by one of them only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from canyu.care.wechat.client import NoAnswer, NotReached, Said, VendorClient
from canyu.care.wechat.codes import judge_code
from canyu.care.wechat.errors import VendorFailure
from canyu.kit.clock import get_now
from canyu.kit.words import Words

EARLY = timedelta(minutes=5)
"""So long before its end a token is replaced: the vendor takes both for five minutes."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and when it ends."""

    value: str = field(repr=False)
    ends_at: datetime


class TokenStore(Protocol):
    """Where the processes of a server share the token of one account; what it holds is a secret."""

    def load(self) -> AccessToken | None:
        """Return the token that is kept, None where there is none."""
        ...

    def save(self, token: AccessToken) -> None:
        """Keep a token in place of the last one."""
        ...


class LocalTokens:
    """A store for one process."""

    def __init__(self) -> None:
        self._kept: AccessToken | None = None

    def load(self) -> AccessToken | None:
        """Return the token that is kept."""
        return self._kept

    def save(self, token: AccessToken) -> None:
        """Keep a token."""
        self._kept = token


FetchToken = Callable[[bool], Said]
"""Asks the vendor for a token; True: for another one than it gave last."""


class TokenKeeper:
    """Gives the access token of one account to whoever sends; safe for several threads."""

    def __init__(
        self, fetch: FetchToken, store: TokenStore | None = None, clock: Callable[[], datetime] = get_now
    ) -> None:
        self._fetch = fetch
        self._store = store or LocalTokens()
        self._clock = clock
        self._lock = Lock()

    def get(self) -> str:
        """Return a token that is good for five minutes at least. Raises VendorFailure where the vendor gives none."""
        with self._lock:
            return self._find_good() or self._fetch_new(is_forced=False)

    def replace(self, refused: str) -> str:
        """Return another token than one that the vendor just refused.

        Where somebody replaced it meanwhile, theirs: each fetch may end the token that others hold. The vendor is first
        asked for the token in force, and for a new one only where that is the refused one.
        """
        with self._lock:
            kept = self._find_good()
            if kept and kept != refused:
                return kept
            found = self._fetch_new(is_forced=False)
            return found if found != refused else self._fetch_new(is_forced=True)

    def _find_good(self) -> str:
        kept = self._store.load()
        return kept.value if kept is not None and kept.ends_at - EARLY > self._clock() else ""

    def _fetch_new(self, *, is_forced: bool) -> str:
        try:
            said = self._fetch(is_forced)
        except NoAnswer as silence:  # of what the token was for, surely nothing was done
            raise NotReached(*silence.args) from silence
        value, seconds = said.get_text("access_token"), said.get_count("expires_in")
        if said.errcode or not value or seconds <= 0:
            reason = judge_code(said.errcode, said.errmsg).reason if said.errcode not in (0, 40001) else None
            # 40001 means here, and only here, that the secret is wrong
            told = reason or Words("AppSecret 不对。", "The secret of the account is wrong.")
            failure = VendorFailure(
                Words(f"拿不到 access_token：{told.zh}", f"There is no access token: {told.en}"),
                mend=Words("请核对账号设置里的 ID 与密钥。", "Check id and secret in the settings of the account."),
            )
            failure.errcode = said.errcode
            raise failure
        self._store.save(AccessToken(value, self._clock() + timedelta(seconds=seconds)))
        return value


def fetch_official(client: VendorClient, app_id: str, secret: str) -> FetchToken:
    """Return what asks for the token of an official account, by the interface that keeps it stable."""

    def fetch(is_forced: bool) -> Said:
        asked = {"grant_type": "client_credential", "appid": app_id, "secret": secret, "force_refresh": is_forced}
        return client.post("/cgi-bin/stable_token", asked)

    return fetch


def fetch_wecom(client: VendorClient, corp_id: str, secret: str) -> FetchToken:
    """Return what asks for the token of an app of WeCom; it gives the one in force, and has no way to force another."""

    def fetch(is_forced: bool) -> Said:  # noqa: ARG001 - WeCom decides itself
        return client.get("/cgi-bin/gettoken", {"corpid": corp_id, "corpsecret": secret})

    return fetch
