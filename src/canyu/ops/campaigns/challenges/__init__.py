"""Hashtag challenges of campaigns: entries, votes, a moderation queue and a live leaderboard."""
