"""Accounts of WeChat: kept with sealed secrets; their access token and rate shared by all processes."""
