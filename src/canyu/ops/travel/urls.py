"""The addresses of spread: who carries it, one cascade, and how far it will go."""

from __future__ import annotations

from django.urls import path

from canyu.ops.travel import forecast_pages, one_pages, pages

urlpatterns = [
    path("spread/", pages.show_spread, name="spread"),
    path("spread/proof/<slug:name>/", pages.show_spread_proof, name="spread_proof"),
    path("spread/file/<slug:name>.<str:form>", pages.send_spread_file, name="spread_file"),
    path("spread/one/", one_pages.show_one, name="spread_one"),
    path("spread/one/proof/<slug:name>/", one_pages.show_one_proof, name="spread_one_proof"),
    path("spread/one/file/<slug:name>.<str:form>", one_pages.send_one_file, name="spread_one_file"),
    path("spread/forecast/", forecast_pages.show_forecasts, name="forecasts"),
    path("spread/forecast/proof/<slug:name>/", forecast_pages.show_forecasts_proof, name="forecasts_proof"),
    path("spread/forecast/file/<slug:name>.<str:form>", forecast_pages.send_forecasts_file, name="forecasts_file"),
    path("spread/forecast/one/", forecast_pages.show_forecast, name="forecast"),
    path("spread/forecast/one/file/<slug:name>.<str:form>", forecast_pages.send_forecast_file, name="forecast_file"),
]
