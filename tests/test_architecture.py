"""The shape of the code, as ``docs/architecture.md`` draws it, kept true by walking the imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
CORE = {"digest.model", "digest.errors", "digest.ports", "digest.prepared", "digest.feeds.ports", "digest.workspaces.ports"}
#: Pure: values in, values out. They import the core, and each other.
PURE = ("digest.selection", "digest.stories", "digest.codec", "digest.collected", "digest.subscribing")
#: The composition roots: what is held, and what reaches out.
ROOTS = ("digest.factory", "digest.team_parts", "digest.assessment_parts", "digest.reaching")
ADAPTERS = (
    "digest.stores", "digest.sources", "digest.assessment", "digest.search", "digest.fetching", "digest.fulltext", "digest.publishing",
    "digest.semantics", "digest.engines", "digest.answers", "digest.translating", "digest.site", "digest.watching",
)  # fmt: skip


def modules(package: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_digest_knows_nothing_of_slack_nor_of_bot() -> None:
    for name, tree in modules("digest"):
        for imported in imports(tree):
            assert imported.split(".")[0] not in ("bot", "slack_bolt", "slack_sdk"), f"{name} imports {imported}"


def test_pure_modules_import_only_the_core_and_each_other() -> None:
    for name, tree in modules("digest"):
        if name.startswith(PURE):
            for imported in imports(tree):
                ours = imported.startswith("digest")
                assert not ours or imported in CORE or imported.startswith(PURE), f"{name} imports {imported}"


def test_only_the_composition_roots_and_the_adapters_themselves_import_adapters() -> None:
    allowed_everywhere = {"digest.sources.incoming"}  # a rule of the domain that every source applies
    for name, tree in modules("digest"):
        package = ".".join(name.split(".")[:2])
        if name in ROOTS or package in ADAPTERS:
            continue
        for imported in imports(tree):
            assert not imported.startswith(ADAPTERS) or imported in allowed_everywhere, f"{name} imports {imported}"


def test_every_module_says_in_its_first_lines_what_it_owns() -> None:
    for package in ("bot", "digest"):
        for name, tree in modules(package):
            assert not tree.body or ast.get_docstring(tree), f"{name} has no docstring"


def test_no_module_has_grown_past_what_one_can_read() -> None:
    for package in ("bot", "digest"):
        for path in (ROOT / package).rglob("*.py"):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            assert lines <= 350, f"{path.relative_to(ROOT)} has {lines} lines: split it by what it knows"
