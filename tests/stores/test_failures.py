"""What an operator is told when Redis fails: by real servers brought to fail, by TLS in front of one, and for the rest by
replies as servers send them.
"""

from __future__ import annotations

import asyncio
import datetime
import http.server
import os
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import redis.exceptions as theirs
import trustme

from digest.errors import ConfigurationError, StoreError, StoreFull, StoreReadOnly, StoreRefused, StoreUnavailable
from digest.stores.connection import connect, redacted, store_errors
from digest.stores.keys import Keys
from digest.stores.redis_articles import RedisArticles
from tests.contracts.test_article_store import incoming
from tests.stores.servers import (
    Server,
    answering,
    free_port,
    tls_before,
    with_files_no_longer_than,
    with_room_again,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET: Final = "wr0ng-secret"


async def put(url: str, count: int = 1, *, timeout_s: float = 2.0) -> int:
    """Put ``count`` articles, one at a time; how many."""
    client = connect(url, timeout_s=timeout_s)
    try:
        for number in range(count):
            await RedisArticles(client, Keys("w")).put([incoming(f"Article {number}", body=os.urandom(2000).hex())])
        return count
    finally:
        await client.aclose()


async def refused(url: str, kind: type[StoreError] = StoreUnavailable, *, timeout_s: float = 2.0) -> StoreError:
    """The error a put ends in: one sentence, and what to do."""
    with pytest.raises(kind) as caught:
        await put(url, timeout_s=timeout_s)
    assert caught.value.remedy.endswith(".")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 150
    return caught.value


@pytest.mark.skipif(sys.platform != "linux", reason="another process' limits can be raised on Linux only")
async def test_with_its_disk_full_it_refuses_and_with_room_again_it_goes_on_with_all_it_acknowledged(server: Server) -> None:
    url = server.start("--appendonly", "yes", first=with_files_no_longer_than(100_000))
    client = connect(url)
    store = RedisArticles(client, Keys("w"))
    acknowledged = []
    with pytest.raises(StoreReadOnly, match="cannot write its own files") as told:
        for number in range(1000):
            document = incoming(f"Article {number}", body=os.urandom(2000).hex())
            await store.put([document])
            acknowledged.append(document.article.id)
    assert told.value.remedy == "Give its disk room. It says: Errors writing to the AOF file: No space left on device."
    with_room_again(server.processes[-1].pid)
    await asyncio.sleep(1.5)  # it tries its file again every second
    await store.put([incoming("One more")])
    # While its disk is slow to flush, the server holds back up to two seconds of its file, and answers meanwhile.
    assert await client.execute_command("WAITAOF", 1, 0, 30_000) == [1, 0]
    await client.aclose()
    server.kill()
    client = connect(server.start("--appendonly", "yes"))
    kept = await RedisArticles(client, Keys("w")).get([*acknowledged, incoming("One more").article.id])
    await client.aclose()
    assert len(acknowledged) > 5
    assert all(kept)


async def test_a_server_that_reads_its_file_says_that_it_is_loading(server: Server) -> None:
    client = connect(server.start("--appendonly", "yes"))
    async with client.pipeline(transaction=False) as pipe:
        for number in range(6000):
            pipe.set(f"k{number}", "x")
        await pipe.execute()
    await client.aclose()
    server.kill()
    # It looks up from its file after each 1,024 commands: every half second, for three.
    url = server.start("--appendonly", "yes", "--key-load-delay", "500")
    told = await refused(url, timeout_s=5)
    assert "still loading" in str(told)


async def test_a_cluster_without_its_slots_is_down(server: Server) -> None:
    told = await refused(server.start("--cluster-enabled", "yes", "--cluster-port", str(free_port())))
    assert "cluster" in str(told)


async def test_too_few_replicas_are_told(server: Server) -> None:
    assert "replicas" in str(await refused(server.start("--min-replicas-to-write", "1"), StoreReadOnly))


async def test_a_replica_without_its_primary_is_told(server: Server) -> None:
    told = await refused(server.start("--replicaof", "127.0.0.1 1", "--replica-serve-stale-data", "no"))
    assert "primary is away" in str(told)


async def test_a_server_that_is_busy_with_a_script_is_told(server: Server) -> None:
    url = server.start("--busy-reply-threshold", "10")
    _, writer = await asyncio.open_unix_connection(url.removeprefix("unix://"))
    writer.write(b'EVAL "while true do end" 0\r\n')
    await writer.drain()
    await asyncio.sleep(0.3)
    assert "busy with a script" in str(await refused(url))
    writer.close()


async def test_without_a_password_where_one_is_asked_for_the_error_says_how_to_give_it(server: Server) -> None:
    told = await refused(server.start("--requirepass", "right"), StoreRefused)
    assert "asks for a password" in str(told)
    assert "redis://:PASSWORD@" in told.remedy


async def test_when_it_takes_no_more_connections_that_is_told_or_that_the_connection_was_lost(server: Server) -> None:
    port = free_port()
    until = server.start("--port", str(port), "--bind", "127.0.0.1", "--maxclients", "1")
    for _ in range(50):  # the first of all connections was the one that saw it listen
        reader, writer = await asyncio.open_unix_connection(until.removeprefix("unix://"))
        with suppress(ConnectionError):
            writer.write(b"PING\r\n")
            if await reader.readline() == b"+PONG\r\n":
                break
        writer.close()
    told = await refused(f"redis://127.0.0.1:{port}/0")
    assert "takes no more connections" in str(told) or "connection was lost" in str(told)
    writer.close()


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def web_port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as pages:
        thread = threading.Thread(target=pages.serve_forever)
        thread.start()
        yield pages.server_port
        pages.shutdown()
        thread.join()


@pytest.mark.parametrize("password", ["", f":{SECRET}@"])
async def test_a_web_server_is_told_to_be_no_redis(web_port: int, password: str) -> None:
    told = await refused(f"redis://{password}127.0.0.1:{web_port}/0")
    assert "no Redis" in str(told)
    assert "host and port" in told.remedy


async def test_a_name_that_does_not_resolve_is_told() -> None:
    for scheme in ("redis", "rediss"):
        assert "host name is not known" in str(await refused(f"{scheme}://redis.invalid:6379/0"))


async def test_a_connection_that_is_closed_at_once_is_lost() -> None:
    closing = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    told = await refused(f"redis://127.0.0.1:{closing.sockets[0].getsockname()[1]}/0")
    closing.close()
    assert "connection was lost" in str(told)
    assert "rediss://" in told.remedy


@pytest.mark.parametrize(
    ("reply", "kind", "match"),
    [
        ("-MOVED 3999 127.0.0.1:6381", StoreUnavailable, "one node of a cluster"),
        ("-ASK 3999 127.0.0.1:6381", StoreUnavailable, "one node of a cluster"),
        ("-CROSSSLOT Keys in request don't hash to the same slot", StoreUnavailable, "one node of a cluster"),
        ("-TRYAGAIN Multiple keys request during rehashing of slot", StoreUnavailable, "moves this workspace"),
        ("-CLUSTERDOWN The cluster is down", StoreUnavailable, "cluster"),
        ("-MASTERDOWN Link with MASTER is down", StoreUnavailable, "primary is away"),
        ("-LOADING Redis is loading the dataset in memory", StoreUnavailable, "still loading"),
        ("-BUSY Redis is busy running a script.", StoreUnavailable, "busy with a script"),
        ("-READONLY You can't write against a read only replica.", StoreReadOnly, "replica"),
        ("-MISCONF Redis is configured to save RDB snapshots, but it's not able to persist", StoreReadOnly, "its own files"),
        ("-NOREPLICAS Not enough good replicas to write.", StoreReadOnly, "replicas"),
        ("-OOM command not allowed when used memory > 'maxmemory'.", StoreFull, "full"),
        ("-NOAUTH Authentication required.", StoreRefused, "asks for a password"),
        ("-WRONGPASS invalid username-password pair or user is disabled.", StoreRefused, "password is wrong"),
        ("-NOPERM User x has no permissions to run the 'evalsha' command", StoreRefused, "run EVALSHA"),
        ("-NOPERM No permissions to access a key", StoreRefused, "use the keys"),
        ("-NOPERM this user has no permissions to access one of the keys used as arguments", StoreRefused, "use the keys"),
        ("-DENIED Redis is running in protected mode because …", StoreRefused, "protected mode"),
        ("-ERR max number of clients reached", StoreUnavailable, "no more connections"),
        ("-ERR unknown command 'EVALSHA', with args beginning with: 'x' 'secret article'", StoreError, "EVALSHA'$"),
        ("-UNKILLABLE whatever comes", StoreError, "whatever comes"),
        ("-", StoreError, "refused a command"),
    ],
    ids=lambda value: value.split()[0] if isinstance(value, str) else "",
)  # fmt: skip
async def test_each_reply_has_its_error(reply: str, kind: type[StoreError], match: str) -> None:
    async with answering(reply.encode()) as url:
        with pytest.raises(kind, match=match) as caught:
            await put(url)
    assert type(caught.value) is kind
    assert caught.value.remedy
    assert "secret article" not in f"{caught.value} {caught.value.remedy}"


async def test_the_code_of_a_reply_counts_and_not_the_words_of_an_article_in_it() -> None:
    for text in ("ERR in a command about READONLY and OOM", "WRONGTYPE Operation against MISCONF"):
        with pytest.raises(StoreError) as caught, store_errors():
            raise theirs.ResponseError(text)
        assert type(caught.value) is StoreError


class TestTls:
    """The server speaks plainly on a socket of its own; TLS is in front of it."""

    @pytest.fixture
    def authority(self, tmp_path: Path) -> trustme.CA:
        made = trustme.CA()
        made.cert_pem.write_to_path(tmp_path / "ca.pem")
        return made

    @pytest.fixture
    def trusting(self, authority: trustme.CA, tmp_path: Path) -> str:
        return f"?ssl_ca_certs={tmp_path}/ca.pem"

    async def test_over_tls_what_is_put_is_got_back(self, server: Server, authority: trustme.CA, trusting: str) -> None:
        behind = server.start("--requirepass", "right")
        async with tls_before(behind, authority.issue_cert("localhost")) as port:
            client = connect(f"rediss://:right@localhost:{port}/0{trusting}")
            store = RedisArticles(client, Keys("w"))
            documents = [incoming(f"Article {n}", body=f"{n} long " * 20_000) for n in range(20)]
            assert {s.outcome for s in await store.put(documents)} == {"new"}
            held = await store.get([d.article.id for d in documents])
            assert [h.lead.article if h else None for h in held] == [d.article for d in documents]
            await client.aclose()
            told = await refused(f"rediss://:{SECRET}@localhost:{port}/0{trusting}", StoreRefused)
            assert "password is wrong" in str(told)

    async def test_a_certificate_that_nobody_known_signed_is_not_trusted(self, server: Server, trusting: str) -> None:
        async with tls_before(server.start(), trustme.CA().issue_cert("localhost")) as port:
            for options in ("", trusting):
                told = await refused(f"rediss://localhost:{port}/0{options}")
                assert "not trusted" in str(told)
                assert "ssl_ca_certs" in told.remedy

    async def test_a_certificate_of_another_host_is_told(self, server: Server, authority: trustme.CA, trusting: str) -> None:
        async with tls_before(server.start(), authority.issue_cert("other.example")) as port:
            for host in ("localhost", "127.0.0.1"):
                assert "another host's" in str(await refused(f"rediss://{host}:{port}/0{trusting}"))

    async def test_a_certificate_out_of_date_is_told(self, server: Server, authority: trustme.CA, trusting: str) -> None:
        old = authority.issue_cert("localhost", not_after=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        async with tls_before(server.start(), old) as port:
            assert "expired" in str(await refused(f"rediss://localhost:{port}/0{trusting}"))

    async def test_a_server_that_asks_for_our_certificate_gets_it(
        self, server: Server, authority: trustme.CA, trusting: str, tmp_path: Path
    ) -> None:
        authority.issue_cert("bot.example").private_key_and_cert_chain_pem.write_to_path(tmp_path / "ours.pem")
        async with tls_before(server.start(), authority.issue_cert("localhost"), clients=authority) as port:
            url = f"rediss://localhost:{port}/0{trusting}"
            told = await refused(url)
            assert "certificate of ours" in str(told) or "connection was lost" in str(told)
            assert await put(f"{url}&ssl_certfile={tmp_path}/ours.pem&ssl_keyfile={tmp_path}/ours.pem") == 1

    async def test_tls_to_a_server_without_and_the_other_way_round_are_told(
        self, server: Server, authority: trustme.CA, trusting: str
    ) -> None:
        port = free_port()
        behind = server.start("--port", str(port), "--bind", "127.0.0.1")
        told = await refused(f"rediss://127.0.0.1:{port}/0", timeout_s=0.5)
        assert "TLS" in f"{told} {told.remedy}"
        async with tls_before(behind, authority.issue_cert("localhost")) as port:
            assert "rediss://" in (await refused(f"redis://localhost:{port}/0")).remedy

    @pytest.mark.parametrize("content", [None, "", "no certificate"])
    async def test_a_file_of_certificates_that_is_none_is_told(self, tmp_path: Path, content: str | None) -> None:
        file = tmp_path / "ca.pem"
        if content is None:
            with pytest.raises(ConfigurationError, match="ssl_ca_certs names a file that cannot be read"):
                connect(f"rediss://localhost/0?ssl_ca_certs={file}")
            return
        file.write_text(content)
        listening = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        told = await refused(f"rediss://localhost:{listening.sockets[0].getsockname()[1]}/0?ssl_ca_certs={file}")
        listening.close()
        assert "TLS" in str(told) or "certificate" in str(told)


async def test_no_password_stands_in_an_error_its_causes_or_the_client(server: Server, web_port: int) -> None:
    behind = server.start("--requirepass", "right").removeprefix("unix://")
    for url in (
        f"unix://:{SECRET}@{behind}",
        f"unix://somebody:{SECRET}@{behind}",
        f"redis://:{SECRET}@127.0.0.1:1/0",
        f"redis://:{SECRET}@127.0.0.1:{web_port}/0",
        f"rediss://:{SECRET}@127.0.0.1:{web_port}/0",
        f"redis://:{SECRET}@redis.invalid/0",
        f"redis://redis.invalid/0?password={SECRET}",
    ):
        client = connect(url, timeout_s=1)
        with pytest.raises(StoreError) as caught, store_errors():
            await client.ping()
        told = "".join(traceback.format_exception(caught.value, chain=True))
        seen = f"{told} {caught.value!r} {caught.value.remedy} {client!r} {client.connection_pool!r} {redacted(url)}"
        await client.aclose()
        assert SECRET not in seen
        assert "somebody" not in seen


async def test_a_server_too_old_for_its_greeting_does_not_have_the_password_quoted() -> None:
    async with answering(
        b"-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `wr0ng-secret`, "
    ) as url:
        with pytest.raises(StoreError) as caught:
            await put(url)
    assert SECRET not in "".join(traceback.format_exception(caught.value, chain=True))


@pytest.mark.parametrize(
    "url",
    [
        "redis://:wr0ng/secret@redis.example:6379/0",
        "redis://:12/wr0ng-secret@redis.example/0",
        "redis://:12?wr0ng-secret=@redis.example/0",
        "redis://:12#wr0ng-secret@redis.example/0",
        "rediss://:12/34wr0ng-secret@redis.example:6379",
        "unix://:12/wr0ng-secret@/run/socket",
        "redis://:wr0ng-secret@redis.example:port/0",
        "redis://:wr0ng-secret@redis.example:6379/first",
        "redis://:wr0ng-secret@redis.example:6379/0?db=first",
        "redis://:wr0ng-secret@[::1/0",
        "redis://:wr0ng-secret@redis.example/0?decode_responses=true",
        "wr0ng-secret",
        "",
    ],
)
def test_a_url_that_is_none_is_told_without_any_of_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match="AINEWS_REDIS_URL is not valid") as caught:
        connect(url)
    told = "".join(traceback.format_exception(caught.value, chain=True))
    assert not any(part in f"{told} {caught.value.remedy}" for part in ("wr0ng", "secret", "redis.example"))
    assert not any(part in redacted(url) for part in ("wr0ng", "secret"))


def test_a_password_with_every_character_in_it_can_be_given() -> None:
    client = connect("redis://user:%2F%40%3A%25%3F%23@redis.example:6380/3")
    options = client.connection_pool.connection_kwargs
    assert (options["password"], options["host"], options["port"], options["db"]) == ("/@:%?#", "redis.example", 6380, 3)
