"""The facts about posters: designs with their pictures, which design a campaign shows, and each member's short link."""

from __future__ import annotations

from django.db import models

from canyu.ops.campaigns.models import Campaign, Member
from canyu.ops.links.models import ShortLink


class Picture(models.Model):
    """One product picture as it is drawn: decoded, turned upright and written anew, so that no metadata is left."""

    digest = models.CharField(max_length=32, unique=True)
    content = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        """The same picture is kept once."""

        default_permissions = ()


class Design(models.Model):
    """One revision of a campaign's poster; it is never changed, a changed design is the next revision."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="designs")
    revision = models.PositiveIntegerField()
    layout = models.CharField(max_length=20)
    accent = models.CharField(max_length=20)
    side = models.CharField(max_length=5)
    align = models.CharField(max_length=6)
    headline_zh = models.CharField(max_length=40)
    headline_en = models.CharField(max_length=80)
    subline_zh = models.CharField(max_length=80, default="")
    subline_en = models.CharField(max_length=140, default="")
    picture = models.ForeignKey(Picture, models.PROTECT, null=True, related_name="+")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        """The permissions are those of campaigns."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["campaign", "revision"], name="posters_one_revision"),)


class Shown(models.Model):
    """The design that members of a campaign get; a campaign without one has no posters."""

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="shown_poster")
    design = models.ForeignKey(Design, models.PROTECT, related_name="+")
    switched_by = models.CharField(max_length=150)
    switched_at = models.DateTimeField()

    class Meta:
        """One per campaign."""

        default_permissions = ()


class MemberLink(models.Model):
    """The short link on one member's posters, made with the first of them and never again."""

    member = models.OneToOneField(Member, models.CASCADE, related_name="poster_link")
    link = models.OneToOneField(ShortLink, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        """One per member, and so one per person and campaign."""

        default_permissions = ()
