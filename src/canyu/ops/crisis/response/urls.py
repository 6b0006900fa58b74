"""The addresses of what is done in a crisis, below its run."""

from __future__ import annotations

from django.urls import path

from canyu.ops.crisis.response.goodwill import pages as goodwill
from canyu.ops.crisis.response.rebuttal import pages as rebuttal
from canyu.ops.crisis.response.retrospective import pages as retrospective
from canyu.ops.crisis.response.turning import pages as turning

urlpatterns = [
    path("one/<int:run_id>/opinion/", turning.show_opinion, name="crisis_opinion"),
    path("one/<int:run_id>/rebuttal/", rebuttal.show_rebuttal, name="crisis_rebuttal"),
    path("one/<int:run_id>/rebuttal/keep/", rebuttal.keep_rebuttal, name="keep_crisis_rebuttal"),
    path("one/<int:run_id>/rebuttal/<int:rebuttal_id>/brief/", rebuttal.brief_rebuttal, name="brief_crisis_rebuttal"),
    path("one/<int:run_id>/goodwill/", goodwill.show_goodwill, name="crisis_goodwill"),
    path("one/<int:run_id>/goodwill/create/", goodwill.create_goodwill, name="create_crisis_goodwill"),
    path("one/<int:run_id>/retrospective/", retrospective.show_retrospective, name="crisis_retrospective"),
    path(
        "one/<int:run_id>/retrospective.<str:form>", retrospective.send_retrospective, name="crisis_retrospective_file"
    ),
    path("one/<int:run_id>/lessons/", retrospective.add_lessons, name="add_crisis_lessons"),
]
