"""The addresses of the ledger's pages."""

from __future__ import annotations

from django.urls import path

from canyu.ops.ledger import pages

urlpatterns = [
    path("", pages.show_books, name="ledger"),
    path("account/", pages.show_account, name="ledger_history"),
    path("row/", pages.show_row, name="ledger_row"),
    path("proof/", pages.show_proof, name="ledger_proof"),
    path("export/<slug:part>.<slug:form>", pages.send_books, name="ledger_file"),
]
