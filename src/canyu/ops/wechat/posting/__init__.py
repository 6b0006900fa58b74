"""Answers of a case that go out to WeChat: taken from the quota in the transaction that keeps them."""
