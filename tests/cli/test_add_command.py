"""``ainews add`` as a person runs it."""

from __future__ import annotations

from pathlib import Path

from pytest_httpserver import HTTPServer

from tests.cli.test_cli import Run, ainews
from tests.fulltext.test_extraction import PARAGRAPHS, page

__all__ = ["ainews"]


def settings(folder: Path) -> dict[str, str]:
    allowed = {"AINEWS_FETCH_ALLOW_HOSTS": "localhost,127.0.0.1", "AINEWS_FETCH_TIMEOUT_S": "5"}
    return {"AINEWS_KNOWLEDGE_BASE": str(folder / "kb"), **allowed}


def served(server: HTTPServer) -> str:
    """The address of a page that is there."""
    server.expect_request("/robots.txt").respond_with_data("", status=404)
    server.expect_request("/orders").respond_with_data(page(), content_type="text/html")
    return server.url_for("/orders")


def test_a_link_becomes_a_document_that_is_found_and_known(ainews: Run, httpserver: HTTPServer, tmp_path: Path) -> None:
    link, environment = served(httpserver), settings(tmp_path)
    done = ainews("add", f"{link}?utm_source=mail", **environment)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Added: Assistants place orders\n")
    document = Path(done.out.splitlines()[-1].strip())
    assert PARAGRAPHS[3] in document.read_text()
    again = ainews("add", link, "--json", **environment)
    (told,) = again.json["links"]
    assert (again.code, told["outcome"], told["document"], told["link"]) == (0, "held", None, link)
    assert told["article"]["title"] == "Assistants place orders"
    assert told["article"]["provenance"]["score"] == "offline"
    assert ainews("collect", "--json", **environment).json["unchanged"] == 1
    assert "Assistants place orders" in ainews("search", "assistants shop behalf", **environment).out
    assert "Assistants place orders" in ainews("show", link, **environment).out


def test_an_article_of_a_knowledge_base_that_was_never_collected_is_held(
    ainews: Run, httpserver: HTTPServer, tmp_path: Path
) -> None:
    link, environment = served(httpserver), settings(tmp_path)
    ainews("add", link, **environment)
    other = {**environment, "AINEWS_WORKSPACE": "other"}
    done = ainews("add", link, "--json", **other)
    assert [one["outcome"] for one in done.json["links"]] == ["held"]


def test_what_fails_is_told_and_the_rest_is_added(ainews: Run, httpserver: HTTPServer, tmp_path: Path) -> None:
    good, bad = served(httpserver), "javascript:alert(1)"
    done = ainews("add", bad, good, **settings(tmp_path))
    assert done.code == 3
    assert done.out.startswith("Added: ")
    assert f"{bad}: only http and https are fetched, not javascript. Give the address of the article's page." in done.err


def test_where_none_can_be_added_the_exit_code_is_1(ainews: Run, tmp_path: Path) -> None:
    done = ainews("add", "http://10.0.0.1/a", "--json", **settings(tmp_path))
    (told,) = done.json["links"]
    assert (done.code, told["outcome"]) == (1, "failed")
    assert "the address is not public (private)" in told["reason"]
    assert "AINEWS_FETCH_ALLOW_HOSTS" in told["remedy"]


def test_without_a_link_it_was_called_wrongly(ainews: Run) -> None:
    assert ainews("add").code == 2
