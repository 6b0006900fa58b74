"""The database follows the models: nobody changes a model and forgets its migration."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_every_model_has_its_migration() -> None:
    told = StringIO()
    call_command("makemigrations", dry_run=True, verbosity=1, stdout=told)
    assert told.getvalue() == "No changes detected\n"
