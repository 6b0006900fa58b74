"""The addresses of a campaign's public page."""

from __future__ import annotations

from django.urls import include, path

from canyu.ops.campaigns.charity import public as charity
from canyu.ops.campaigns.posters import public as posters
from canyu.ops.campaigns.public import own_data, pages

urlpatterns = [
    path("<slug:slug>/", pages.show_page, name="campaign_page"),
    path("<slug:slug>/join/", pages.join, name="join_campaign"),
    path("<slug:slug>/leave/", pages.leave, name="leave_campaign"),
    path("<slug:slug>/charity/", charity.show_page, name="charity_page"),
    path("<slug:slug>/charity/<slug:name>.jpg", charity.send_picture, name="charity_picture"),
    path("<slug:slug>/poster/", posters.make_poster, name="make_poster"),
    path("<slug:slug>/challenge/", include("canyu.ops.campaigns.challenges.public.urls")),
    path("<slug:slug>/my-data/", own_data.ask, name="ask_own_data"),
    path("<slug:slug>/my-data.zip", own_data.fetch, name="fetch_own_data"),
]
