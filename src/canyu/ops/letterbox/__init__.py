"""Mails that rooms keep as rows: leased, marked, told to the mail server once."""
