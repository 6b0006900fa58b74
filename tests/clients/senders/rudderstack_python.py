"""Sends with RudderStack's own library: one identify, one page, then orders."""

from __future__ import annotations

import sys

from rudderstack.analytics.client import Client


def main() -> None:
    address, key, count, prefix = sys.argv[1:5]
    faults: list[str] = []
    client = Client(
        key, host=address, on_error=lambda error, items: faults.append(f"{error}: {len(items)}"), gzip=True, timeout=30
    )
    client.identify("u1", {"email": "u1@private.example", "level": 3})
    client.page("u1", "shop", "home", {"url": "https://shop.example/"})
    for number in range(int(count)):
        properties = {"order_id": f"{prefix}-{number}", "revenue": 19.99, "currency": "CNY"}
        context = {"campaign": {"source": "weibo", "medium": "social", "name": "618"}}
        client.track("u1", "Order Completed", properties, context=context)
    client.flush()
    client.join()
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main()
