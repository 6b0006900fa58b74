"""The facts of care: records of cases, which are only ever added to, and what is derived from them for lists.

Words that people wrote stand apart from the records, so that a person can be erased and the list stays whole.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models

FAR = datetime(9999, 12, 31, tzinfo=UTC)
"""Burns never: a time, so that the list is read in the order of one index on every database."""


class Channel(models.TextChoices):
    """Where a case came from."""

    STAFF = "staff"
    WEB = "web"
    API = "api"
    POST = "post"
    ALERT = "alert"
    RUMOUR = "rumour"
    PROMISE = "promise"
    WECHAT = "wechat"


class Sending(models.TextChoices):
    """Where a notice stands on its way."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    CONSOLE = "console"
    """Nobody of the role has an address: it is read in the console alone."""
    MOOT = "moot"
    """Solved before it could be sent."""


class Case(models.Model):
    """A case as its records make it; every column but those of its customer is derived in the same transaction."""

    kind = models.CharField(max_length=12)
    harm = models.CharField(max_length=12)
    severity = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=8)
    is_open = models.BooleanField(default=True)
    title = models.CharField(max_length=120)
    product = models.CharField(max_length=200)
    market = models.CharField(max_length=40)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    reach = models.PositiveBigIntegerField(default=0)
    assignee = models.CharField(max_length=150, default="")
    skills = models.JSONField(default=list)
    opened_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True)
    mentioned_at = models.DateTimeField()
    first_response_due = models.DateTimeField(null=True)
    solution_due = models.DateTimeField(null=True)
    update_due = models.DateTimeField(null=True)
    burns_at = models.DateTimeField(default=FAR)
    is_missed = models.BooleanField(default=False)
    look_at = models.DateTimeField(null=True)
    rating = models.PositiveSmallIntegerField(null=True)
    records_count = models.PositiveIntegerField(default=0)
    person = models.CharField(max_length=200, default="", db_index=True)
    """The customer, as the lake calls an actor; empty where nobody asked."""
    contact = models.CharField(max_length=200, default="")
    link_digest = models.CharField(max_length=64, null=True, unique=True)
    consent = models.JSONField(default=dict)
    opening_event = models.CharField(max_length=200, default="")
    """The event of the lake that answers and solutions belong to."""

    class Meta:
        """Read by what burns next, by what a sweep must look at, and by what a mention may join."""

        default_permissions = ()
        permissions = (
            ("view_cases", "May read cases"),
            ("manage_cases", "May open, answer, pause, solve and pass on cases"),
            ("manage_care", "May change calendars, policies, agents and texts of care, and recalculate"),
        )
        indexes = (
            models.Index(fields=["is_open", "burns_at", "id"], name="care_burns_next"),
            models.Index(fields=["is_missed", "is_open", "burns_at", "id"], name="care_missed_next"),
            models.Index(fields=["look_at"], name="care_look_at"),
            models.Index(fields=["product", "mentioned_at"], name="care_may_join"),
            models.Index(fields=["is_open", "assignee", "burns_at"], name="care_by_assignee"),
        )

    @property
    def number(self) -> str:
        """How people call it."""
        return f"C{self.pk:06d}"


class CaseRecord(models.Model):
    """One thing that happened to a case, never changed and never dropped; the list is the truth."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="records")
    sequence = models.PositiveIntegerField()
    type = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    audience = models.CharField(max_length=8)
    body = models.JSONField()

    class Meta:
        """Numbered without a gap: of two writers the second begins anew."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("case", "sequence"), name="care_one_record_per_place"),)


class CaseMessage(models.Model):
    """The words of a message; they go when their writer is erased, and the record that there was one stays."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="messages")
    audience = models.CharField(max_length=8)
    by = models.CharField(max_length=150)
    is_customer = models.BooleanField(default=False)
    is_automatic = models.BooleanField(default=False)
    text = models.TextField()
    at = models.DateTimeField()
    is_erased = models.BooleanField(default=False)

    class Meta:
        """Read with its case."""

        default_permissions = ()


class CaseMention(models.Model):
    """One mention that a case was made of; ``key`` is its post in the lake, or a name of our own."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="mentions")
    key = models.CharField(max_length=200, unique=True)
    is_post = models.BooleanField(default=False)
    text = models.TextField()
    actor = models.CharField(max_length=200, default="", db_index=True)
    at = models.DateTimeField()
    reach = models.PositiveBigIntegerField(default=0)

    class Meta:
        """A post is in one case only."""

        default_permissions = ()


class PolicyCopy(models.Model):
    """What a policy said when a case was given it, calendar and official days included; never changed."""

    digest = models.CharField(max_length=32, unique=True)
    body = models.JSONField()

    class Meta:
        """Cases share what is the same."""

        default_permissions = ()


class Versioned(models.Model):
    """What is kept by name in versions that are never changed; the newest one that is not withdrawn holds."""

    name = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    is_withdrawn = models.BooleanField(default=False)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        """No table of its own."""

        abstract = True
        default_permissions = ()


class CareCalendar(Versioned):
    """One version of a calendar, as it was written in YAML."""

    text = models.TextField()

    class Meta(Versioned.Meta):
        """One version per number."""

        abstract = False
        constraints = (models.UniqueConstraint(fields=("name", "number"), name="care_one_calendar_per_number"),)


class CarePolicy(Versioned):
    """One version of a policy; ``calendar`` is a name, empty for around the clock; ``kinds``: empty for all."""

    calendar = models.CharField(max_length=60, default="")
    kinds = models.JSONField(default=list)
    first_response_s = models.PositiveIntegerField(null=True)
    solution_s = models.PositiveIntegerField(null=True)
    update_s = models.PositiveIntegerField(null=True)
    thresholds = models.JSONField(default=list)
    chain = models.JSONField(default=list)

    class Meta(Versioned.Meta):
        """One version per number."""

        abstract = False
        constraints = (models.UniqueConstraint(fields=("name", "number"), name="care_one_policy_per_number"),)


class ProductPlan(Versioned):
    """One version of what a product's buyers were promised, as it was written in YAML; ``name`` is the product."""

    text = models.TextField()

    class Meta(Versioned.Meta):
        """One version per number."""

        abstract = False
        constraints = (models.UniqueConstraint(fields=("name", "number"), name="care_one_plan_per_number"),)


class Agent(models.Model):
    """Somebody who takes cases, or is called by the chain; ``addresses`` are names, never the addresses."""

    username = models.CharField(max_length=150, unique=True)
    skills = models.JSONField(default=list)
    most_cases = models.PositiveIntegerField(default=20)
    is_present = models.BooleanField(default=True)
    roles = models.JSONField(default=list)
    calendar = models.CharField(max_length=60, default="")
    addresses = models.JSONField(default=list)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        """By the name of their account."""

        default_permissions = ()


class CannedAnswer(models.Model):
    """A text written beforehand, in both languages."""

    name = models.CharField(max_length=60, unique=True)
    text_zh = models.TextField()
    text_en = models.TextField()
    is_withdrawn = models.BooleanField(default=False)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        """By name."""

        default_permissions = ()


class Notice(models.Model):
    """One notice to one role: a clock of a case passed a threshold, or (``chain``) a step of the chain has its turn."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="notices")
    clock = models.CharField(max_length=16)
    threshold = models.PositiveIntegerField()
    role = models.CharField(max_length=16)
    crossed_at = models.DateTimeField()
    send_at = models.DateTimeField()
    sending = models.CharField(max_length=10, choices=Sending.choices, default=Sending.WAITING)
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    told = models.JSONField(default=list)
    """The names of the addresses that have taken it: they are not told again when another one failed."""
    fault = models.CharField(max_length=40, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """One per case, clock, threshold and role, for ever."""

        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("case", "clock", "threshold", "role"), name="care_one_notice_for_ever"),
        )
        indexes = (models.Index(fields=["sending", "due_at"], name="care_notices_due"),)
