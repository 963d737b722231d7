"""A digest as it looks in Slack, as a picture: posted to a local Slack, which judges it, and drawn by the playground's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.local_slack.app import SlackApp
from bot.local_slack.clock import Clock
from bot.local_slack.server import LocalSlack
from bot.playground.chromium import found, opened
from bot.playground.page_server import PageServer
from bot.playground.running import CHANNEL, Playground, before
from bot.slack.client import SLACK_ERRORS, slack_client
from bot.slack.manifest import manifest
from digest.errors import RenderError
from digest.rendering.slack import render_slack

if TYPE_CHECKING:
    from digest.factory import Parts
    from digest.model import Digest


async def picture_of(digest: Digest, parts: Parts, *, width: int = 800, dark: bool = False) -> bytes:
    """A PNG of the digest's message, ``width`` pixels wide and twice as many dots. What stands in its thread is not on it.

    Raises ConfigurationError where no Chromium is installed or a template is broken, RenderError where drawing fails.
    """
    found()
    message = render_slack(digest, parts.templates)
    slack = LocalSlack(app=SlackApp.from_manifest(manifest(parts.settings)), clock=Clock(digest.until.timestamp(), scale=0))
    async with slack:
        settings = parts.settings.model_copy(update=before(slack))
        try:
            await slack_client(settings).chat_postMessage(
                channel=slack.workspace.channel(CHANNEL).id, text=message.text, blocks=list(message.blocks), unfurl_links=False
            )
        except SLACK_ERRORS as error:
            raise RenderError(f"Slack would refuse this digest: {error}", remedy="Correct the templates in slack/.") from error
        async with PageServer(Playground(slack, parts, settings, ())) as server:
            url = f"{server.url}&still=1&theme={'dark' if dark else 'light'}"
            async with opened(url, width=width, time_zone=digest.subscription.time_zone) as tab:
                await tab.until("document.documentElement.dataset.drawn && document.querySelector('.still')")
                return await tab.picture(".still")
