"""The shell of the page: our script and style with their digests in the policy, and a few words without script."""

from __future__ import annotations

import os
from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from compliance_scan.formats._shared import SEVERITIES, cut, harmless

if TYPE_CHECKING:
    from compliance_scan.model.report import Report

FOLDER = os.path.dirname(__file__)
MAX_TITLE = 120


def around(report: Report) -> tuple[str, str]:
    """What stands before the data and what after it."""
    script, style = _script(), _read("style.css")
    policy = (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    words = {
        "policy": policy,
        "title": _said(", ".join(report["run"]["targets"])),
        "style": style,
        "plain": _plain(report),
        "script": script,
    }
    before, _, after = _read("page.html").partition("{{data}}")
    return _filled(before, words), _filled(after, words)


def inert(json: str) -> str:
    """ASCII JSON (so without Unicode's line ends) in which HTML finds no tag, comment or entity, whatever it says."""
    return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _filled(template: str, words: dict[str, str]) -> str:
    """The template with its marks replaced in one pass: what is put in is never searched for marks."""
    first, *rest = template.split("{{")
    parts = [first]
    for piece in rest:
        name, _, text = piece.partition("}}")
        parts += [words[name], text]
    return "".join(parts)


def _plain(report: Report) -> str:
    """What matters, for a reader whose browser or build server lets no script run."""
    summary, run = report["summary"], report["run"]
    numbers = ", ".join(f"{summary['open_by_severity'][level]} {level}" for level in SEVERITIES)
    return (
        f"<p>Exit code {run['exit_code']}: {_said(run['exit_reason'])}.</p>"
        f"<p>Open findings: {numbers}; unknown: {summary['unknown']}; could not be read: "
        f"{len(report['incomplete'])}.</p>"
    )


def _said(text: str) -> str:
    return escape(harmless(cut(text, MAX_TITLE)))


def _script() -> str:
    """The parts in the order of their names, in one function: no name of ours becomes global."""
    folder = os.path.join(FOLDER, "app")
    parts = "".join(_read("app", name) for name in sorted(os.listdir(folder)) if name.endswith(".js"))
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


def _read(*names: str) -> str:
    with open(os.path.join(FOLDER, *names), encoding="utf-8") as file:
        return file.read()


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
