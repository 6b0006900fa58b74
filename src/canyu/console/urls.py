"""The address of every page."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path

from canyu.console import pages
from canyu.ops.campaigns.lives.api import router as lives
from canyu.ops.care.api import router as care
from canyu.ops.care.urls import public as public_care
from canyu.ops.crisis.urls import public as public_statements
from canyu.ops.evidence import pages as evidence
from canyu.ops.insight import pages as insight
from canyu.ops.insight.api import api
from canyu.ops.knowledge.urls import ask_pages, help_pages
from canyu.ops.metrics.api import router as metrics
from canyu.ops.offers.api import router as offers
from canyu.ops.offers.urls import public as public_drops
from canyu.ops.people import pages as people
from canyu.ops.proof.card.api import router as scorecard
from canyu.ops.stations.urls import public as public_stations
from canyu.ops.travel.api import router as spread
from canyu.ops.webhook.api import take_hook

api.add_router("/spread", spread)
api.add_router("/offers", offers)
api.add_router("/lives", lives)
api.add_router("/metrics", metrics)
api.add_router("/scorecard", scorecard)
api.add_router("/care", care)

urlpatterns = [
    path("", pages.show_home, name="home"),
    path("healthz", pages.tell_health, name="health"),
    path("theme/", pages.set_theme, name="set_theme"),
    path("language/", pages.set_language, name="set_language"),
    path("pulse/", insight.show_pulse, name="pulse"),
    path("pulse/proof/<str:kind>/<slug:name>/", insight.show_proof, name="proof"),
    path("pulse/picture/<slug:name>.<str:form>", insight.send_picture, name="picture"),
    path("pulse/report.<str:form>", insight.send_report, name="report"),
    path("posts/", insight.show_posts, name="posts"),
    path("posts.csv", insight.send_posts, name="posts_file"),
    path("posts/one/", insight.show_post, name="post"),
    path("copies/", evidence.show_copies, name="copies"),
    path("coordination/", evidence.show_coordination, name="coordination"),
    path("coordination/group/", evidence.show_group, name="coordination_group"),
    path("rumours/", evidence.show_rumours, name="rumours"),
    path("copy-check/", evidence.show_copy_check, name="copy_check"),
    path("alerts/", include("canyu.ops.alerts.urls")),
    path("labels/", include("canyu.ops.labels.urls")),
    path("ledger/", include("canyu.ops.ledger.urls")),
    path("campaigns/", include("canyu.ops.campaigns.urls")),
    path("c/", include("canyu.ops.campaigns.public_urls")),
    path("lives/", include("canyu.ops.campaigns.lives.urls")),
    path("kols/", include("canyu.ops.kols.urls")),
    path("offers/", include("canyu.ops.offers.urls")),
    path("drop/", include(public_drops)),
    path("sources/", include("canyu.ops.sources.urls")),
    path("links/", include("canyu.ops.links.urls")),
    path("fans/", include("canyu.ops.fans.urls")),
    path("scorecard/", include("canyu.ops.proof.urls")),
    path("knowledge/", include("canyu.ops.knowledge.urls")),
    path("ask/", include(ask_pages)),
    path("help/", include(help_pages)),
    path("stations/", include("canyu.ops.stations.urls")),
    path("service/", include(public_stations)),
    path("care/", include("canyu.ops.care.urls")),
    path("complain/", include(public_care)),
    path("talks/", include("canyu.ops.wechat.urls")),
    path("crises/", include("canyu.ops.crisis.urls")),
    path("crises/", include("canyu.ops.crisis.response.urls")),
    path("statements/", include(public_statements)),
    path("studies/", include("canyu.ops.studies.urls")),
    path("jobs/", include("canyu.ops.queue.urls")),
    path("", include("canyu.ops.hotlists.urls")),
    path("", include("canyu.ops.voices.urls")),
    path("", include("canyu.ops.travel.urls")),
    path("people/", people.show_people, name="people"),
    path("people/new/", people.create_person, name="create_person"),
    path("people/<int:person_id>/roles/", people.update_roles, name="update_person_roles"),
    path("people/<int:person_id>/password/", people.reset_password, name="reset_person_password"),
    path("people/<int:person_id>/close/", people.close_account, name="close_account"),
    path("people/<int:person_id>/open/", people.open_account, name="open_account"),
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("api/", api.urls),
    path("hooks/<slug:source>/", take_hook, name="hook"),
]

handler403 = "canyu.console.mishaps.show_forbidden"
handler404 = "canyu.console.mishaps.show_not_found"
handler500 = "canyu.console.mishaps.show_failure"
