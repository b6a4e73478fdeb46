"""The bundle: hashed, compressed, made anew where a page changes; told where it can't be made."""

from __future__ import annotations

import gzip
import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from hatch_build import BundleError, bundle

ROOT = Path(__file__).resolve().parent.parent
ICON = b"<svg/>"
PAGE = """<!doctype html>
<html lang="en">
  <head>
    <link rel="icon" href="/static/icons/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/static/app.css" />
    <link rel="stylesheet" href="/static/more.css" />
    <script type="module" src="/static/js/page.js"></script>
  </head>
  <body></body>
</html>
"""
MODULE = """import { half } from '/static/js/half.js';
console.log(half(2), /** @type {any} */ (globalThis).SEANS_WORDS, '/static/icons/icon.svg', 'word');
import('/static/js/later.js');
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout of three small pages, with the esbuild that this one has."""
    static = tmp_path / "static"
    for folder in ("js", "i18n", "icons"):
        (static / folder).mkdir(parents=True)
    for page in ("room.html", "index.html", "sign-in.html"):
        (static / page).write_text(PAGE)
    (static / "app.css").write_text("body { color: red; }")
    (static / "more.css").write_text("main { color: blue; }")
    (static / "icons" / "icon.svg").write_bytes(ICON)
    (static / "js" / "page.js").write_text(MODULE)
    (static / "js" / "half.js").write_text("export const half = (whole) => whole / 2;")
    (static / "js" / "later.js").write_text("console.log('later');")
    for language, word in (("en", "film"), ("ru", "фильм")):
        (static / "i18n" / f"{language}.json").write_text(
            json.dumps({"word": word, "a.b": f"{word} 1", "c.d": f"{word} 2"})
        )
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "bundle.js", tmp_path / "tools")
    shutil.copy(ROOT / "package.json", tmp_path)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def test_a_page_names_its_one_script_and_holds_its_styles(checkout: Path) -> None:
    assert bundle(checkout)

    built = checkout / "static" / "built"
    for language, word in (("en", "film"), ("ru", "фильм")):
        page = (built / f"room.{language}.html").read_text()
        script = only(built, f"room.{language}-*.js")
        assert f'<script type="module" src="/static/built/{script.name}">' in page
        assert "<style>body{color:red}main{color:#00f}</style>" in page
        assert "/static/app.css" not in page
        assert word in script.read_text()
        assert f"/static/built/{only(built, 'later-*.js').name}" in script.read_text().replace(
            '"./', '"/static/built/'
        )


def test_a_page_brings_the_words_along_that_it_says_and_no_others(checkout: Path) -> None:
    (checkout / "static" / "js" / "later.js").write_text("console.log(`a.${location.hash}`);")
    bundle(checkout)

    script = only(checkout / "static" / "built", "room.en-*.js").read_text()
    assert "film 1" in script
    assert "film 2" not in script


def test_names_tell_the_content(checkout: Path) -> None:
    bundle(checkout)

    built = checkout / "static" / "built"
    icon = built / f"icon-{sha256(ICON).hexdigest()[:8]}.svg"
    assert icon.read_bytes() == ICON
    assert f'href="/static/built/{icon.name}"' in (built / "room.en.html").read_text()
    assert f'"/static/built/{icon.name}"' in only(built, "room.en-*.js").read_text()


def test_scripts_are_compressed_beside(checkout: Path) -> None:
    bundle(checkout)

    script = only(checkout / "static" / "built", "home.en-*.js")
    packed = script.with_name(script.name + ".gz").read_bytes()
    assert gzip.decompress(packed) == script.read_bytes()
    assert script.with_name(script.name + ".br").is_file()


def test_it_is_made_anew_only_where_a_page_changed(checkout: Path) -> None:
    built = checkout / "static" / "built"
    bundle(checkout)
    before = only(built, "room.en-*.js").name

    assert not bundle(checkout)
    (checkout / "static" / "js" / "half.js").write_text("export const half = (n) => n * 0.5;")
    assert bundle(checkout)
    assert only(built, "room.en-*.js").name != before


def test_without_node_it_says_so_and_leaves_what_is_there(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle(checkout)
    (checkout / "static" / "app.css").write_text("body { color: green; }")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    with pytest.raises(BundleError, match=r"needs Node\.js"):
        bundle(checkout)
    assert "color:red" in (checkout / "static" / "built" / "room.en.html").read_text()


def test_a_fault_in_a_module_is_told(checkout: Path) -> None:
    (checkout / "static" / "js" / "half.js").write_text("export const half = (;")

    with pytest.raises(BundleError, match=r"half\.js"):
        bundle(checkout)


def test_a_file_that_the_first_picture_would_wait_for_is_refused(checkout: Path) -> None:
    (checkout / "static" / "js" / "later.js").write_text(
        "import { half } from '/static/js/half.js'; console.log(half(4));"
    )

    with pytest.raises(BundleError, match="let it be handed what it shares"):
        bundle(checkout)


def test_what_few_need_is_a_file_of_its_own_that_no_other_waits_for(checkout: Path) -> None:
    static = checkout / "static"
    (static / "js" / "player").mkdir()
    (static / "js" / "player" / "live-source.js").write_text(
        "import { half } from '/static/js/half.js'; console.log('stream', half(6));"
    )
    (static / "js" / "page.js").write_text(MODULE + "import('./player/live-source.js');")
    bundle(checkout)

    alone = only(static / "built", "live-source-*.js")
    script = only(static / "built", "room.en-*.js").read_text()
    assert "stream" in alone.read_text()
    assert "stream" not in script
    assert f'import("/static/built/{alone.name}")' in script
    assert "import" not in alone.read_text()


def test_the_pages_themselves_fit_into_few_round_trips() -> None:
    built = ROOT / "static" / "built"
    bundle(ROOT)

    for language in ("en", "ru"):
        html = gzip.compress((built / f"room.{language}.html").read_bytes())
        script = only(built, f"room.{language}-*.js.br")
        # What a server may send before the first acknowledgement is 14,600 bytes (RFC 6928).
        assert len(html) < 12_000
        # The page has doubled the window, and each round trip does: 87,600 bytes in two.
        assert script.stat().st_size < 48_000
