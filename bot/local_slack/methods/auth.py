"""``auth.*``, ``api.test``, ``apps.connections.open``, ``oauth.v2.access``."""

from __future__ import annotations

from bot.local_slack.calls import Call, method
from bot.local_slack.wire import Json, Refused, truth


@method("api.test", whose="nobody", tier=4)
def api_test(call: Call) -> Json:
    """Echoes its arguments, or fails as asked."""
    args = {k: v for k, v in call.args.items() if k != "token"}
    if "error" in args:
        raise Refused(str(args["error"]), args=args)
    return {"args": args}


@method("auth.test", tier=0)
def auth_test(call: Call) -> Json:
    """Whose token it is."""
    workspace, app = call.workspace, call.workspace.app
    return {
        "url": f"https://{workspace.domain}.slack.com/", "team": workspace.domain, "user": workspace.users[app.bot_user_id].name,
        "team_id": workspace.team_id, "user_id": app.bot_user_id, "bot_id": app.bot_id, "is_enterprise_install": False,
    }  # fmt: skip


@method("auth.revoke")
def auth_revoke(call: Call) -> Json:
    """The token ends, unless it is only a test."""
    if truth(call.args.get("test")):
        return {"revoked": False}
    call.token.revoked = "token_revoked"
    call.workspace.tell("token_revoked", team=call.workspace.team_id)
    return {"revoked": True}


@method("apps.connections.open", "connections:write", tier=1, whose="app")
def apps_connections_open(call: Call) -> Json:
    """An address for one Socket Mode connection."""
    return {"url": call.host.socket_url()}


@method("oauth.v2.access", whose="nobody", tier=4)
def oauth_v2_access(call: Call) -> Json:
    """A token for a code that the person's consent gave."""
    app = call.workspace.app
    if call.get("client_id") != app.client_id:
        raise Refused("invalid_client_id")
    if call.get("client_secret") != app.client_secret:
        raise Refused("bad_client_secret")
    token = call.host.install(call.get("code") or None)
    return {
        "access_token": token.value, "token_type": "bot", "scope": ",".join(sorted(token.scopes)), "bot_user_id": app.bot_user_id,
        "app_id": app.app_id, "team": {"id": token.workspace.team_id, "name": token.workspace.domain}, "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": next((u.id for u in token.workspace.users.values() if not u.is_bot), "")},
    }  # fmt: skip
