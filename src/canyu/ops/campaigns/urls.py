"""The addresses of the campaigns' pages; the public page is in ``public_urls``."""

from __future__ import annotations

from django.urls import include, path

from canyu.ops.campaigns import pages
from canyu.ops.campaigns.charity import pages as charity
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
    path("<int:campaign_id>/poster/", include("canyu.ops.campaigns.posters.urls")),
    path("<int:campaign_id>/referral/", referral.show_referral, name="referral"),
    path("<int:campaign_id>/referral/<int:edge_id>/", referral.decide_edge, name="decide_referral_edge"),
    path("<int:campaign_id>/charity/", charity.show_charity, name="charity"),
    path("<int:campaign_id>/charity/about/", charity.show_about, name="about_charity"),
    path("<int:campaign_id>/charity/pledge/", charity.edit_pledge, name="edit_pledge"),
    path("<int:campaign_id>/charity/payouts/", charity.pay_out, name="pay_out_charity"),
    path("<int:campaign_id>/charity/stories/new/", charity.write_story, name="write_charity_story"),
    path("<int:campaign_id>/charity/stories/<int:story_id>/", charity.edit_story, name="edit_charity_story"),
    path("<int:campaign_id>/charity/stories/<int:story_id>/show/", charity.decide_story, name="decide_charity_story"),
    path("<int:campaign_id>/charity/stories/<int:story_id>/pictures/", charity.add_picture, name="add_charity_picture"),
    path(
        "<int:campaign_id>/charity/stories/<int:story_id>/pictures/<int:picture_id>/",
        charity.drop_picture,
        name="drop_charity_picture",
    ),
    path("<int:campaign_id>/charity/pictures/<slug:name>.jpg", charity.send_picture, name="staff_charity_picture"),
    path("<int:campaign_id>/challenge/", include("canyu.ops.campaigns.challenges.urls")),
]
