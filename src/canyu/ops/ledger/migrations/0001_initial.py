from typing import Any

from django.db import migrations, models

from canyu.ledger import create_schema, drop_schema


def create_ledger(apps: Any, schema_editor: Any) -> None:
    create_schema(schema_editor.connection.connection)


def drop_ledger(apps: Any, schema_editor: Any) -> None:
    drop_schema(schema_editor.connection.connection)


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='Room',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'permissions': (('view_ledger', 'May read the ledger, prove it and export it'),),
                'managed': False,
                'default_permissions': (),
            },
        ),
        migrations.RunPython(create_ledger, drop_ledger),
    ]
