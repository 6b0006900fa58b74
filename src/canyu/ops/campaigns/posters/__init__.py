"""Posters of a campaign: designed by staff, and drawn for each member with their name and the QR code of their link."""
