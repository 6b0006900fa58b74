"""The facts of WeChat: accounts with sealed secrets, pushes as they came, conversations, and what is sent to users."""

from __future__ import annotations

from django.db import models

from canyu.ops.letterbox.rules import LetterState


class Vendor(models.TextChoices):
    """Who calls; the values are those of the engine."""

    OFFICIAL_ACCOUNT = "official_account"
    WECOM = "wecom"


class PushState(models.TextChoices):
    """Where a push stands; asked: it is in its case, and the assistant has yet to look at it."""

    WAITING = "waiting"
    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"


class PushKind(models.TextChoices):
    """How a push came: called in by the vendor as XML, or pulled from customer service as JSON."""

    CALL = "call"
    PULLED = "pulled"


OUTGOING = [(each.value, each.value) for each in LetterState]


class WeChatAccount(models.Model):
    """One account as set up at the vendor. ``name`` stands in its address and never changes.

    ``token``, ``keys``, ``secret`` and ``access_token`` are sealed with the server's key: a copy of the database opens
    none of them. ``frames``: origins that may embed the agent's sidebar.
    """

    name = models.SlugField(max_length=60, unique=True)
    label = models.CharField(max_length=80)
    vendor = models.CharField(max_length=20, choices=Vendor.choices)
    receive_id = models.CharField(max_length=64)
    token = models.TextField()
    keys = models.JSONField(default=list)
    secret = models.TextField(blank=True, default="")
    frames = models.JSONField(default=list)
    is_answering = models.BooleanField(default=False)
    is_on = models.BooleanField(default=True)
    access_token = models.TextField(blank=True, default="")
    access_until = models.DateTimeField(null=True)
    fetches = models.PositiveIntegerField(default=0)
    fetching_until = models.DateTimeField(null=True)
    taken = models.JSONField(default=list)
    """When messages were sent within the last minute, as seconds: the rate that all processes share."""
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        """The permissions that the pages ask for."""

        default_permissions = ()
        permissions = (
            ("view_wechat", "May see conversations on WeChat and the sidebar"),
            ("manage_wechat", "May keep accounts of WeChat and their secrets"),
        )


class Push(models.Model):
    """One push as it came, until it is too old; ``key`` names it for ever, so that the same one thrice is one row."""

    account = models.ForeignKey(WeChatAccount, models.PROTECT, related_name="pushes")
    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=PushKind.choices, default=PushKind.CALL)
    user = models.CharField(max_length=128, blank=True, default="")
    body = models.TextField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=PushState.choices, default=PushState.WAITING)
    next_try = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        """Each key of an account once; read by what is due, by the user and by age."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("account", "key"), name="wechat_one_push_per_key"),)
        indexes = (
            models.Index(fields=["state", "next_try", "id"], name="wechat_pushes_due"),
            models.Index(fields=["account", "user"], name="wechat_pushes_of_user"),
            models.Index(fields=["received_at"], name="wechat_pushes_by_age"),
        )


class RememberedCall(models.Model):
    """The signature of a call, as a hash, with the digest of its body: another body under it is refused."""

    signature = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        """Nobody reads these but the door."""

        default_permissions = ()


class Cursor(models.Model):
    """How far customer service was pulled, and until when somebody is pulling."""

    account = models.ForeignKey(WeChatAccount, models.CASCADE, related_name="cursors")
    open_kfid = models.CharField(max_length=64)
    cursor = models.TextField(blank=True, default="")
    pulling_until = models.DateTimeField(null=True)

    class Meta:
        """One per account of customer service."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("account", "open_kfid"), name="wechat_one_cursor"),)


class Conversation(models.Model):
    """What goes on with one user of one account. ``person`` is the opaque name that the case and the lake have.

    ``kf`` is the customer-service account, empty for an official account. ``windows``: what the user may be sent still.
    ``handed_over``: why a person answers in the case that runs; empty while the assistant does.
    """

    account = models.ForeignKey(WeChatAccount, models.PROTECT, related_name="conversations")
    user = models.CharField(max_length=128)
    kf = models.CharField(max_length=64, blank=True, default="")
    person = models.CharField(max_length=200, unique=True)
    case = models.ForeignKey("care.Case", models.PROTECT, null=True, related_name="+")
    windows = models.JSONField(default=list)
    times_unsure = models.PositiveSmallIntegerField(default=0)
    handed_over = models.CharField(max_length=30, blank=True, default="")
    is_gone = models.BooleanField(default=False)
    last_at = models.DateTimeField()

    class Meta:
        """One per user; read by the newest."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("account", "kf", "user"), name="wechat_one_conversation"),)
        indexes = (models.Index(fields=["account", "last_at"], name="wechat_newest_talks"),)


class Outgoing(models.Model):
    """One message of a case on its way to its user, once. Its words are the message's, and go with them.

    ``queued_at`` is when it was taken from the user's quota.
    """

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="outgoing")
    message = models.OneToOneField("care.CaseMessage", models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=OUTGOING, default=LetterState.WAITING.value)
    queued_at = models.DateTimeField()
    next_try = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    fault = models.JSONField(default=list)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """Read by what is due; of one conversation in their order."""

        default_permissions = ()
        indexes = (models.Index(fields=["state", "next_try"], name="wechat_outgoing_due"),)
