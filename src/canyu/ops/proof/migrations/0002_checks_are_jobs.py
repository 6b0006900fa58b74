from datetime import UTC, datetime
from typing import Any

from django.db import migrations


def ask_for_waiting(apps: Any, schema_editor: Any) -> None:
    """A check that waits becomes a job: nothing else comes for it any more."""
    jobs = apps.get_model("django_tasks_database", "DBTaskResult").objects
    for run in apps.get_model("proof", "ClaimsRun").objects.filter(state="waiting"):
        jobs.create(
            args_kwargs={"args": [run.pk], "kwargs": {}},
            task_path="canyu.ops.proof.claims.actions.run_check",
            queue_name="slow",
            backend_name="default",
            run_after=datetime(9999, 1, 1, tzinfo=UTC),
        )


class Migration(migrations.Migration):

    dependencies = [
        ('proof', '0001_initial'),
        ('django_tasks_database', '0021_conditional_partial_index_ordering'),
    ]

    operations = [
        migrations.RunPython(ask_for_waiting, migrations.RunPython.noop),
        migrations.RemoveIndex(
            model_name='claimsrun',
            name='claims_runs_due',
        ),
        migrations.RemoveField(
            model_name='claimsrun',
            name='attempts',
        ),
        migrations.RemoveField(
            model_name='claimsrun',
            name='due_at',
        ),
    ]
