"""Deliveries from other programs: signed, checked row by row, acknowledged after the commit."""
