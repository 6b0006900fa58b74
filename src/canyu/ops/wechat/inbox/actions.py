"""The only place that keeps what the vendor pushed: each push once, signatures for a while, cursors beside it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from canyu.care.wechat import Delivery, KfMessage, Reply
from canyu.care.wechat.signatures import WINDOW_S
from canyu.kit.jsonio import dump_json
from canyu.ops.config import load_config
from canyu.ops.wechat.models import Cursor, Push, PushKind, PushState, RememberedCall, WeChatAccount

PULL_LEASE = timedelta(minutes=2)
CALLS_KEPT = timedelta(seconds=2 * WINDOW_S)
AT_ONCE = 500


class PushBox:
    """The door's inbox: one row per push, committed before the vendor is answered; nothing else happens here."""

    def keep(self, delivery: Delivery) -> Reply | None:
        """Keep a push once per key. Returns no reply: answers go out as customer-service messages."""
        account = WeChatAccount.objects.only("pk").get(name=delivery.account)
        row = Push(
            account=account,
            key=delivery.key,
            user=delivery.message.user[:128],
            body=delivery.xml.replace("\0", ""),
            received_at=delivery.received_at,
            next_try=delivery.received_at,
        )
        Push.objects.bulk_create([row], ignore_conflicts=True)
        return None


class CallBook:
    """The door's memory of calls, shared by all processes: the database decides who was first."""

    def remember(self, signature: str, digest: bytes, at: datetime) -> bool:
        """Remember a call's signature with its body's digest; False where it came with another body before."""
        name = hashlib.sha256(signature.encode("utf-8", "replace")).hexdigest()
        row = RememberedCall(signature=name, digest=digest.hex(), at=at)
        RememberedCall.objects.bulk_create([row], ignore_conflicts=True)
        known = RememberedCall.objects.values_list("digest", flat=True).get(signature=name)
        return hmac.compare_digest(known, row.digest)


class CursorBook:
    """The cursors of one account's customer service, and what was pulled."""

    def __init__(self, account: WeChatAccount, clock: Callable[[], datetime]) -> None:
        self._account = account
        self._clock = clock

    def load(self, open_kfid: str) -> str:
        """Return the cursor, empty where nothing was pulled yet."""
        found = Cursor.objects.filter(account=self._account, open_kfid=open_kfid).first()
        return "" if found is None else found.cursor

    def save(self, open_kfid: str, cursor: str) -> None:
        """Keep the cursor, after the page before it."""
        Cursor.objects.filter(account=self._account, open_kfid=open_kfid).update(cursor=cursor)

    def take(self, open_kfid: str) -> bool:
        """Become the one who pulls this account; a puller that died is followed after its lease."""
        Cursor.objects.get_or_create(account=self._account, open_kfid=open_kfid)
        now = self._clock()
        free = Q(pulling_until=None) | Q(pulling_until__lte=now)
        rows = Cursor.objects.filter(free, account=self._account, open_kfid=open_kfid)
        return bool(rows.update(pulling_until=now + PULL_LEASE))

    def let_go(self, open_kfid: str) -> None:
        """Let others pull."""
        Cursor.objects.filter(account=self._account, open_kfid=open_kfid).update(pulling_until=None)

    def keep(self, messages: Sequence[KfMessage]) -> None:
        """Keep a page of messages, each once by its id; the lease is renewed with every page."""
        now = self._clock()
        rows = [
            Push(
                account=self._account,
                key=hashlib.blake2b(f"kf {each.msg_id}".encode(), digest_size=16).hexdigest(),
                kind=PushKind.PULLED,
                user=each.customer[:128],
                body=dump_json(each.values).replace("\\u0000", ""),
                received_at=now,
                next_try=now,
            )
            for each in messages
        ]
        Push.objects.bulk_create(rows, ignore_conflicts=True, batch_size=AT_ONCE)
        kfids = {each.open_kfid for each in messages}
        Cursor.objects.filter(account=self._account, open_kfid__in=kfids).update(pulling_until=now + PULL_LEASE)


def drop_old(now: datetime) -> int:
    """Drop pushes that were worked on and are too old, and signatures that no call may carry any more.

    One that waits or failed stays: it is nobody's case yet. Returns how many pushes.
    """
    RememberedCall.objects.filter(at__lt=now - CALLS_KEPT).delete()
    old = now - timedelta(days=load_config().wechat_raw_days)
    return Push.objects.filter(state=PushState.DONE, received_at__lt=old).delete()[0]
