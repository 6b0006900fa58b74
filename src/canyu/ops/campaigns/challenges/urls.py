"""The addresses of the staff's pages of a challenge, below its campaign's."""

from __future__ import annotations

from django.urls import path

from canyu.ops.campaigns.challenges import pages

urlpatterns = [
    path("", pages.show_challenge, name="challenge"),
    path("edit/", pages.edit_challenge, name="edit_challenge"),
    path("entries/", pages.show_entries, name="challenge_entries"),
    path("entries/decide/", pages.decide, name="decide_challenge_entries"),
    path("entries/<int:entry_id>/", pages.show_entry, name="challenge_entry_staff"),
    path("entries/<int:entry_id>/image.jpg", pages.send_picture, name="challenge_entry_image"),
    path("entries/<int:entry_id>/points/", pages.give_points, name="give_challenge_points"),
    path("entries/<int:entry_id>/votes/", pages.decide_held, name="decide_challenge_votes"),
    path("undo/<int:step_id>/", pages.undo, name="undo_challenge_step"),
]
