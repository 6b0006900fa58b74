"""The addresses of planning."""

from __future__ import annotations

from django.urls import path

from canyu.ops.kols.planning import option_pages, pages

urlpatterns = [
    path("plan/", pages.show_plan, name="kol_plan"),
    path("plan/certificate/", pages.show_certificate, name="kol_plan_certificate"),
    path("plan/proof/<slug:name>/", pages.show_plan_proof, name="kol_plan_proof"),
    path("plan/impressions/", pages.show_impressions, name="kol_plan_impressions"),
    path("plan/file/<slug:name>.<str:form>", pages.send_plan_file, name="kol_plan_file"),
    path("plan/audience/", option_pages.show_audience, name="kol_plan_audience"),
    path("plan/waves/", option_pages.show_waves, name="kol_plan_waves"),
    path("plan/rumour/", option_pages.show_rumour, name="kol_plan_rumour"),
    path("plan/beside/<slug:name>.csv", option_pages.send_option_file, name="kol_plan_option_file"),
    path("plan/beside/<slug:name>/", option_pages.show_option_proof, name="kol_plan_option_proof"),
    path("plan/save/", pages.save_plan, name="save_kol_plan"),
    path("plans/", pages.show_plans, name="kol_plans"),
    path("plans/<int:plan_id>/", pages.show_kept_plan, name="kol_plan_kept"),
    path("plans/<int:plan_id>/accounts.csv", pages.send_kept_accounts, name="kol_plan_accounts"),
    path("plans/<int:plan_id>/replan/", option_pages.show_replan, name="kol_plan_replan"),
    path("plans/<int:plan_id>/approve/", pages.approve_plan, name="approve_kol_plan"),
    path("plans/<int:plan_id>/book/", pages.book_plan, name="book_kol_plan"),
]
