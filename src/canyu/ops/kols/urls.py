"""The addresses of the KOLs' pages."""

from __future__ import annotations

from django.urls import path

from canyu.ops.kols import pages
from canyu.ops.kols.bookings import pages as bookings
from canyu.ops.kols.intake import pages as intake
from canyu.ops.kols.planning.urls import urlpatterns as planning

urlpatterns = [
    path("", pages.show_kols, name="kols"),
    *planning,
    path("about/<slug:kind>/", pages.show_about, name="about_kols"),
    path("one/<int:kol_id>/", pages.show_kol, name="kol"),
    path("one/<int:kol_id>/block/", pages.update_block, name="block_kol"),
    path("one/<int:kol_id>/watch/", pages.update_watch, name="watch_kol"),
    path("one/<int:kol_id>/note/", pages.update_note, name="note_kol"),
    path("one/<int:kol_id>/contract/", pages.create_contract, name="create_kol_contract"),
    path("contracts/<int:contract_id>/drop/", pages.drop_contract, name="drop_kol_contract"),
    path("accounts/<int:account_id>/followers.<str:form>", pages.send_followers, name="kol_followers_file"),
    path("accounts/<int:account_id>/price/", pages.create_price, name="create_kol_price"),
    path("accounts/<int:account_id>/switch/", pages.switch_account, name="switch_kol_account"),
    path("accounts/<int:account_id>/book/", bookings.create_booking, name="book_kol"),
    path("import/", intake.upload_roster, name="import_kols"),
    path("import/template.csv", intake.send_template, name="kols_template"),
    path("import/<int:upload_id>/", intake.show_upload, name="kols_upload"),
    path("import/<int:upload_id>/keep/", intake.keep_upload, name="keep_kols_upload"),
    path("import/<int:upload_id>/refused.csv", intake.send_refused, name="kols_refused"),
    path("bookings/", bookings.show_bookings, name="kol_bookings"),
    path("bookings/<int:booking_id>/", bookings.show_booking, name="kol_booking"),
    path("bookings/<int:booking_id>/brief/", bookings.update_brief, name="update_kol_brief"),
    path("bookings/<int:booking_id>/send/", bookings.send_brief, name="send_kol_brief"),
    path("bookings/<int:booking_id>/answer/", bookings.answer, name="answer_kol_booking"),
    path("bookings/<int:booking_id>/posted/", bookings.mark_posted, name="mark_kol_posted"),
    path("bookings/<int:booking_id>/check/", bookings.approve_check, name="check_kol_post"),
    path("bookings/<int:booking_id>/pay/", bookings.pay, name="pay_kol"),
    path("bookings/<int:booking_id>/undo/", bookings.undo, name="undo_kol_step"),
    path("bookings/<int:booking_id>/measure/", bookings.measure, name="measure_kol_post"),
]
