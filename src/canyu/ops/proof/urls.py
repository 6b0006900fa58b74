"""The addresses of the pages of proof."""

from __future__ import annotations

from django.urls import path

from canyu.ops.proof.claims import pages as claims

urlpatterns = [
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
