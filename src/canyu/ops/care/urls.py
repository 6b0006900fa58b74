"""The addresses of care: staff's under ``/care/``, customers' under ``/complain/``."""

from __future__ import annotations

from django.urls import path

from canyu.ops.care import pages, setting_pages
from canyu.ops.care.faces import pages as faces
from canyu.ops.care.promising import pages as plan_pages
from canyu.ops.care.stepping import pages as step_pages
from canyu.ops.care.watching import pages as watch_pages

urlpatterns = [
    path("", pages.show_cases, name="cases"),
    path("cases.csv", pages.send_cases, name="cases_file"),
    path("new/", pages.open_case, name="open_case"),
    path("one/<int:case_id>/", pages.show_case, name="case"),
    path("one/<int:case_id>/why/<slug:clock>/", pages.show_clock, name="case_clock"),
    path("one/<int:case_id>/say/", pages.say_in_case, name="say_in_case"),
    path("one/<int:case_id>/do/<slug:what>/", pages.act_on_case, name="act_on_case"),
    path("steps/", step_pages.show_steps, name="case_steps"),
    path("steps/steps.csv", step_pages.send_steps, name="case_steps_file"),
    path("watch/", watch_pages.show_watch, name="kol_watch"),
    path("watch/<int:kol_id>/case/", watch_pages.open_case_of_watched, name="open_watch_case"),
    path("plans/", plan_pages.show_plans, name="care_plans"),
    path("plans/edit/", plan_pages.edit_plan, name="edit_care_plan"),
    path("plans/withdraw/", plan_pages.withdraw_plan, name="withdraw_care_plan"),
    path("settings/", setting_pages.show_settings, name="care_settings"),
    path("settings/calendar/", setting_pages.edit_calendar, name="edit_care_calendar"),
    path("settings/policy/", setting_pages.edit_policy, name="edit_care_policy"),
    path("settings/recalculate/", setting_pages.recalculate_policy, name="recalculate_care_policy"),
    path("settings/agent/", setting_pages.edit_agent, name="edit_care_agent"),
    path("settings/answer/", setting_pages.edit_answer, name="edit_care_answer"),
    path("settings/withdraw/<slug:what>/", setting_pages.withdraw, name="withdraw_care"),
]
public = [
    path("", faces.complain, name="complain"),
    path("<slug:token>/", faces.follow_case, name="follow_case"),
    path("<slug:token>/answer/", faces.answer_case, name="answer_case"),
]
