"""The addresses of the staff's page of posters, below a campaign's."""

from __future__ import annotations

from django.urls import path

from canyu.ops.campaigns.posters import pages

urlpatterns = [
    path("", pages.show_poster, name="poster"),
    path("preview/", pages.preview_poster, name="preview_poster"),
    path("save/", pages.save_poster, name="save_poster"),
    path("answer/", pages.answer_poster_finding, name="answer_poster_finding"),
    path("on/", pages.switch_poster_on, name="switch_poster_on"),
    path("off/", pages.switch_poster_off, name="switch_poster_off"),
]
