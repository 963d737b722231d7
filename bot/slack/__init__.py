"""Slack: the Bolt app, what it listens to, what it draws, and how it is served."""
