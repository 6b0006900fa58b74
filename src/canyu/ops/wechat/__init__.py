"""The room of WeChat and WeCom: pushes stored at once, worked on later, answers sent within the vendor's limits."""
