"""The playground: the real bot, a local Slack, and one page on 127.0.0.1 that shows the workspace as people would see it."""
