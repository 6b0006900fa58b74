"""The only place that changes accounts: kept, their secrets rotated, their access token and rate shared."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from canyu.care.wechat import (
    AccessToken,
    FetchToken,
    Said,
    TokenKeeper,
    VendorApi,
    VendorClient,
    fetch_official,
    fetch_wecom,
)
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.config import load_config
from canyu.ops.people.models import Person
from canyu.ops.wechat.errors import AccountUnusable
from canyu.ops.wechat.models import Vendor, WeChatAccount
from canyu.ops.wechat.queries import load_sealer, name_place, open_account

FETCH_LEASE = timedelta(seconds=15)  # a fetch ends after 10 s at the latest
LOOK_AGAIN_S = 0.1
MOST_EARLIER_KEYS = 2
RATE = (100, 60.0)
"""Messages and seconds: our own brake on one account; the vendor states no figure for one minute."""
logger = logging.getLogger("canyu.wechat")


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """What somebody enters of an account, but for its secrets."""

    label: str
    vendor: str
    receive_id: str
    frames: tuple[str, ...]
    is_answering: bool


@dataclass(frozen=True, slots=True)
class Secrets:
    """Secrets as somebody enters them; an empty one stays as it is."""

    token: str = ""
    key: str = ""
    secret: str = ""


def create_account(viewer: Person, name: str, draft: AccountDraft, given: Secrets, now: datetime) -> WeChatAccount:
    """Keep a new account. Raises AccountUnusable for a name that is taken or for secrets that are none."""
    row = WeChatAccount(name=name, vendor=draft.vendor, receive_id=draft.receive_id)
    _fill(row, draft)
    _seal(row, given)
    row.changed_by, row.changed_at = viewer.username, now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise AccountUnusable(
            _("There is an account of this short name already."), mend=_("Choose another short name.")
        ) from None
    logger.info("%s made the account %s", viewer.username, name)
    return row


def update_account(viewer: Person, row: WeChatAccount, draft: AccountDraft, now: datetime) -> WeChatAccount:
    """Keep what was changed of an account; vendor and id stay."""
    _fill(row, draft)
    row.changed_by, row.changed_at = viewer.username, now
    row.save(update_fields=["label", "frames", "is_answering", "changed_by", "changed_at"])
    logger.info("%s changed the account %s", viewer.username, row.name)
    return row


def rotate_secrets(viewer: Person, row: WeChatAccount, given: Secrets, now: datetime) -> WeChatAccount:
    """Keep new secrets; the last two EncodingAESKeys still open messages, since the vendor goes on with them a while.

    The access token is dropped: it was given for the former secret. Raises AccountUnusable.
    """
    with transaction.atomic():
        row = WeChatAccount.objects.select_for_update().get(pk=row.pk)
        _seal(row, given)
        row.access_token, row.access_until = "", None
        row.changed_by, row.changed_at = viewer.username, now
        row.save()
    logger.info("%s rotated secrets of the account %s", viewer.username, row.name)
    return row


def switch_account(viewer: Person, row: WeChatAccount, is_on: bool, now: datetime) -> None:
    """Switch an account on or off; off, its address answers 404 and nothing is sent."""
    WeChatAccount.objects.filter(pk=row.pk).update(is_on=is_on, changed_by=viewer.username, changed_at=now)
    logger.info("%s switched the account %s %s", viewer.username, row.name, "on" if is_on else "off")


def test_account(viewer: Person, row: WeChatAccount) -> None:
    """Ask the vendor for an access token with the account's secret. Raises VendorFailure with the vendor's reason."""
    with open_client(row) as client:
        TokenKeeper(make_fetch(row, client)).get()  # not the shared one: a good token would hide a wrong secret
    logger.info("%s tested the account %s", viewer.username, row.name)


def open_client(row: WeChatAccount) -> VendorClient:
    """Return a client for the vendor of an account; close it."""
    config = load_config()
    return VendorClient(config.wecom_api if row.vendor == Vendor.WECOM else config.wechat_api)


def make_api(row: WeChatAccount, client: VendorClient, sleep: Callable[[float], None] = time.sleep) -> VendorApi:
    """Return what calls the vendor for an account, with the access token that all processes share."""
    tokens = SharedTokens(row.pk, row.name)
    keeper = TokenKeeper(tokens.guard(make_fetch(row, client)), tokens)
    return VendorApi(client, keeper, is_wecom=row.vendor == Vendor.WECOM, sleep=sleep)


def make_fetch(row: WeChatAccount, client: VendorClient) -> FetchToken:
    """Return what asks for a token with the account's secret. Raises AccountUnusable where there is no secret."""
    if not row.secret:
        raise AccountUnusable(
            Words(f"账号 {row.name} 没有 Secret，不能发送。", f"The account {row.name} has no secret: it cannot send."),
            mend=Words("请在账号页填写 AppSecret。", "Enter the AppSecret on the account's page."),
        )
    secret = load_sealer().open(row.secret, name_place(row.name, "secret"))
    fetch = fetch_wecom if row.vendor == Vendor.WECOM else fetch_official
    return fetch(client, row.receive_id, secret)


class SharedTokens:
    """The access token of an account, sealed in its row; of many processes one fetches, the others wait for it."""

    def __init__(self, account_id: int, name: str, clock: Callable[[], datetime] = get_now) -> None:
        self._rows = WeChatAccount.objects.filter(pk=account_id)
        self._place = name_place(name, "access")
        self._clock = clock

    def load(self) -> AccessToken | None:
        """Return the token that is kept; None where there is none, or where it does not open any more."""
        sealed, until = self._rows.values_list("access_token", "access_until").get()
        if not sealed or until is None:
            return None
        try:
            return AccessToken(load_sealer().open(sealed, self._place), until)
        except AccountUnusable:
            return None

    def save(self, token: AccessToken) -> None:
        """Keep a token in place of the last one."""
        sealed = load_sealer().seal(token.value, self._place)
        self._rows.update(access_token=sealed, access_until=token.ends_at)

    def guard(self, fetch: FetchToken) -> FetchToken:
        """Return a fetch that asks the vendor only where nobody else does; whoever waited gets what the other got."""

        def fetch_once(is_forced: bool) -> Said:
            before = self._count()
            while not self._take():
                time.sleep(LOOK_AGAIN_S)
            try:
                found = self.load() if self._count() != before else None
                if found is not None:
                    lasts_s = int((found.ends_at - self._clock()).total_seconds())
                    return Said(0, "", {"access_token": found.value, "expires_in": lasts_s})
                said = fetch(is_forced)
                value, seconds = said.get_text("access_token"), said.get_count("expires_in")
                if not said.errcode and value and seconds > 0:
                    self.save(AccessToken(value, self._clock() + timedelta(seconds=seconds)))
                    self._rows.update(fetches=F("fetches") + 1)
                return said
            finally:
                self._rows.update(fetching_until=None)

        return fetch_once

    def _count(self) -> int:
        return self._rows.values_list("fetches", flat=True).get()

    def _take(self) -> bool:
        now = self._clock()
        free = Q(fetching_until=None) | Q(fetching_until__lte=now)
        return bool(self._rows.filter(free).update(fetching_until=now + FETCH_LEASE))


class SharedRate:
    """How often an account sends, over all processes: never more than so many within any so many seconds."""

    def __init__(
        self, account_id: int, rate: tuple[int, float] = RATE, clock: Callable[[], datetime] = get_now
    ) -> None:
        self._id = account_id
        self._most, self._within_s = rate
        self._clock = clock

    def take(self) -> float:
        """Take one place and return 0, or take none and return the seconds until the next one is free."""
        with transaction.atomic():
            row = WeChatAccount.objects.select_for_update().only("pk", "taken").get(pk=self._id)
            now = self._clock().timestamp()
            taken = [each for each in row.taken if each > now - self._within_s]
            if len(taken) >= self._most:
                return float(taken[0] + self._within_s - now)
            WeChatAccount.objects.filter(pk=self._id).update(taken=[*taken, now])
            return 0.0


def _fill(row: WeChatAccount, draft: AccountDraft) -> None:
    row.label, row.frames, row.is_answering = draft.label, list(draft.frames), draft.is_answering


def _seal(row: WeChatAccount, given: Secrets) -> None:
    """Seal what was given into the row, after the engine has looked at it."""
    sealer = load_sealer()
    if given.token:
        row.token = sealer.seal(given.token, name_place(row.name, "token"))
    if given.key:
        kept: Sequence[str] = row.keys[:MOST_EARLIER_KEYS]
        row.keys = [sealer.seal(given.key, name_place(row.name, "key")), *kept]
    if given.secret:
        row.secret = sealer.seal(given.secret, name_place(row.name, "secret"))
    if not row.token:
        raise AccountUnusable(
            _("The Token is missing."), mend=_("Copy it from the vendor's settings: its calls are told by it.")
        )
    try:
        open_account(row)  # the engine refuses what cannot work, such as WeCom without a key
    except BadInput as error:
        raise AccountUnusable(error.args[0], mend=error.mend) from error
