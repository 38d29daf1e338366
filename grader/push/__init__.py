"""Scores on their way into a learning platform: each arrives exactly once, or is listed with the reason why not."""
