"""The tables of campaigns and referral."""
