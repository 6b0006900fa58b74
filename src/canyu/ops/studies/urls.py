"""The addresses of the studies."""

from __future__ import annotations

from django.urls import path

from canyu.ops.studies import design_pages, pages
from canyu.ops.studies.answers import QUESTIONS
from canyu.ops.studies.rules import Kind

urlpatterns = [
    path("", pages.show_studies, name="studies"),
    path("one/<int:study_id>/", pages.open_study, name="study"),
    path("one/<int:study_id>/away/", pages.put_study_away, name="put_study_away"),
]
for kind in QUESTIONS:
    given = {"kind": kind}
    urlpatterns += [
        path(f"{kind}/", pages.show_question, given, name=f"study_{kind}"),
        path(f"{kind}/proof/<slug:name>/", pages.show_question_proof, given, name=f"study_{kind}_proof"),
        path(f"{kind}/file/<slug:name>.<str:form>", pages.send_question_file, given, name=f"study_{kind}_file"),
        path(f"{kind}/save/", pages.save_question, given, name=f"save_{kind}"),
    ]
for kind, show in ((Kind.EXPERIMENT, design_pages.show_experiment), (Kind.LIFT, design_pages.show_lift)):
    given = {"kind": kind}
    one = f"{kind}/<int:study_id>/"
    urlpatterns += [
        path(f"{kind}/", design_pages.show_designs, given, name=f"study_{kind}"),
        path(f"{kind}/new/", design_pages.edit_design, given, name=f"new_{kind}"),
        path(one, show, name=f"one_{kind}"),
        path(f"{one}edit/", design_pages.edit_design, given, name=f"edit_{kind}"),
        path(f"{one}proof/<slug:name>/", design_pages.show_design_proof, given, name=f"one_{kind}_proof"),
        path(f"{one}file/<str:file>", design_pages.send_design_file, given, name=f"one_{kind}_file"),
    ]
urlpatterns += [
    path("experiment/<int:study_id>/days/", design_pages.show_experiment_days, name="one_experiment_days"),
    path("lift/<int:study_id>/markets/", design_pages.show_markets, name="one_lift_markets"),
]
