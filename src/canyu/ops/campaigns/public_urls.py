"""The addresses of a campaign's public page."""

from __future__ import annotations

from django.urls import include, path

from canyu.ops.campaigns.public import pages

urlpatterns = [
    path("<slug:slug>/", pages.show_page, name="campaign_page"),
    path("<slug:slug>/join/", pages.join, name="join_campaign"),
    path("<slug:slug>/leave/", pages.leave, name="leave_campaign"),
    path("<slug:slug>/challenge/", include("canyu.ops.campaigns.challenges.public.urls")),
]
