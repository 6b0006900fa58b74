"""The fixtures of the server's tests."""

from console_fixtures import accounts, brand_lake, brand_lake_path, sign_in, use_lake

__all__ = ["accounts", "brand_lake", "brand_lake_path", "sign_in", "use_lake"]
