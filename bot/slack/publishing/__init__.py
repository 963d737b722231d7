"""How digests come into channels of Slack."""
