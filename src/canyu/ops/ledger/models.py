"""The permission to read the ledger; its tables are made and guarded by ``canyu.ledger``, not by Django's models."""

from __future__ import annotations

from django.db import models


class Room(models.Model):
    """Holds no rows and has no table: Django ties a permission to a model."""

    class Meta:
        """The permission that the pages ask for."""

        managed = False
        default_permissions = ()
        permissions = (("view_ledger", "May read the ledger, prove it and export it"),)
