"""The database follows the models: nobody changes a model and forgets its migration."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


@pytest.mark.django_db
def test_every_model_has_its_migration() -> None:
    kept = MigrationLoader(connection).project_state()
    missing = MigrationAutodetector(kept, ProjectState.from_apps(apps)).changes(graph=MigrationLoader(connection).graph)
    assert {label: [step.operations for step in steps] for label, steps in missing.items()} == {}
