"""The addresses of a campaign's public page."""

from __future__ import annotations

from django.urls import path

from canyu.ops.campaigns.public import own_data, pages

urlpatterns = [
    path("<slug:slug>/", pages.show_page, name="campaign_page"),
    path("<slug:slug>/join/", pages.join, name="join_campaign"),
    path("<slug:slug>/leave/", pages.leave, name="leave_campaign"),
    path("<slug:slug>/my-data/", own_data.ask, name="ask_own_data"),
    path("<slug:slug>/my-data.zip", own_data.fetch, name="fetch_own_data"),
]
