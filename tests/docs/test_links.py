"""Every link of the README, the other pages of the top and the site leads somewhere: files, anchors, pictures, names."""

import re
from functools import cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.docs.test_pages import tool

REPOSITORY = Path(__file__).resolve().parents[2]
TOP = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})
NAMED = re.compile(r"`((?:docs|deploy|templates|tools|fixtures|src|tests|rules|frameworks|bench|reports)/[\w./-]*)`")


@cache
def pages() -> dict[str, str]:
    """Text by path from the repository's root, those that are made with the site included."""
    found = {name: (REPOSITORY / name).read_text() for name in TOP if (REPOSITORY / name).exists()}
    found |= {f"docs/{name}": text for name, text in tool("docs").pages().items()}
    for path in (REPOSITORY / "docs").rglob("*.md"):
        found.setdefault(path.relative_to(REPOSITORY).as_posix(), path.read_text())
    return found


@cache
def anchors(page: str) -> frozenset[str]:
    """Names of the headings as GitHub and the site make them."""
    tokens = MARKDOWN.parse(pages()[page])
    headings = [tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "heading_open"]
    words = [re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip().lower() for heading in headings]
    return frozenset(re.sub(r"\s", "-", each) for each in words)


def links(text: str) -> set[str]:
    found = set()
    for token in MARKDOWN.parse(text):
        for child in token.children or []:
            for name in ("href", "src"):
                if child.attrGet(name):
                    found.add(str(child.attrGet(name)))
    return found


def broken(page: str) -> list[str]:
    """The links of a page that lead nowhere; what lies on the web is not asked for."""
    out = []
    for link in links(pages()[page]):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (REPOSITORY / page).parent.joinpath(path).resolve() if path else REPOSITORY / page
        if not target.is_relative_to(REPOSITORY):
            out.append(f"{page}: {link} leads out of the repository")
            continue
        name = target.relative_to(REPOSITORY).as_posix()
        if name not in pages() and not target.exists():
            out.append(f"{page}: {link} is not there")
        elif anchor and anchor not in anchors(name):
            out.append(f"{page}: {link} names no heading")
    return out


def test_links_lead_somewhere() -> None:
    counted = sum(len(links(text)) for text in pages().values())
    assert counted > 3000, "the links were not found"
    assert [fault for page in pages() for fault in broken(page)] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [("[x](nowhere.md)", "is not there"), ("[x](#no-heading)", "names no heading"), ("![x](no.png)", "is not there")],
)
def test_a_broken_link_is_seen(text: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pages(), "docs/made-up.md", f"# A page\n\n{text}\n")
    assert fault in broken("docs/made-up.md")[0]


@pytest.mark.parametrize("page", [name for name in TOP if name != "CHANGELOG.md"])
def test_paths_that_are_named_exist(page: str) -> None:
    named = {name for name in NAMED.findall(pages()[page]) if "<" not in name and "*" not in name}
    assert [name for name in named if not (REPOSITORY / name).exists() and name not in pages()] == []


def test_every_page_is_in_the_site() -> None:
    site = (REPOSITORY / "mkdocs.yml").read_text()
    top = {name.removeprefix("docs/") for name in pages() if re.fullmatch(r"docs/[\w-]+\.md", name)}
    assert {name for name in top if f": {name}\n" not in site} == set()
