"""Django's pages (over its own ASGI handler they ran at a tenth of the speed, measured 2026-11)."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canyu.ops.settings")

application = get_wsgi_application()

from canyu.ops.insight.warm import start_warming  # noqa: E402 - Django must be set up first

start_warming()
