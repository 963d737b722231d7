"""``files.*``: an upload in three steps, as ``files_upload_v2`` of slack_sdk does it."""

from __future__ import annotations

import secrets
from mimetypes import guess_type

from bot.local_slack.calls import Call, invalid, method
from bot.local_slack.judging import Problem
from bot.local_slack.messages import shown
from bot.local_slack.wire import Json, Refused, as_kept


@method("files.getUploadURLExternal", "files:write", tier=4)
def get_upload_url(call: Call) -> Json:
    """An address that takes the file's bytes."""
    name = call.need("filename")
    try:
        length = int(call.need("length"))
    except ValueError:
        raise invalid(Problem("/length", "must be an integer")) from None
    file_id = call.workspace.new_id("F")
    secret = secrets.token_hex(12)
    call.workspace.files[file_id] = {
        "id": file_id, "name": name, "title": name, "size": length, "alt_txt": call.get("alt_txt"), "secret": secret,
        "user": call.workspace.app.bot_user_id, "created": int(call.workspace.clock.now()), "data": None,
    }  # fmt: skip
    return {"file_id": file_id, "upload_url": f"{call.host.base_url}/upload/{call.workspace.team_id}/{file_id}/{secret}"}


@method("files.completeUploadExternal", "files:write", tier=4)
def complete_upload(call: Call) -> Json:
    """The files are there: show them in a channel, where one is named."""
    asked = call.structure("files", "invalid_arguments")
    if not isinstance(asked, list) or not asked:
        raise invalid(Problem("/files", "missing required field: files"))
    done = [_finished(call, each) for each in asked]
    places = [p for p in (call.get("channels") or call.get("channel_id")).split(",") if p]
    for place in places:
        channel = call.workspace.channel(place)
        if call.workspace.app.bot_user_id not in channel.members:
            raise Refused("not_in_channel")
        text = as_kept(call.get("initial_comment"))
        message = call.workspace.by_bot(text=text, files=done, upload=True)
        shown(call.workspace.post(channel, message, thread_ts=call.get("thread_ts") or None))
    return {"files": done}


def _finished(call: Call, asked: object) -> Json:
    if not isinstance(asked, dict):
        raise Refused("invalid_arguments")
    file = call.workspace.files.get(str(asked.get("id")))
    if file is None or file["data"] is None:
        raise Refused("file_not_found")
    file["title"] = asked.get("title") or file["name"]
    link = f"{call.host.base_url}/files/{call.workspace.team_id}/{file['id']}/{file['secret']}"
    kept = {k: v for k, v in file.items() if k not in ("data", "secret")}
    kind = file["name"].rpartition(".")[2].lower()
    return {
        **kept, "timestamp": file["created"], "mode": "hosted", "mimetype": guess_type(file["name"])[0] or "application/octet-stream",
        "filetype": kind, "pretty_type": kind.upper(), "editable": False, "is_external": False, "external_type": "",
        "is_public": True, "public_url_shared": False, "display_as_bot": False, "username": "", "url_private": link,
        "url_private_download": link, "permalink": link, "permalink_public": link, "channels": [], "groups": [], "ims": [],
    }  # fmt: skip
