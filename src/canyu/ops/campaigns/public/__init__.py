"""The public page of a campaign: phone first, without login, with consent."""
