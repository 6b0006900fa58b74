"""All reads that a roster file needs: what is kept, to compare it with, and the uploads."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.ops.kols.intake.comparing import ACCOUNT_FIELDS, Known, KnownAccount, KnownKol, PriceKey
from canyu.ops.kols.models import Account, Contract, Kol, PastHandle, Price, RosterUpload
from canyu.ops.people.models import Person


def read_known(today: date) -> Known:
    """Return the whole roster as a file is compared with it, in five queries."""
    contracts: dict[int, dict[date, date | None]] = {}
    for kol, since, until in Contract.objects.values_list("kol", "since", "until"):
        contracts.setdefault(kol, {})[since] = until
    kols = {
        name: KnownKol(pk, kind, note, contracts.get(pk, {}))
        for pk, name, kind, note in Kol.objects.values_list("pk", "name", "kind", "note")
    }
    in_force = Q(since__lte=today) & (Q(until=None) | Q(until__gte=today))
    prices: dict[int, dict[PriceKey, int]] = {}
    rows = Price.objects.filter(in_force).order_by("since")
    for account, kind, currency, amount in rows.values_list("account", "kind", "currency", "amount_minor"):
        prices.setdefault(account, {})[kind, currency] = amount
    accounts = {
        (row["platform"], row["handle"]): KnownAccount(
            row["pk"],
            row["kol__name"],
            {name: row[name] for name in ACCOUNT_FIELDS},
            row["followers"],
            row["followers_day"],
            prices.get(row["pk"], {}),
            row["handle"],
        )
        for row in Account.objects.values(
            "pk", "platform", "handle", "kol__name", "followers", "followers_day", *ACCOUNT_FIELDS
        )
    }
    actors = {account.fields["actor"]: key for key, account in accounts.items() if account.fields["actor"]}
    renamed = PastHandle.objects.order_by("until", "pk").values_list("account__platform", "handle", "account__handle")
    past = {(platform, before): now for platform, before, now in renamed}
    return Known(kols, accounts, actors, past)


def get_upload(viewer: Person, upload_id: int) -> RosterUpload:
    """Return one of the viewer's own uploads; raises NotFound."""
    found = RosterUpload.objects.filter(pk=upload_id, made_by=viewer.username).first()
    if found is None:
        raise NotFound(_("There is no such upload."), mend=_("Choose the file again."))
    return found
