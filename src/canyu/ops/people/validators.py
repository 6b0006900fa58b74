"""A new password must be new: the one-time password may not be kept."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class DifferentPasswordValidator:
    """Refuses the password that the account has now."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where ``password`` is the present one."""
        if user is not None and user.pk and user.check_password(password):
            raise ValidationError(_("This is the present password. Choose another one."), code="password_unchanged")

    def get_help_text(self) -> str:
        """Return the rule in words."""
        return _("It must differ from the present one.")
