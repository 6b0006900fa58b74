"""The addresses of the page of jobs."""

from __future__ import annotations

from django.urls import path

from canyu.ops.queue import pages

urlpatterns = [
    path("", pages.show_jobs, name="jobs"),
    path("one/<uuid:job_id>/again/", pages.try_again, name="try_job_again"),
]
