"""The facts about knowledge: versions of articles, whose texts never change, and talks with the assistant."""

from __future__ import annotations

from django.db import models

from canyu.ops.care.models import Case


class ArticleVersion(models.Model):
    """One version of an article. Its texts are never edited: a newer version takes its place, or it is withdrawn.

    A text that is not written in a language is empty there. ``ends_at`` is the first instant that is too late.
    """

    slug = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    is_newest = models.BooleanField(default=True)
    title_zh = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    body_zh = models.TextField(blank=True)
    body_en = models.TextField(blank=True)
    audience = models.CharField(max_length=8)
    source = models.CharField(max_length=200)
    link = models.CharField(max_length=500, blank=True)
    products = models.JSONField(default=list)
    asked = models.JSONField(default=list)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True, default="")
    withdrawn_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        """A number once, and one newest version; the permissions that the pages ask for."""

        default_permissions = ()
        permissions = (
            ("view_knowledge", "May read articles, try the assistant and read what people asked it"),
            ("manage_knowledge", "May publish, import and withdraw articles"),
        )
        constraints = (
            models.UniqueConstraint(fields=("slug", "number"), name="knowledge_one_version_per_number"),
            models.UniqueConstraint(
                fields=("slug",), condition=models.Q(is_newest=True), name="knowledge_one_newest_version"
            ),
        )


class Change(models.Model):
    """The one row that tells every process that its index is old; its lock makes numbers grow as commits do.

    ``token`` is new each time: a database that was put back from a copy may come to the same number again.
    """

    number = models.PositiveBigIntegerField(default=0)
    token = models.CharField(max_length=32, default="")

    class Meta:
        """One row."""

        default_permissions = ()


class Talk(models.Model):
    """One talk of somebody with the assistant. ``key`` is secret: the link of its page is made of it.

    ``person`` is an opaque id of this talk alone; ``form`` the form that began it, so that one sent twice is one talk.
    """

    key = models.CharField(max_length=64, unique=True)
    form = models.CharField(max_length=64, unique=True)
    person = models.CharField(max_length=120, unique=True)
    started_at = models.DateTimeField()
    last_at = models.DateTimeField()
    reason = models.CharField(max_length=20, blank=True, default="")
    """Why the last hand-over was one; empty where there was none."""
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="talks")

    class Meta:
        """Read by time, newest first."""

        default_permissions = ()
        indexes = (models.Index(fields=["-last_at", "-id"], name="knowledge_talks_by_time"),)


class Outcome(models.TextChoices):
    """What became of a question."""

    ANSWER = "answer"
    ASK_BACK = "ask_back"
    HAND_OVER = "hand_over"


class Turn(models.Model):
    """One question and what went out. Once its talk is dropped for its age, the words are empty and it is counted.

    ``sources``: the articles that were quoted or shown, with version, title and score.
    """

    talk = models.ForeignKey(Talk, models.CASCADE, null=True, related_name="turns")
    form = models.CharField(max_length=64)
    at = models.DateTimeField()
    language = models.CharField(max_length=2)
    question = models.TextField(blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.CharField(max_length=20, blank=True, default="")
    text = models.TextField(blank=True)
    sources = models.JSONField(default=list)
    rephrasing = models.CharField(max_length=8, blank=True, default="")
    refusal = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        """A form once per talk."""

        default_permissions = ()
        indexes = (models.Index(fields=["at"], name="knowledge_turns_by_time"),)
        constraints = (models.UniqueConstraint(fields=("talk", "form"), name="knowledge_one_turn_per_form"),)
