"""Posts of the lake that carry the hashtag become entries; likes, reposts and comments there raise their score."""
