"""The addresses of the pages of proof."""

from __future__ import annotations

from django.urls import path

from canyu.ops.proof.card import pages as card
from canyu.ops.proof.claims import pages as claims
from canyu.ops.proof.mailing import pages as mail

urlpatterns = [
    path("", card.show_card, name="scorecard"),
    path("proof/<slug:kind>/<slug:name>/", card.show_proof, name="scorecard_proof"),
    path("file/<slug:name>.<str:form>", card.send_picture, name="scorecard_file"),
    path("report.<str:form>", card.send_report, name="scorecard_report"),
    path("targets/", card.show_targets, name="targets"),
    path("targets/new/", card.set_target, name="set_target"),
    path("mail/", mail.show_mail, name="scorecard_mail"),
    path("mail/new/", mail.create_schedule, name="schedule_scorecard"),
    path("mail/<int:schedule_id>/switch/", mail.switch_schedule, name="switch_scorecard_mail"),
    path("mail/<int:schedule_id>/drop/", mail.drop_schedule, name="drop_scorecard_mail"),
    path("mail/<int:schedule_id>/again/", mail.send_again, name="send_scorecard_again"),
    path("claims/", claims.show_files, name="claims"),
    path("claims/new/", claims.create_file, name="create_claims"),
    path("claims/sample/", claims.take_sample, name="take_sample_claims"),
    path("claims/one/<int:file_id>/", claims.show_file, name="claims_file"),
    path("claims/one/<int:file_id>/edit/", claims.edit_file, name="edit_claims"),
    path("claims/one/<int:file_id>/check/", claims.check_file, name="check_claims"),
    path("claims/one/<int:file_id>/drop/", claims.drop_file, name="drop_claims"),
    path("claims/one/<int:file_id>/verdicts.<str:form>", claims.send_verdicts, name="claims_verdicts"),
    path("claims/one/<int:file_id>/run/<int:run_id>/replay/", claims.replay_run, name="replay_claims"),
    path("claims/one/<int:file_id>/run/<int:run_id>/drop/", claims.drop_run, name="drop_claims_run"),
    path("claims/proof/<int:run_id>/", claims.show_proof, name="claim_proof"),
]
