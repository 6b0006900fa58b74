"""The facts about an account: Django's user, plus whether its password is still the one-time one."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    """One who may sign in. What they may do comes from their roles (groups)."""

    must_change_password = models.BooleanField(default=False)

    class Meta:
        """The permissions that pages and operations ask for."""

        default_permissions = ()
        permissions = (
            ("view_pulse", "May read the overview and open its figures"),
            ("view_posts", "May search and read posts"),
            ("manage_people", "May open accounts, give roles and close accounts"),
        )
