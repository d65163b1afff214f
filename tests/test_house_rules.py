"""The house rules of CONTRIBUTING.md that a machine can hold. import-linter holds the one about floors."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("audit", "accounts", "network", "delivery", "directory", "alerts", "training", "charter", "reports", "api")
CODE = [
    path
    for package in (*PACKAGES, "config", "demonstration")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
PRODUCT = [path for path in CODE if path.relative_to(ROOT).parts[0] in PACKAGES]
DOORS = [
    path
    for path in PRODUCT
    if path.name in {"views.py", "tasks.py"} or path.parent.name in {"api", "commands", "views"}
]
ACTIONS = [path for path in PRODUCT if path.name == "actions.py" or path.parent.name == "actions"]
MIGRATIONS = [p for package in PACKAGES for p in (ROOT / package / "migrations").glob("0*.py")]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html")) + sorted(ROOT.glob("*/templates/**/*.html"))
READ = [
    *TEMPLATES,
    *sorted((ROOT / "templates").rglob("*.txt")),
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def calls(tree: ast.AST) -> set[str]:
    """Every call in dotted form, as far as it is made of plain names."""
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def each(paths: list[Path]) -> Callable[[type], type]:
    """Each test of the class is about every one of these files, and names those that break its rule. One test for all:
    thousands would spend most of their time on being counted."""

    def over_all(tests: type) -> type:
        for name, test in list(vars(tests).items()):
            if name.startswith("test_"):
                setattr(tests, name, _for_all(test, paths))
        return tests

    return over_all


def _for_all(test: Callable[[Any, Path], None], paths: list[Path]) -> Callable[[Any], None]:
    def tested(self: Any) -> None:
        broken = []
        for path in paths:
            try:
                test(self, path)
            except AssertionError as problem:
                broken.append(f"{name_of(path)}: {problem}")
        assert not broken, "\n".join(broken)

    return tested


class TestTheHouseItself:
    def test_finds_what_it_is_to_check(self):
        assert len(DOORS) > 10
        assert len(ACTIONS) >= 5
        assert len(TEMPLATES) > 30

    def test_has_no_room_for_odds_and_ends(self):
        names = {part for path in CODE for part in (*path.relative_to(ROOT).parts[:-1], path.stem)}
        assert not names & {"core", "common", "utils", "helpers", "services", "misc", "lib"}


@each(CODE)
class TestSizes:
    def test_keeps_files_under_300_lines(self, path):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 300

    def test_keeps_functions_at_50_lines_or_fewer(self, path):
        long = [f.name for f in functions(tree_of(path)) if (f.end_lineno or 0) - f.lineno + 1 > 50]
        assert not long

    def test_imports_at_the_top_only(self, path):
        inside = [
            ast.unparse(node)
            for function in functions(tree_of(path))
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert not inside, "an import inside a function is a ring in disguise"


@each(PRODUCT)
class TestNothingBehindYourBack:
    def test_has_no_signal_receivers(self, path):
        text = path.read_text(encoding="utf-8")
        assert "django.dispatch" not in text
        assert "models.signals" not in text

    def test_overrides_no_save(self, path):
        classes = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]
        own = {method.name for found in classes for method in functions(found)}
        assert not own & {"save", "bulk_create", "bulk_update"}

    def test_never_feeds_a_request_to_the_orm(self, path):
        assert not re.search(r"\*\*\s*(self\.)?request\b", path.read_text(encoding="utf-8"))

    def test_trusts_no_markup(self, path):
        assert not calls(tree_of(path)) & {"mark_safe", "SafeString"}

    def test_names_its_fields_in_serializers(self, path):
        text = path.read_text(encoding="utf-8")
        assert '__all__"' not in text.replace("__all__ =", "")
        assert not re.search(r"^\s+depth\s*=", text, re.MULTILINE)


@each(DOORS)
class TestDoors:
    def test_reads_through_visible_to_only(self, path):
        found = re.findall(r"\.objects\b(?!\s*\.visible_to\()[^\n]*", path.read_text(encoding="utf-8"))
        assert not found

    def test_writes_through_actions_only(self, path):
        writes = re.findall(
            r"\.(?:save|delete|bulk_create|bulk_update|get_or_create|update_or_create)\(",
            path.read_text(encoding="utf-8"),
        )
        assert not writes


@each(ACTIONS)
class TestActions:
    def test_takes_keywords_and_who_acts(self, path):
        for verb in self.verbs(path):
            assert not verb.args.args, f"{verb.name} takes positional arguments"
            assert "by" in {argument.arg for argument in verb.args.kwonlyargs}, f"{verb.name} does not say by whom"

    def test_is_one_transaction(self, path):
        for verb in self.verbs(path):
            assert "transaction.atomic" in {ast.unparse(d) for d in verb.decorator_list}, verb.name

    def test_leaves_an_entry(self, path):
        tree = tree_of(path)
        own = {f.name: f for f in functions(tree)}
        for verb in self.verbs(path):
            assert self.reaches(verb, own, "trail.record"), f"{verb.name} leaves no entry in the audit trail"

    def test_asks_may_you(self, path):
        tree = tree_of(path)
        own = {f.name: f for f in functions(tree)}
        for verb in self.verbs(path):
            asks = ("roles.require", "PermissionDenied", "visible_to", "own_row")
            assert any(self.reaches(verb, own, word) for word in asks), f"{verb.name} asks nobody"

    @staticmethod
    def verbs(path: Path) -> list[ast.FunctionDef]:
        return [n for n in tree_of(path).body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]

    @classmethod
    def reaches(cls, function: ast.FunctionDef, own: dict[str, ast.FunctionDef], word: str) -> bool:
        """Whether the function, or one of the same file that it calls, uses the word."""
        if word in ast.unparse(function):
            return True
        next_ones = [own[name] for name in calls(function) if name in own and name != function.name]
        rest = {name: f for name, f in own.items() if name != function.name}
        return any(cls.reaches(f, rest, word) for f in next_ones)


@each([path for path in PRODUCT if path.name in {"forms.py", "serializers.py"} or path.parent.name == "forms"])
class TestForms:
    def test_never_save(self, path):
        assert ".save(" not in path.read_text(encoding="utf-8").replace("audience.save(", "")


@each(MIGRATIONS)
class TestMigrations:
    def test_is_named_for_what_it_does(self, path):
        assert not re.match(r"\d+_(auto|initial)", path.stem)

    def test_can_be_reversed(self, path):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("RunPython", "RunSQL")):
                reverse = len(node.args) > 1 or {k.arg for k in node.keywords} & {"reverse_code", "reverse_sql"}
                assert reverse, "RunPython and RunSQL say how to go back"


@each(TEMPLATES)
class TestTemplates:
    def test_keeps_style_and_script_in_files(self, path):
        text = path.read_text(encoding="utf-8")
        if "email" not in path.parts:  # a mail program fetches no file
            assert "<style" not in text
        assert not re.search(r"\sstyle=|\son\w+=\"", text)
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)

    def test_escapes_everything(self, path):
        assert not re.search(r"\|\s*safe\b|autoescape off|safeseq", path.read_text(encoding="utf-8"))

    def test_gives_components_only_what_they_are_told(self, path):
        text = path.read_text(encoding="utf-8")
        loose = [t for t in re.findall(r"{%\s*include\s+[^%]*components/[^%]*%}", text) if " only" not in t]
        assert not loose

    def test_says_sign_in(self, path):
        assert not re.search(
            r"\blog[- ]?(in|out)\b(?!\")", re.sub(r"{[%{#].*?[%}#]}", "", path.read_text(), flags=re.DOTALL), re.I
        )


@each(READ)
class TestWords:
    def test_writes_email_without_a_hyphen(self, path):
        assert "e-mail" not in path.read_text(encoding="utf-8").lower()
