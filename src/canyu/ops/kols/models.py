"""The facts about KOLs: who they are, their accounts and prices, contracts, plans and bookings."""

from __future__ import annotations

from django.db import models

MARK = "|"
"""Stands around every item of a list kept as text, so that SQLite and PostgreSQL find an item alike."""


class KolKind(models.TextChoices):
    """What somebody is to the brand."""

    CREATOR = "creator"
    MEDIA = "media"
    AGENCY = "agency"
    EMPLOYEE = "employee"


class PostKind(models.TextChoices):
    """What is paid for."""

    POST = "post"
    VIDEO = "video"
    LIVE = "live"


class PlanState(models.TextChoices):
    """Where a plan stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    CLOSED = "closed"


class BookingState(models.TextChoices):
    """Where a booking stands; ``rules.bookings`` says which step may follow which."""

    BRIEF = "brief"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    POSTED = "posted"
    CHECKED = "checked"
    PAID = "paid"
    CANCELLED = "cancelled"


class Kol(models.Model):
    """One person or house that a brand may ask; blocked ones are not asked, watched ones are suspected of smearing."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=KolKind.choices, default=KolKind.CREATOR)
    note = models.TextField(blank=True, default="")
    is_blocked = models.BooleanField(default=False)
    blocked_reason = models.CharField(max_length=500, blank=True, default="")
    blocked_by = models.CharField(max_length=150, blank=True, default="")
    blocked_at = models.DateTimeField(null=True)
    is_watched = models.BooleanField(default=False)
    watched_reason = models.CharField(max_length=500, blank=True, default="")
    watched_posts = models.JSONField(default=list)
    watched_by = models.CharField(max_length=150, blank=True, default="")
    watched_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=150, blank=True, default="")
    changed_at = models.DateTimeField(null=True)

    class Meta:
        """The permissions that the pages ask for."""

        default_permissions = ()
        permissions = (
            ("view_kols", "May read the roster of KOLs, plans and bookings"),
            ("manage_kols", "May change the roster, plan, book and check"),
            ("approve_payment", "May pay what somebody else has checked"),
        )


class Account(models.Model):
    """One account of a KOL; ``actor`` is the key of its events in the lake and of its node in the influence graph."""

    kol = models.ForeignKey(Kol, models.CASCADE, related_name="accounts")
    platform = models.CharField(max_length=40)
    handle = models.CharField(max_length=120)
    actor = models.CharField(max_length=200, blank=True, default="")
    url = models.CharField(max_length=500, blank=True, default="")
    followers = models.BigIntegerField(null=True)
    followers_day = models.DateField(null=True)
    topics = models.TextField(blank=True, default="")
    markets = models.CharField(max_length=200, blank=True, default="")
    has_disclosure_duty = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    posts_90d = models.IntegerField(null=True)
    median_reposts = models.FloatField(null=True)
    performance = models.JSONField(default=dict)

    class Meta:
        """A handle stands once per platform, an actor once at all: what it posts belongs to one account."""

        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("platform", "handle"), name="one_account_per_handle"),
            models.UniqueConstraint(fields=("actor",), condition=~models.Q(actor=""), name="one_account_per_actor"),
        )
        indexes = (models.Index(fields=["followers"], name="kols_by_followers"),)

    @property
    def topic_list(self) -> list[str]:
        """What it writes about, the first first."""
        return split_list(self.topics)

    @property
    def market_list(self) -> list[str]:
        """Where its readers are, the first first."""
        return split_list(self.markets)

    @property
    def carried(self) -> int | None:
        """Reposts by others below its posts and reposts; None before the first measurement."""
        found: int | None = self.performance.get("carried")
        return found


class PastHandle(models.Model):
    """A handle that an account had up to a day; its platform's own id told that it is the same account."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="past_handles")
    handle = models.CharField(max_length=120)
    until = models.DateField()

    class Meta:
        """Read by handle too: a file of before the change still uses it."""

        default_permissions = ()
        indexes = (models.Index(fields=["handle"], name="kols_past_handles"),)


class Price(models.Model):
    """What one post of a kind costs, from a day on and up to a day (null: until told otherwise)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="prices")
    kind = models.CharField(max_length=8, choices=PostKind.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        """One price of a kind begins on a day, and one is open."""

        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("account", "kind", "currency", "since"), name="one_price_per_day"),
            models.UniqueConstraint(
                fields=("account", "kind", "currency"), condition=models.Q(until=None), name="one_open_price"
            ),
            models.CheckConstraint(condition=models.Q(amount_minor__gte=0), name="no_price_below_zero"),
        )


class FollowerCount(models.Model):
    """How many followers an account had on a day."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="follower_counts")
    day = models.DateField()
    followers = models.BigIntegerField()
    source = models.CharField(max_length=40)

    class Meta:
        """One count per day; a later one of the same day replaces it."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("account", "day"), name="one_follower_count_per_day"),)


class Contract(models.Model):
    """What was agreed with a KOL, from a day on and up to a day (null: open)."""

    kol = models.ForeignKey(Kol, models.CASCADE, related_name="contracts")
    since = models.DateField()
    until = models.DateField(null=True)
    terms = models.TextField(blank=True, default="")
    exclusivity = models.TextField(blank=True, default="")
    has_disclosure_duty = models.BooleanField(default=True)
    made_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        """One contract begins on a day."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("kol", "since"), name="one_contract_per_day"),)


class Signal(models.Model):
    """One sign of authenticity, with its usual band and the rows behind it; a null value says why in ``missing``."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="signals")
    name = models.CharField(max_length=40)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    is_outside = models.BooleanField(default=False)
    missing = models.CharField(max_length=40, blank=True, default="")
    evidence = models.JSONField(default=dict)
    computed_at = models.DateTimeField()
    versions = models.JSONField(default=dict)

    class Meta:
        """The newest of each kind is kept."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("account", "name"), name="one_signal_of_a_kind"),)


class Plan(models.Model):
    """Which accounts were chosen for a goal within a budget; ``result`` holds the choice, its certificate, versions."""

    name = models.CharField(max_length=120)
    goal = models.CharField(max_length=200, blank=True, default="")
    campaign = models.CharField(max_length=120, blank=True, default="")
    budget_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="CNY")
    deadline_h = models.FloatField(null=True)
    starts_at = models.DateTimeField(null=True)
    settings = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=PlanState.choices, default=PlanState.DRAFT)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150, blank=True, default="")
    changed_at = models.DateTimeField(null=True)

    class Meta:
        """Read by time."""

        default_permissions = ()
        indexes = (models.Index(fields=["state", "made_at"], name="kols_plans_by_state"),)


class KeptList(models.Model):
    """A list of accounts too long for an address, which holds its ``digest`` instead; keys of accounts alone."""

    digest = models.CharField(max_length=32, unique=True)
    keys = models.TextField()
    used_at = models.DateTimeField()

    class Meta:
        """Dropped by age."""

        default_permissions = ()
        indexes = (models.Index(fields=["used_at"], name="kols_lists_by_use"),)


class Booking(models.Model):
    """One post that an account is asked for. Without an account: the person was erased, the amount stays."""

    plan = models.ForeignKey(Plan, models.SET_NULL, null=True, related_name="bookings")
    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="bookings")
    campaign = models.CharField(max_length=120, blank=True, default="")
    kind = models.CharField(max_length=8, choices=PostKind.choices, default=PostKind.POST)
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=BookingState.choices, default=BookingState.BRIEF)
    state_at = models.DateTimeField()
    brief = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField(null=True)
    post_due_at = models.DateTimeField(null=True)
    post_id = models.CharField(max_length=200, blank=True, default="")
    post_url = models.CharField(max_length=500, blank=True, default="")
    posted_at = models.DateTimeField(null=True)
    planned_low = models.FloatField(null=True)
    planned_reach = models.FloatField(null=True)
    planned_high = models.FloatField(null=True)
    reach_hours = models.PositiveIntegerField(default=72)
    actual_reach = models.BigIntegerField(null=True)
    actual = models.JSONField(default=dict)
    checks = models.JSONField(default=dict)
    checked_by = models.CharField(max_length=150, blank=True, default="")
    payment_reference = models.CharField(max_length=120, blank=True, default="")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        """Read by state and by what is due; one post is paid for once."""

        default_permissions = ()
        indexes = (models.Index(fields=["state", "post_due_at"], name="kols_bookings_by_state"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(price_minor__gte=0), name="no_booking_below_zero"),
            models.UniqueConstraint(fields=("post_id",), condition=~models.Q(post_id=""), name="one_booking_per_post"),
        )


class BookingStep(models.Model):
    """One step that a booking took: who, when, from where to where."""

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="steps")
    before = models.CharField(max_length=10, blank=True, default="")
    after = models.CharField(max_length=10)
    who = models.CharField(max_length=150)
    at = models.DateTimeField()
    is_late = models.BooleanField(default=False)
    is_undo = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        """Read in order."""

        default_permissions = ()
        indexes = (models.Index(fields=["booking", "at"], name="kols_steps_by_booking"),)


class RosterUpload(models.Model):
    """One uploaded roster file: its content until it is imported, its report after that, a week at most."""

    file_name = models.CharField(max_length=120)
    content = models.BinaryField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)
    report = models.JSONField(default=dict)

    class Meta:
        """Dropped by age."""

        default_permissions = ()


def split_list(kept: str) -> list[str]:
    """Return the items of a list that is kept as text.

    >>> split_list("|coffee|tea|"), split_list("")
    (['coffee', 'tea'], [])
    """
    return [item for item in kept.split(MARK) if item]


def join_list(items: list[str]) -> str:
    """Return a list as it is kept: every item between marks.

    >>> join_list(["coffee", "tea"]), join_list([])
    ('|coffee|tea|', '')
    """
    cleaned = dict.fromkeys(item.replace(MARK, " ").strip() for item in items)
    names = [item for item in cleaned if item]
    return MARK + MARK.join(names) + MARK if names else ""
