"""The addresses of the pages of corrections."""

from __future__ import annotations

from django.urls import path

from canyu.ops.labels import pages

urlpatterns = [
    path("", pages.show_labels, name="labels"),
    path("queue/", pages.show_queue, name="label_queue"),
    path("correct/", pages.correct_post, name="correct_post"),
    path("<int:correction_id>/withdraw/", pages.withdraw, name="withdraw_correction"),
    path("retrain/", pages.retrain, name="retrain_model"),
    path("models/<int:number>/activate/", pages.activate, name="activate_model"),
]
