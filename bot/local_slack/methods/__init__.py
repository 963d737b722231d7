"""The methods of Slack's Web API that this local Slack has, a module for each family; importing this registers them all."""

from bot.local_slack.methods import assistant, auth, chat, conversations, files, people, streams, views

__all__ = ["assistant", "auth", "chat", "conversations", "files", "people", "streams", "views"]
