"""The addresses of crises: staff's under ``/crises/``, the public's under ``/statements/``."""

from __future__ import annotations

from django.urls import path

from canyu.ops.crisis import pages
from canyu.ops.crisis.faces import pages as faces
from canyu.ops.crisis.statements import pages as statements

urlpatterns = [
    path("", pages.show_crises, name="crises"),
    path("start/<int:case_id>/", pages.start_crisis, name="start_crisis"),
    path("one/<int:run_id>/", pages.show_run, name="crisis"),
    path("one/<int:run_id>/live/", pages.show_live, name="crisis_live"),
    path("one/<int:run_id>/do/<slug:what>/", pages.act_on_run, name="act_on_crisis"),
    path("one/<int:run_id>/statement/", statements.create_statement, name="create_statement"),
    path("statement/<int:statement_id>/", statements.show_statement, name="statement"),
    path("statement/<int:statement_id>/edit/", statements.edit_statement, name="edit_statement"),
    path("statement/<int:statement_id>/release/", statements.release_statement, name="release_statement"),
    path("statement/<int:statement_id>/return/", statements.return_statement, name="return_statement"),
    path("statement/<int:statement_id>/file/<slug:sha256>/", statements.send_draft_file, name="statement_draft_file"),
]
public = [
    path("<slug:slug>/", faces.show_statement, name="public_statement"),
    path("<slug:slug>/<int:release>/", faces.show_release, name="public_statement_release"),
    path("<slug:slug>/files/<slug:sha256>/", faces.send_file, name="public_statement_file"),
]
