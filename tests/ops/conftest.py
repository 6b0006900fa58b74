"""The fixtures of the server's tests."""

from alert_fixtures import alert_lake, alert_lake_path, checked
from console_fixtures import accounts, brand_lake, brand_lake_path, sign_in, use_lake

__all__ = ["alert_lake", "alert_lake_path", "checked", "accounts", "brand_lake", "brand_lake_path", "sign_in", "use_lake"]
