"""Alerts of posts that will go far, by rules on forecasts; beside the alerts of counts that rose."""
