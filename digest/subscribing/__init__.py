"""What channels and people asked for: subscriptions, saved articles, and votes for more or less of something."""
