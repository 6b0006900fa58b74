"""The addresses of the campaigns' pages; the public page is in ``public_urls``."""

from __future__ import annotations

from django.urls import include, path

from canyu.ops.campaigns import pages
from canyu.ops.campaigns.referral import pages as referral

urlpatterns = [
    path("", pages.show_campaigns, name="campaigns"),
    path("new/", pages.create_campaign, name="create_campaign"),
    path("about/<slug:kind>/", pages.show_about, name="about_campaigns"),
    path("<int:campaign_id>/", pages.show_campaign, name="campaign"),
    path("<int:campaign_id>/edit/", pages.edit_campaign, name="edit_campaign"),
    path("<int:campaign_id>/answer/", pages.answer_finding, name="answer_campaign_finding"),
    path("<int:campaign_id>/send/", pages.send_to_review, name="send_campaign"),
    path("<int:campaign_id>/return/", pages.return_to_draft, name="return_campaign"),
    path("<int:campaign_id>/release/", pages.release_campaign, name="release_campaign"),
    path("<int:campaign_id>/close/", pages.close_campaign, name="close_campaign"),
    path("<int:campaign_id>/rule/", referral.edit_rule, name="edit_referral_rule"),
    path("<int:campaign_id>/referral/", referral.show_referral, name="referral"),
    path("<int:campaign_id>/referral/<int:edge_id>/", referral.decide_edge, name="decide_referral_edge"),
    path("<int:campaign_id>/challenge/", include("canyu.ops.campaigns.challenges.urls")),
]
