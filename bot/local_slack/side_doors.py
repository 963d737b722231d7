"""Slack's addresses besides its methods, each with a secret in it: answers by ``response_url``, and the bytes of files."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from aiohttp import web

from bot.local_slack.response_urls import respond
from bot.local_slack.web_api import arguments
from bot.local_slack.wire import Json, Refused

if TYPE_CHECKING:
    from bot.local_slack.spoiling import Spoiler
    from bot.local_slack.team import Team


class SideDoors:
    """The addresses of all workspaces."""

    def __init__(self, teams: dict[str, Team], spoiler: Spoiler) -> None:
        self._teams = teams
        self._spoiler = spoiler

    def routes(self) -> list[web.RouteDef]:
        """What to serve."""
        return [
            web.post("/hooks/{team}/{secret}", self._answer_by_url),
            web.post("/upload/{team}/{file}/{secret}", self._upload),
            web.get("/files/{team}/{file}/{secret}", self._download),
        ]

    async def _answer_by_url(self, request: web.Request) -> web.StreamResponse:
        try:
            args = await arguments(request)
        except Refused as refused:
            return web.json_response(refused.answer(), status=400)
        return await self._spoiler.serve(request, "response_url", lambda: self._answered(request, args))

    def _answered(self, request: web.Request, args: Json) -> web.Response:
        team = self._teams.get(request.match_info["team"])
        try:
            if team is None:
                raise Refused("invalid_url")
            answer = team.lent.use(request.match_info["secret"])
        except Refused as refused:
            return web.json_response(refused.answer(), status=404)
        try:
            respond(team.workspace, answer, args)
        except Refused as refused:
            return web.json_response(refused.answer(), status=400)
        return web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.Response:
        file = self._file(request)
        if file is None:
            return web.Response(status=404, text="not found")
        file["data"] = await request.read()
        return web.Response(text=f"OK - {len(file['data'])}")

    async def _download(self, request: web.Request) -> web.Response:
        file = self._file(request)
        if file is None or file["data"] is None:
            return web.Response(status=404, text="not found")
        return web.Response(body=file["data"], content_type="application/octet-stream")

    def _file(self, request: web.Request) -> Json | None:
        team = self._teams.get(request.match_info["team"])
        file = team.workspace.files.get(request.match_info["file"]) if team else None
        return file if file and secrets.compare_digest(file["secret"], request.match_info["secret"]) else None
