"""What allauth asks us: nobody signs up by themselves, and a chosen password is no longer one-time."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from canyu.ops.people.actions import change_own_password


class ClosedDoorAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Accounts are opened by an administrator only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Return False: there is no sign-up."""
        return False

    def set_password(self, user: Any, password: str) -> None:
        """Change the password through the one action that may."""
        change_own_password(user, password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's signature
        """Go on to the first page."""
        return "/"
