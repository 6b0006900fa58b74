"""The addresses of the pages of stations: the staff's, and the public's."""

from __future__ import annotations

from django.urls import path

from canyu.ops.stations import pages
from canyu.ops.stations.booking import pages as booking

urlpatterns = [
    path("", pages.show_stations, name="stations"),
    path("new/", pages.create_station, name="create_station"),
    path("one/<int:station_id>/", pages.show_board, name="station"),
    path("one/<int:station_id>/edit/", pages.edit_station, name="edit_station"),
    path("one/<int:station_id>/bench/", pages.add_bench, name="add_bench"),
    path("one/<int:station_id>/bench/<int:bench_id>/switch/", pages.switch_bench, name="switch_bench"),
    path("one/<int:station_id>/again/", pages.send_again, name="send_reminders_again"),
    path("one/<int:station_id>/visit/<int:booking_id>/", pages.note_visit, name="note_visit"),
]

public = [
    path("", booking.show_list, name="service_places"),
    path("b/<str:link>/", booking.show_booking, name="booking"),
    path("b/<str:link>/confirm/", booking.confirm_booking, name="confirm_booking"),
    path("b/<str:link>/cancel/", booking.cancel_booking, name="cancel_booking"),
    path("b/<str:link>/my-data/", booking.ask_data, name="ask_booking_data"),
    path("b/<str:link>/my-data.zip", booking.fetch_data, name="fetch_booking_data"),
    path("<slug:slug>/", booking.show_station, name="service_place"),
    path("<slug:slug>/hold/", booking.hold_slot, name="hold_slot"),
]
