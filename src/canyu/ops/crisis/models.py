"""The facts of a crisis: records of runs, which are only ever added to, statements in versions, and their files.

Words and names that belong to people stand apart from the records, so that a person can be erased and the list stays
whole.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from canyu.ops.care.models import FAR, Case


class Run(models.Model):
    """One crisis, worked by a copy of a playbook; every column but its names is derived from its records."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="crisis_runs")
    title = models.CharField(max_length=120)
    product = models.CharField(max_length=200, default="")
    topic = models.CharField(max_length=100, default="")
    """Words that posts about the claim hold, by which the live picture finds them; separated by spaces."""
    playbook = models.CharField(max_length=60)
    status = models.CharField(max_length=8)
    is_open = models.BooleanField(default=True)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=150)
    closed_at = models.DateTimeField(null=True)
    update_due = models.DateTimeField(null=True)
    next_due = models.DateTimeField(default=FAR)
    """The earliest of what is still to do, the next status update included."""
    items_done = models.PositiveSmallIntegerField(default=0)
    items_all = models.PositiveSmallIntegerField(default=0)
    look_at = models.DateTimeField(null=True)
    """When the sweep must look again: the next time something falls overdue that nobody noted yet."""
    records_count = models.PositiveIntegerField(default=0)

    class Meta:
        """Read by what is due next; a case has one open run at a time."""

        default_permissions = ()
        permissions = (
            ("view_crisis", "May see crises: runs, drafts of statements, the live picture"),
            ("manage_crisis", "May start and work on crises, and write statements"),
            ("release_statements", "May release statements that somebody else wrote"),
        )
        constraints = (
            models.UniqueConstraint(fields=("case",), condition=Q(is_open=True), name="crisis_one_open_run_per_case"),
        )
        indexes = (
            models.Index(fields=["is_open", "next_due", "id"], name="crisis_due_next"),
            models.Index(fields=["look_at"], name="crisis_look_at"),
        )

    @property
    def number(self) -> str:
        """How people call it."""
        return f"R{self.pk:04d}"


class RunRecord(models.Model):
    """One thing that happened in a run, never changed and never dropped; the list is the truth."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="records")
    sequence = models.PositiveIntegerField()
    type = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    audience = models.CharField(max_length=8)
    body = models.JSONField()

    class Meta:
        """Numbered without a gap: of two writers the second begins anew."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("run", "sequence"), name="crisis_one_record_per_place"),)


class RunText(models.Model):
    """The words of a status update or a note; they may be erased, and the record that there was one stays."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="texts")
    audience = models.CharField(max_length=8)
    by = models.CharField(max_length=150)
    text = models.TextField()
    at = models.DateTimeField()
    is_erased = models.BooleanField(default=False)

    class Meta:
        """Read with its run."""

        default_permissions = ()


class Stakeholder(models.Model):
    """Somebody who must be told; ``person`` is their actor in the lake where they have one."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="stakeholders")
    name = models.CharField(max_length=80)
    organisation = models.CharField(max_length=120, default="")
    contact = models.CharField(max_length=200, default="")
    audience = models.CharField(max_length=8)
    person = models.CharField(max_length=200, default="", db_index=True)
    is_erased = models.BooleanField(default=False)

    class Meta:
        """Read with their run."""

        default_permissions = ()


class Statement(models.Model):
    """A statement at one public address; what it says stands in its versions."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="statements")
    slug = models.SlugField(max_length=60, unique=True)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()

    class Meta:
        """Found by its address."""

        default_permissions = ()


class StatementFile(models.Model):
    """A file that was checked and is kept as it came, found by the SHA-256 of its bytes; never changed."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="files")
    name = models.CharField(max_length=100)
    media_type = models.CharField(max_length=40)
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    kept_by = models.CharField(max_length=150)
    kept_at = models.DateTimeField()

    class Meta:
        """The same bytes are kept once per statement."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("statement", "sha256"), name="crisis_same_bytes_once"),)


class StatementVersion(models.Model):
    """What a statement says, written once and never edited; ``release`` counts what the public saw, from 1."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    author = models.CharField(max_length=150)
    written_at = models.DateTimeField()
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    """SHA-256 of the canonical JSON of ``body``: what was released is what was read."""
    release = models.PositiveIntegerField(null=True)
    released_by = models.CharField(max_length=150, default="")
    released_at = models.DateTimeField(null=True)

    class Meta:
        """Whatever the code above believes: one number once, one release once, and no author releases their own."""

        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("statement", "number"), name="crisis_one_version_per_number"),
            models.UniqueConstraint(fields=("statement", "release"), name="crisis_one_version_per_release"),
            models.CheckConstraint(
                condition=Q(release__isnull=True, released_at__isnull=True, released_by="")
                | (
                    Q(release__isnull=False, released_at__isnull=False)
                    & ~Q(released_by="")
                    & ~Q(released_by=F("author"))
                ),
                name="crisis_four_eyes",
            ),
        )
