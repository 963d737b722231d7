"""A small local Slack: a workspace in memory, towards which the real Bolt app and the real Slack clients behave as towards Slack.

``server.LocalSlack`` is the way in. It knows what the bot of this project uses of Slack, and says so of all else.
"""
