"""Sends with PostHog's own library: one identify, one page view, then orders."""

from __future__ import annotations

import sys

from posthog import Posthog


def main() -> None:
    address, key, count, prefix = sys.argv[1:5]
    faults: list[str] = []
    client = Posthog(
        key,
        host=address,
        on_error=lambda error, items: faults.append(f"{error}: {len(items)}"),
        flush_interval=0.5,
        timeout=30,
    )
    campaign = {"utm_source": "weibo", "utm_medium": "social", "utm_campaign": "618"}
    client.capture("$identify", distinct_id="u1", properties={"$set": {"email": "u1@private.example"}})
    client.capture("$pageview", distinct_id="u1", properties={"$current_url": "https://shop.example/", **campaign})
    for number in range(int(count)):
        properties = {"order_id": f"{prefix}-{number}", "revenue": 19.99, "currency": "CNY", **campaign}
        client.capture("Order Completed", distinct_id="u1", properties=properties)
    client.flush()
    client.shutdown()
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main()
