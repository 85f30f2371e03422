"""Frameworks as taxonomies, their controls as taxa."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance_scan.formats._sarif.messages import cut, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance_scan.model.report import Report

MAX_TEXT = 1024


class Taxonomies:
    """The frameworks of a report, with references to their controls."""

    def __init__(self, report: Report) -> None:
        titles: dict[str, dict[str, str]] = {framework: {} for framework in report["frameworks"]}
        for entry in report["controls"]:
            titles.setdefault(entry["framework"], {})[entry["control"]] = entry["title"]
        for rule in report["rules"].values():
            _add(titles, rule["controls"].items())
        for finding in report["findings"]:
            if finding["controls"] == report["rules"][finding["rule"]]["controls"]:
                continue  # nearly always; the rule's were taken above
            _add(titles, finding["controls"].items())
        self._report = report
        self._titles = titles
        self._frameworks = {framework: index for index, framework in enumerate(titles)}
        self._controls = {
            framework: {control: index for index, control in enumerate(controls)}
            for framework, controls in titles.items()
        }

    def components(self) -> list[dict[str, Any]]:
        """`run.taxonomies`."""
        made = []
        for framework, controls in self._titles.items():
            info = self._report["frameworks"].get(framework)
            title = info["title"] if info else framework
            entry: dict[str, Any] = {
                "name": framework,
                "shortDescription": {"text": sentence(title)},
                "isComprehensive": False,
                "taxa": [
                    {"id": control, **({"shortDescription": {"text": sentence(words)}} if words else {})}
                    for control, words in controls.items()
                ],
            }
            if info:
                entry["version"] = info["version"]
            made.append(entry)
        return made

    def supported(self) -> list[dict[str, Any]]:
        """`driver.supportedTaxonomies`."""
        return [{"name": framework, "index": index} for framework, index in self._frameworks.items()]

    def references(self, controls: dict[str, list[str]]) -> list[dict[str, Any]]:
        """References to controls, as results carry them in `taxa` and rules as targets."""
        return [
            {
                "id": control,
                "index": self._controls[framework][control],
                "toolComponent": {"name": framework, "index": self._frameworks[framework]},
            }
            for framework, names in controls.items()
            for control in names
        ]


def _add(titles: dict[str, dict[str, str]], controls: Iterable[tuple[str, list[str]]]) -> None:
    for framework, names in controls:
        known = titles.setdefault(framework, {})
        for control in names:
            known.setdefault(control, "")


def sentence(text: str) -> str:
    """Harmless text that ends with a period and fits where readers cut."""
    words = cut(plain(" ".join(text.split())), MAX_TEXT - 1)
    return words if words.endswith((".", "!", "?", "…")) else words + "."
