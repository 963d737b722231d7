"""The domain: from sources to a digest. It knows nothing of Slack; ``bot`` builds on it."""
