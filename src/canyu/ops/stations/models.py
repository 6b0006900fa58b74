"""The facts about stations: benches, who holds which of their quarters of an hour, and the reminders that left."""

from __future__ import annotations

from django.db import models


class BookingState(models.TextChoices):
    """Where a booking stands; held and booked ones have cells of their own."""

    HELD = "held"
    BOOKED = "booked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    CAME = "came"
    MISSED = "missed"


class Notice(models.TextChoices):
    """What a mail of a booking is for."""

    BOOKED = "booked"
    DAY_BEFORE = "day_before"


class Mail(models.TextChoices):
    """Where one mail stands; unclear: the server was talking to us when it ended."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    LATE = "late"


class Station(models.Model):
    """A place that people bring things to. ``calendar``: its opening hours as YAML, as a person wrote them."""

    slug = models.SlugField(max_length=60, unique=True)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)
    address_zh = models.CharField(max_length=200)
    address_en = models.CharField(max_length=200)
    calendar = models.TextField()
    slot_minutes = models.PositiveSmallIntegerField()
    notice_minutes = models.PositiveIntegerField()
    horizon_days = models.PositiveSmallIntegerField()
    hold_minutes = models.PositiveSmallIntegerField()
    is_on = models.BooleanField(default=True)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        """The permissions that the pages ask for."""

        default_permissions = ()
        permissions = (
            ("view_stations", "May see stations and who comes when"),
            ("manage_stations", "May keep stations and benches, cancel bookings and note who came"),
        )


class Bench(models.Model):
    """A place at a station where one thing is worked on at a time, and what can be done there."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="benches")
    name = models.CharField(max_length=40)
    skills = models.JSONField(default=list)
    is_on = models.BooleanField(default=True)

    class Meta:
        """A name once per station."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("station", "name"), name="one_bench_per_name"),)


class Booking(models.Model):
    """One visit, held for some minutes and then booked. ``key`` is secret: the visitor's link is made of it.

    ``person`` is an opaque id of this booking alone; ``consent`` the fingerprint of the text that they agreed to;
    ``origin`` the scheme and host at which they booked, which the link in a mail leads to.
    """

    station = models.ForeignKey(Station, models.PROTECT, related_name="bookings")
    bench = models.ForeignKey(Bench, models.PROTECT, related_name="bookings")
    key = models.CharField(max_length=64, unique=True)
    visit = models.CharField(max_length=64)
    person = models.CharField(max_length=120, unique=True)
    skill = models.CharField(max_length=20)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=BookingState.choices, default=BookingState.HELD)
    held_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    booked_at = models.DateTimeField(null=True)
    name = models.CharField(max_length=60, blank=True, default="")
    phone = models.CharField(max_length=30, blank=True, default="")
    mail = models.CharField(max_length=254, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")
    consent = models.CharField(max_length=64, blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")
    origin = models.CharField(max_length=200, blank=True, default="")
    changed_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        """Read by the day, by the visit and by expiry."""

        default_permissions = ()
        indexes = (
            models.Index(fields=["station", "starts_at"], name="bookings_by_start"),
            models.Index(fields=["state", "expires_at"], name="bookings_by_expiry"),
            models.Index(fields=["visit"], name="bookings_by_visit"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("visit",), condition=models.Q(state="held"), name="one_hold_per_visit"
            ),  # the same form sent twice at once
        )


class Cell(models.Model):
    """A quarter of an hour of a bench that a booking has; gone once the booking is.

    The quarter, not the slot: a station whose slots are made longer still cannot book over what it has.
    """

    bench = models.ForeignKey(Bench, models.CASCADE, related_name="cells")
    starts_at = models.DateTimeField()
    booking = models.ForeignKey(Booking, models.CASCADE, related_name="cells")

    class Meta:
        """The guard against two bookings at once, whatever the code above believes."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("bench", "starts_at"), name="one_booking_per_cell"),)


class Reminder(models.Model):
    """One mail of a booking, and what became of it."""

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="reminders")
    notice = models.CharField(max_length=10, choices=Notice.choices)
    state = models.CharField(max_length=8, choices=Mail.choices, default=Mail.WAITING)
    next_try = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=200, blank=True, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """Each notice of a booking once."""

        default_permissions = ()
        indexes = (models.Index(fields=["state", "next_try"], name="reminders_due"),)
        constraints = (models.UniqueConstraint(fields=("booking", "notice"), name="one_reminder_per_notice"),)
