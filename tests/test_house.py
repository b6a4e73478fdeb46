"""The house keeps its own words: the tree, the docs, the settings and the languages agree."""

from __future__ import annotations

import ast
import importlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from harness.needs import lacking
from streamer.settings import Settings, flag_of, variable_of

ROOT = Path(__file__).parents[1]
LAYERS = ("sessions/", "streamer/", "static/js/", "harness/", "bench/")
PAGES = ("README.md", "CONTRIBUTING.md", "docs/")

COMMAND = re.compile(r"^(?:\$ )?((?:make|(?:\.venv/bin/)?python3? -m (?:streamer|bench)\S*)\b.*)$")
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
VARIABLE = re.compile(r"\bSEANS_[A-Z_]+\b")

MACHINE_PATH = re.compile(r"(?<![\w.$}/])/(?:root|work)/\w|/tmp/\w+/\w+/")
REGISTRY = re.compile(r"(?i)https?://[^\s\"'`)]*(?:pypi|simple/|/npm|registry|artifactory|nexus)")


@cache
def tracked() -> tuple[str, ...]:
    """Every file that the house consists of."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        lacking("git and a clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - whichever git is here
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def modules(*suffixes: str) -> list[str]:
    return [name for name in tracked() if name.startswith(LAYERS) and name.endswith(suffixes)]


def python_files() -> list[str]:
    return [name for name in tracked() if name.endswith(".py")]


def docs() -> list[str]:
    return [name for name in tracked() if name.startswith(PAGES) and name.endswith(".md")]


def first_sentence(name: str) -> str:
    """What a file says it is, in one line."""
    if name.endswith(".py"):
        said = ast.get_docstring(ast.parse(text_of(name))) or ""
    else:
        comment = re.search(
            r"/\*\*(.*?)\*/|^// (?!@ts-check)(.*?)$", text_of(name), re.DOTALL | re.MULTILINE
        )
        assert comment, f"{name} does not say what it is"
        said = re.sub(r"^\s*\*? ?", "", comment[1] or comment[2], flags=re.MULTILINE).strip()
    return " ".join(said.split("\n\n")[0].split()).replace("``", "`")


def code_blocks(name: str) -> list[str]:
    return re.findall(
        r"^```(?:sh|console|ini)?\n(.*?)^```", text_of(name), re.DOTALL | re.MULTILINE
    )


def test_architecture_names_no_path_that_is_not_there() -> None:
    named = set(re.findall(r"`([\w./-]+\.(?:py|js|json|html|css))`", text_of("ARCHITECTURE.md")))
    there = tracked()

    lost = {name for name in named if not any(("/" + path).endswith("/" + name) for path in there)}

    assert not lost


def test_the_layers_it_draws_are_those_that_are_enforced() -> None:
    enforced = re.search(r"layers = \[(.*?)\]", text_of("pyproject.toml"), re.DOTALL)
    assert enforced
    drawn = text_of("ARCHITECTURE.md").partition("```\n")[2].partition("```")[0]

    layers = re.findall(r'"(.*?)"', enforced[1])

    assert [part.strip() for part in drawn.split("->")] == layers[1:]


def test_every_python_file_says_what_it_is() -> None:
    assert [name for name in python_files() if not first_sentence(name).endswith((".", ":"))] == []


def test_names_taken_from_a_module_stand_in_its_all() -> None:
    offered = {name: _offered(name) for name in python_files() if name.startswith(LAYERS[:2])}
    taken = {
        (module, name)
        for user in python_files()
        if user.startswith(LAYERS[:2])
        for module, name in _taken(user)
    }

    assert {
        (module, name)
        for module, name in taken
        if module in offered and name not in (offered[module] or ())
    } == set()


def test_every_module_but_an_empty_package_has_an_all_whose_names_exist() -> None:
    packages = [name for name in python_files() if name.startswith(LAYERS[:2])]
    empty = {name for name in packages if len(ast.parse(text_of(name)).body) == 1}
    offered = {name: _offered(name) for name in packages if name not in empty}

    assert all(name.endswith("/__init__.py") for name in empty)
    assert [name for name, names in offered.items() if not names] == []
    for name, names in offered.items():
        path = name.removesuffix(".py").removesuffix("/__init__")
        module = importlib.import_module(path.replace("/", "."))
        assert [given for given in names or () if not hasattr(module, given)] == [], name


def _offered(name: str) -> list[str] | None:
    for statement in ast.parse(text_of(name)).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__":
            offered: list[str] = ast.literal_eval(statement.value)
            return offered
    return None


def _taken(user: str) -> Iterator[tuple[str, str]]:
    for statement in ast.walk(ast.parse(text_of(user))):
        if isinstance(statement, ast.ImportFrom) and statement.module:
            path = statement.module.replace(".", "/")
            for alias in statement.names:
                yield f"{path}.py", alias.name


def test_only_the_composition_root_asks_the_system_for_the_time() -> None:
    asks = re.compile(r"\btime\.(?:time|monotonic|perf_counter|clock_gettime|sleep)\b|now\(UTC\)")
    mine = [name for name in tracked() if name.startswith(LAYERS[:2]) and name.endswith(".py")]

    assert [name for name in mine if asks.search(text_of(name))] == ["streamer/app.py"]


def test_no_file_names_a_place_of_one_machine() -> None:
    found = []
    for name in tracked():
        try:
            text = text_of(name)
        except UnicodeDecodeError:
            continue
        if name != "tests/test_house.py" and (MACHINE_PATH.search(text) or REGISTRY.search(text)):
            found.append(name)

    assert found == []


def test_both_languages_have_the_same_words() -> None:
    english, russian = (json.loads(text_of(f"static/i18n/{code}.json")) for code in ("en", "ru"))

    assert _paths(english) == _paths(russian)


def _paths(words: object, path: str = "") -> set[str]:
    if not isinstance(words, dict):
        return {path}
    plural = words.keys() & {"one", "few", "many", "other"}
    if plural:
        return {path}
    return {inner for key, value in words.items() for inner in _paths(value, f"{path}.{key}")}


def test_docs_name_only_settings_that_there_are() -> None:
    known = {variable_of(name) for name in Settings.model_fields}

    assert {
        (name, variable)
        for name in docs()
        for variable in VARIABLE.findall(text_of(name))
        if variable not in known
    } == set()


def test_commands_in_the_docs_are_commands_of_the_checkout() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    flags = {flag_of(name) for name in Settings.model_fields}
    flags |= {f"--no-{name[2:]}" for name in flags} | {"--help", "--version"}
    wrong = []
    for name in docs():
        for line in "\n".join(code_blocks(name)).splitlines():
            command = COMMAND.match(line.strip())
            if command is None:
                continue
            said = command[1].partition("#")[0].split()
            if said[0] == "make" and any(
                word not in targets for word in said[1:] if re.fullmatch(r"[a-z]+", word)
            ):
                wrong.append((name, line))
            if "streamer" in command[1] and set(FLAG.findall(command[1])) - flags:
                wrong.append((name, line))

    assert wrong == []


def test_links_in_the_docs_lead_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)[^)]*\)")

    assert [
        (name, target)
        for name in [*docs(), "ARCHITECTURE.md", "CHANGELOG.md"]
        for target in link.findall(text_of(name))
        if not (ROOT / name).parent.joinpath(target).exists()
    ] == []


def test_the_image_is_made_by_the_steps_of_the_makefile() -> None:
    steps = re.findall(r"^RUN (.*(?:\\\n.*)*)", text_of("Dockerfile"), re.MULTILINE)
    of_the_system = ("apt-get ", "useradd ")

    assert [step for step in steps if not step.startswith(of_the_system)] == ["make install"]


def test_what_the_image_copies_is_let_through_and_there() -> None:
    copied = [
        word
        for line in re.findall(r"^COPY (?!--from)(.*)$", text_of("Dockerfile"), re.MULTILINE)
        for word in line.split()[:-1]
    ]
    let_through = {line[1:] for line in text_of(".dockerignore").splitlines() if line[:1] == "!"}

    assert set(copied) == let_through
    assert all((ROOT / word).exists() for word in copied)


def test_docs_and_pages_name_the_browsers_that_are_listed() -> None:
    listed = json.loads(text_of("package.json"))["browserslist"]
    versions = dict(browser.split(" >= ") for browser in listed)
    assert versions["chrome"] == versions["edge"]
    assert versions["safari"] == versions["ios_saf"]
    words = "Chrome or Edge {chrome}, Firefox {firefox}, Safari {safari}".format_map(versions)
    russian = words.replace(" or ", " или ")

    assert words in text_of("docs/01-running.md")
    for page in ("static/index.html", "static/room.html"):
        assert words in text_of(page)
        assert russian in text_of(page)
