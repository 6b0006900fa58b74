"""The fixtures of the server's tests."""

from alert_fixtures import alert_lake, alert_lake_path, checked
from console_fixtures import accounts, brand_lake, brand_lake_path, sign_in, use_lake
from evidence_fixtures import evidence_lake, evidence_path
from kol_fixtures import kol_lake
from ledger_fixtures import empty_ledger
from travel_fixtures import large_path, travel_lake, travel_path
from voices_fixtures import voices_lake, voices_path

__all__ = [
    "accounts",
    "alert_lake",
    "alert_lake_path",
    "brand_lake",
    "brand_lake_path",
    "checked",
    "empty_ledger",
    "evidence_lake",
    "evidence_path",
    "kol_lake",
    "large_path",
    "sign_in",
    "travel_lake",
    "travel_path",
    "use_lake",
    "voices_lake",
    "voices_path",
]
