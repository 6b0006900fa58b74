"""The addresses of crises: staff's under ``/crises/``, the public's under ``/statements/``."""

from __future__ import annotations

from django.urls import URLPattern, path

from canyu.ops.crisis import pages

urlpatterns = [
    path("", pages.show_crises, name="crises"),
    path("one/<int:run_id>/", pages.show_run, name="crisis"),
]
public: list[URLPattern] = []
