"""The addresses of a challenge's public pages, below its campaign's."""

from __future__ import annotations

from django.urls import path

from canyu.ops.campaigns.challenges.public import api, pages

urlpatterns = [
    path("", pages.show_challenge, name="challenge_page"),
    path("enter/", pages.enter, name="enter_challenge"),
    path("board/", pages.show_board, name="challenge_board"),
    path("board.json", api.send_board, name="challenge_board_file"),
    path("rank.json", api.send_rank, name="challenge_rank_file"),
    path("<int:entry_id>/", pages.show_entry, name="challenge_entry"),
    path("<int:entry_id>/vote/", pages.vote, name="vote_challenge_entry"),
    path("<int:entry_id>/withdraw/", pages.withdraw, name="withdraw_challenge_entry"),
    path("<int:entry_id>/<slug:size>.jpg", pages.send_picture, name="challenge_picture"),
]
