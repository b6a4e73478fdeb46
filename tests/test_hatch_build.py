"""Browser libraries: what is brought, and what is said where it cannot be."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from hatch_build import VendorError, vendor

FAKE_NPM = """#!{python}
import pathlib, sys
calls = pathlib.Path({calls!r})
calls.write_text(calls.read_text() + "x")
packages = pathlib.Path("node_modules")
files = {files!r}
for name, text in files.items():
    file = packages / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
sys.exit(0 if files else "npm error code ECONNREFUSED")
"""

PACKAGE = {
    "dependencies": {"kit": "1.0.0"},
    "vendor": {
        "modules": {"kit": ["main.js"]},
        "files": {},
        "font": "wght.css",
        "icons": ["play"],
    },
}

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'

FILES = {
    "kit/main.js": 'import { a } from "./parts/a.js";\n// import "x";\n//# sourceMappingURL=m.map',
    "kit/parts/a.js": 'export const a = 1; import "../b.js";',
    "kit/b.js": "export {};",
    "kit/unused.js": "export {};",
    "kit/LICENSE": "MIT",
    "@fontsource-variable/inter/wght.css": "src: url(./files/inter.woff2)",
    "@fontsource-variable/inter/files/inter.woff2": "font",
    "@fontsource-variable/inter/LICENSE": "OFL",
    "lucide-static/icons/play.svg": SVG,
    "lucide-static/LICENSE": "ISC",
}


class Checkout:
    """A checkout with a package.json, and an npm that brings ``files``."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root / "checkout"
        (self.root / "static").mkdir(parents=True)
        (self.root / "package.json").write_text(json.dumps(PACKAGE))
        self.vendored = self.root / "static" / "vendor"
        self._calls = root / "calls"
        self._calls.write_text("")
        self._npm = root / "bin" / "npm"
        self._npm.parent.mkdir()
        monkeypatch.setenv("PATH", str(self._npm.parent))

    def offer(self, files: dict[str, str]) -> None:
        """Let npm bring ``files``; none: let it fail."""
        self._npm.write_text(
            FAKE_NPM.format(python=sys.executable, calls=str(self._calls), files=files)
        )
        self._npm.chmod(0o755)

    @property
    def calls(self) -> int:
        """How often npm was asked."""
        return len(self._calls.read_text())


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    return Checkout(tmp_path, monkeypatch)


def test_only_what_the_pages_use_is_copied(checkout: Checkout) -> None:
    checkout.offer(FILES)

    assert vendor(checkout.root)
    kit = checkout.vendored / "kit"
    copied = {path.relative_to(kit).as_posix() for path in kit.rglob("*") if path.is_file()}
    assert copied == {"main.js", "parts/a.js", "b.js", "LICENSE"}
    assert "sourceMappingURL" not in (kit / "main.js").read_text()
    assert 'id="play"' in (checkout.vendored / "icons.svg").read_text()
    assert (checkout.vendored / "inter" / "files" / "inter.woff2").read_text() == "font"


def test_nothing_is_fetched_while_all_matches(checkout: Checkout) -> None:
    checkout.offer(FILES)
    vendor(checkout.root)

    assert not vendor(checkout.root)
    assert checkout.calls == 1


def test_another_version_is_fetched_anew(checkout: Checkout) -> None:
    checkout.offer(FILES)
    vendor(checkout.root)
    changed = PACKAGE | {"dependencies": {"kit": "1.0.1"}}
    (checkout.root / "package.json").write_text(json.dumps(changed))
    checkout.offer(FILES | {"kit/b.js": "export const b = 2;"})

    assert vendor(checkout.root)
    assert (checkout.vendored / "kit" / "b.js").read_text() == "export const b = 2;"


def test_without_a_network_it_says_what_to_do_and_leaves_what_is_there(checkout: Checkout) -> None:
    checkout.offer(FILES)
    vendor(checkout.root)
    (checkout.root / "package.json").write_text(json.dumps(PACKAGE | {"description": "changed"}))
    checkout.offer({})

    with pytest.raises(VendorError, match="could not be fetched: npm said\nnpm error code"):
        vendor(checkout.root)
    assert (checkout.vendored / "kit" / "main.js").exists()


def test_a_module_that_no_page_can_resolve_is_refused(checkout: Checkout) -> None:
    checkout.offer(FILES | {"kit/b.js": 'import "bare-name";'})

    with pytest.raises(VendorError, match=r"b\.js imports 'bare-name'"):
        vendor(checkout.root)


def test_a_package_without_a_wanted_file_is_named(checkout: Checkout) -> None:
    checkout.offer({name: text for name, text in FILES.items() if name != "kit/LICENSE"})

    with pytest.raises(VendorError, match=r"lacks a file: .*LICENSE"):
        vendor(checkout.root)
