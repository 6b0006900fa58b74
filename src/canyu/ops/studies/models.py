"""The facts about studies: what was asked or designed under which name, and every text that it ever had."""

from __future__ import annotations

from django.db import models

from canyu.ops.studies.rules import Kind


class Study(models.Model):
    """One question or design, kept by name; its words are those of its newest text."""

    kind = models.CharField(max_length=12, choices=[(one.value, one.name) for one in Kind])
    name = models.CharField(max_length=120)
    is_away = models.BooleanField(default=False)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        """The permissions that the pages ask for, and one study per name."""

        default_permissions = ()
        permissions = (
            ("view_studies", "May see funnels, attribution, experiments and lift studies"),
            ("manage_studies", "May keep questions and designs"),
        )
        constraints = (models.UniqueConstraint(fields=("kind", "name"), name="one_study_per_kind_and_name"),)


class StudyText(models.Model):
    """One text of a study, never changed: the query of a question's address, or a design in YAML.

    ``table`` is a CSV of unit, time and value that a lift study reads instead of the lake.
    """

    study = models.ForeignKey(Study, models.CASCADE, related_name="texts")
    number = models.PositiveIntegerField()
    text = models.TextField()
    table = models.TextField(blank=True)
    lake = models.CharField(max_length=64)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        """Numbered from 1 within the study."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("study", "number"), name="one_text_per_study_and_number"),)
