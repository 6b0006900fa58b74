"""The only place that changes the roster from a file."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.events.importers.actors import get_salt, hash_actor
from canyu.kit.errors import Conflict
from canyu.ops.kols.intake import queries
from canyu.ops.kols.intake.comparing import Change, Comparison, Known, KnownAccount, compare, fill_fields
from canyu.ops.kols.intake.reading import RosterFile, read_roster
from canyu.ops.kols.intake.rows import Hash, Refused, dump_refused
from canyu.ops.kols.models import Account, Contract, FollowerCount, Kol, PastHandle, Price, RosterUpload
from canyu.ops.kols.queries import get_today
from canyu.ops.lakes import find_lake
from canyu.ops.people.models import Person

MOST_TRIES = 3
AT_ONCE = 500
IMPORTED = "import"
KEEP_UPLOADS = timedelta(days=7)
logger = logging.getLogger("canyu.kols")


@dataclass(frozen=True, slots=True)
class Report:
    """What one import did."""

    added: int
    changed: int
    unchanged: int
    refused: tuple[Refused, ...]
    total: int


def read_file(path: Path) -> RosterFile:
    """Read a roster file; a source's own ids become actors as the lake of the console hashes them."""
    return read_roster(path, _find_hash())


def read_upload(upload: RosterUpload) -> RosterFile:
    """Read an uploaded file again, exactly as it was sent."""
    with TemporaryDirectory() as folder:
        path = Path(folder, upload.file_name)
        path.write_bytes(bytes(upload.content))
        return read_file(path)


def keep_roster(viewer: str, file: RosterFile, now: datetime) -> Report:
    """Keep every usable row in one transaction; what is empty in a row changes nothing.

    Safe to repeat and to run twice at once: an account is known by platform and handle, or by its actor where the
    handle is new: then it is renamed and the handle of before kept. The report says so; and the second of two imports
    compares itself with what the first one kept. Blocked KOLs stay blocked. Raises Conflict where others keep writing.
    """
    today = get_today(now)
    for _attempt in range(MOST_TRIES):
        try:
            with transaction.atomic():
                known = queries.read_known(today)
                found = compare(file.rows, known, today)
                _Writer(viewer, known, now, today).write(found)
        except IntegrityError:
            continue  # another import was first: compare again
        refused = tuple(sorted([*file.refused, *found.refused], key=lambda each: each.row))
        logger.info("%s imported a roster: %s added, %s changed", viewer, found.added, found.changed)
        return Report(found.added, found.changed, found.unchanged, refused, file.total)
    raise Conflict(_("Others are changing the roster at this moment."), mend=_("Import again: nothing is doubled."))


def save_upload(viewer: Person, file_name: str, content: bytes, now: datetime) -> RosterUpload:
    """Keep an uploaded file until it is imported, a week at most; raises BadInput where it is no roster."""
    upload = RosterUpload(file_name=file_name, content=content, made_by=viewer.username, made_at=now)
    read_upload(upload)
    RosterUpload.objects.filter(made_at__lt=now - KEEP_UPLOADS).delete()
    upload.save()
    return upload


def keep_upload(viewer: Person, upload_id: int, now: datetime) -> RosterUpload:
    """Import an uploaded file, once; its content is dropped, its report stays. Raises NotFound, BadInput, Conflict."""
    upload = queries.get_upload(viewer, upload_id)
    if upload.kept_at is not None:
        return upload
    report = keep_roster(viewer.username, read_upload(upload), now)
    counts = {"added": report.added, "changed": report.changed, "unchanged": report.unchanged, "total": report.total}
    upload.report = counts | {"refused": [dump_refused(row) for row in report.refused]}
    upload.kept_at, upload.content = now, b""
    upload.save()
    return upload


def forget_uploads() -> int:
    """Drop every upload with its rows; return how many."""
    return RosterUpload.objects.all().delete()[0]


class _Writer:
    """Writes what a comparison found, in bulk."""

    def __init__(self, viewer: str, known: Known, now: datetime, today: date) -> None:
        self.viewer, self.known, self.now, self.today = viewer, known, now, today

    def write(self, found: Comparison) -> None:
        """Write everything, in the order of the references."""
        if not found.changes:
            return
        kols = self._write_kols(found.changes)
        self._write_contracts(found.changes, kols)
        accounts = self._write_accounts(found.changes, kols)
        self._write_followers(found.changes, accounts)
        self._write_prices(found.changes, accounts)

    def _write_kols(self, changes: Sequence[Change]) -> dict[str, int]:
        told: dict[str, dict[str, str]] = {}
        for change in changes:
            own = told.setdefault(change.row.kol, {})
            own |= {name: after for name in ("kind", "note") if (after := change.fields.get(name, (None, ""))[1])}
        stamp = {"changed_by": self.viewer, "changed_at": self.now}
        fresh = [Kol(name=name, **own, **stamp) for name, own in told.items() if name not in self.known.kols]
        Kol.objects.bulk_create(fresh, batch_size=AT_ONCE)
        kept = {name: known.pk for name, known in self.known.kols.items()}
        changed = [(kept[name], own) for name, own in told.items() if name in kept and own]
        for pk, own in changed:
            Kol.objects.filter(pk=pk).update(**own, **stamp)
        return kept | {kol.name: kol.pk for kol in fresh}

    def _write_contracts(self, changes: Sequence[Change], kols: Mapping[str, int]) -> None:
        wanted: dict[tuple[int, date], date | None] = {}
        for change in changes:
            if "contract" in change.fields and change.row.contract_from:
                wanted.setdefault((kols[change.row.kol], change.row.contract_from), change.row.contract_until)
        # the column about marking advertising is about the account, and kept there
        known = {(kol.pk, since) for kol in self.known.kols.values() for since in kol.contracts}
        fresh = [
            Contract(kol_id=kol, since=since, until=until, made_by=self.viewer, has_disclosure_duty=False)
            for (kol, since), until in wanted.items()
            if (kol, since) not in known
        ]
        Contract.objects.bulk_create(fresh, batch_size=AT_ONCE)
        for (kol, since), until in wanted.items():
            if (kol, since) in known:
                Contract.objects.filter(kol=kol, since=since).update(until=until)

    def _write_accounts(self, changes: Sequence[Change], kols: Mapping[str, int]) -> dict[tuple[str, str], int]:
        fresh: list[Account] = []
        changed: list[Account] = []
        renamed: dict[tuple[str, str], KnownAccount] = {}
        for change in changes:
            row, own = change.row, fill_fields(change.row)
            account = self.known.find(row)
            if account is None:
                day = None if row.followers is None else self.today
                own |= {"followers": row.followers, "followers_day": day}
                fresh.append(Account(kol_id=kols[row.kol], platform=row.platform, handle=row.handle, **own))
                continue
            renamed |= {row.key: account} if account.handle != row.handle else {}
            fields = {**account.fields, **own, "handle": row.handle}
            changed.append(Account(pk=account.pk, kol_id=kols[row.kol], **fields))
        Account.objects.bulk_create(fresh, batch_size=AT_ONCE)
        names = ["kol", "handle", "actor", "url", "topics", "markets", "has_disclosure_duty"]
        Account.objects.bulk_update(changed, names, batch_size=AT_ONCE)
        past = [PastHandle(account_id=one.pk, handle=one.handle, until=self.today) for one in renamed.values()]
        PastHandle.objects.bulk_create(past, batch_size=AT_ONCE)
        kept = {key: account.pk for key, account in self.known.accounts.items()}
        kept |= {key: account.pk for key, account in renamed.items()}
        return kept | {(account.platform, account.handle): account.pk for account in fresh}

    def _write_followers(self, changes: Sequence[Change], accounts: Mapping[tuple[str, str], int]) -> None:
        told = {
            accounts[change.row.key]: change.row.followers
            for change in changes
            if "followers" in change.fields and change.row.followers is not None
        }
        counts = [
            FollowerCount(account_id=account, day=self.today, followers=followers, source=IMPORTED)
            for account, followers in told.items()
        ]
        FollowerCount.objects.bulk_create(
            counts,
            batch_size=AT_ONCE,
            update_conflicts=True,
            unique_fields=["account", "day"],
            update_fields=["followers", "source"],
        )
        added = {accounts[change.row.key] for change in changes if change.is_new}
        newest = [
            Account(pk=pk, followers=followers, followers_day=self.today)
            for pk, followers in told.items()
            if pk not in added
        ]
        Account.objects.bulk_update(newest, ["followers", "followers_day"], batch_size=AT_ONCE)

    def _write_prices(self, changes: Sequence[Change], accounts: Mapping[tuple[str, str], int]) -> None:
        wanted = {
            (accounts[change.row.key], kind, change.row.currency): amount
            for change in changes
            for kind, amount in change.row.prices.items()
            if f"price_{kind}" in change.fields
        }
        set_prices(wanted, self.today)


def set_prices(wanted: Mapping[tuple[int, str, str], int], today: date) -> None:
    """Make these amounts the prices from today on (account, kind, currency -> minor units); older ones end yesterday.

    A price that began today or later is replaced. Must run inside a transaction.
    """
    if not wanted:
        return
    pks = sorted({account for account, _kind, _currency in wanted})
    there = [
        price
        for start in range(0, len(pks), AT_ONCE)
        for price in Price.objects.filter(account__in=pks[start : start + AT_ONCE])
        if (price.account_id, price.kind, price.currency) in wanted and (price.until is None or price.until >= today)
    ]
    gone = [price.pk for price in there if price.since >= today]
    for start in range(0, len(gone), AT_ONCE):
        Price.objects.filter(pk__in=gone[start : start + AT_ONCE]).delete()
    ending = [price for price in there if price.since < today]
    for price in ending:
        price.until = today - timedelta(days=1)
    Price.objects.bulk_update(ending, ["until"], batch_size=AT_ONCE)
    fresh = [
        Price(account_id=account, kind=kind, currency=currency, amount_minor=amount, since=today)
        for (account, kind, currency), amount in wanted.items()
    ]
    Price.objects.bulk_create(fresh, batch_size=AT_ONCE)


def _find_hash() -> Hash | None:
    lake = find_lake()
    if lake is None:
        return None
    salt = ""

    def make(source: str, actor: str) -> str:
        nonlocal salt
        salt = salt or get_salt(lake.path)
        return hash_actor(salt, source, actor)

    return make
