"""The addresses of the alerts' pages."""

from __future__ import annotations

from django.urls import path

from canyu.ops.alerts import pages, rule_pages

urlpatterns = [
    path("", pages.show_alerts, name="alerts"),
    path("one/<slug:alert_id>/", pages.show_alert, name="alert"),
    path("one/<slug:alert_id>/state/", pages.update_state, name="update_alert_state"),
    path("about/<slug:kind>/", pages.show_about, name="about_alerts"),
    path("replay/", pages.show_replay, name="alert_replay"),
    path("rules/", rule_pages.show_rules, name="alert_rules"),
    path("rules/new/", rule_pages.edit_rule, name="create_alert_rule"),
    path("rules/<int:rule_id>/", rule_pages.edit_rule, name="edit_alert_rule"),
    path("rules/<int:rule_id>/switch/", rule_pages.switch_rule, name="switch_alert_rule"),
    path("forecasts/new/", rule_pages.edit_alarm_rule, name="create_alarm_rule"),
    path("forecasts/<int:rule_id>/", rule_pages.edit_alarm_rule, name="edit_alarm_rule"),
    path("forecasts/<int:rule_id>/switch/", rule_pages.switch_alarm_rule, name="switch_alarm_rule"),
    path("routes/new/", rule_pages.edit_route, name="create_alert_route"),
    path("routes/<int:route_id>/", rule_pages.edit_route, name="edit_alert_route"),
    path("routes/<int:route_id>/switch/", rule_pages.switch_route, name="switch_alert_route"),
    path("settings/", rule_pages.edit_settings, name="edit_alert_settings"),
    path("messages/retry/", pages.retry_messages, name="retry_alert_messages"),
]
