"""The addresses of the pages of live sessions."""

from __future__ import annotations

from django.urls import path

from canyu.ops.campaigns.lives import pages
from canyu.ops.campaigns.lives.intake import pages as intake

urlpatterns = [
    path("", pages.show_sessions, name="lives"),
    path("new/", pages.plan_session, name="plan_live"),
    path("minutes.csv", intake.send_template, name="live_template"),
    path("<int:session_id>/", pages.show_session, name="live"),
    path("<int:session_id>/board/", pages.show_board, name="live_board"),
    path("<int:session_id>/edit/", pages.edit_session, name="edit_live"),
    path("<int:session_id>/start/", pages.start_session, name="start_live"),
    path("<int:session_id>/end/", pages.end_session, name="end_live"),
    path("<int:session_id>/marks/", pages.set_mark, name="mark_live"),
    path("<int:session_id>/marks/<int:mark_id>/", pages.drop_mark, name="unmark_live"),
    path("<int:session_id>/minutes/", intake.upload_minutes, name="upload_live_minutes"),
    path("<int:session_id>/minute/", intake.tell_minute, name="tell_live_minute"),
    path("<int:session_id>/clips/", intake.add_clip, name="add_live_clip"),
    path("<int:session_id>/plays/", intake.upload_plays, name="upload_live_plays"),
    path("<int:session_id>/plays/now/", intake.tell_plays, name="tell_live_plays"),
    path("<int:session_id>/proof/<slug:name>/", pages.show_proof, name="live_proof"),
    path("<int:session_id>/minutes.<str:form>", pages.send_file_of_session, name="live_file"),
]
