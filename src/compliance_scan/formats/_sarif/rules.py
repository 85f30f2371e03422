"""Rules as reporting descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance_scan.formats._sarif.messages import MAX_TEMPLATES, Sentence, Shape, cut, plain, shape_of, whole
from compliance_scan.formats._sarif.places import web_address
from compliance_scan.formats._sarif.taxonomies import Taxonomies, sentence
from compliance_scan.formats.json import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance_scan.model.report import Report, ReportFinding, ReportRule

LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
# GitHub: above 9.0 is critical, so 9.0 itself would be high.
SECURITY_SEVERITY = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0", "info": "0.5"}
MAX_TAGS = 10
MAX_NAME = 255
_SILENT = {
    "pass": "The rule holds",
    "not_applicable": "The rule does not concern this resource",
    "unknown": "The rule cannot be decided",
    "fail": "The rule does not hold",
}


class Rules:
    """The rules of a log; results register their messages here while they are made."""

    def __init__(self, report: Report, shown: Iterable[ReportFinding], taxonomies: Taxonomies, *, every: bool) -> None:
        used = {finding["rule"] for finding in shown}
        self._rules = {name: rule for name, rule in report["rules"].items() if every or name in used}
        self._index = {name: index for index, name in enumerate(self._rules)}
        self._taxonomies = taxonomies
        self._templates: dict[str, dict[str, str]] = {name: {} for name in self._rules}
        """Rule to template to message id."""
        self._shapes: dict[tuple[str, str], Shape] = {}
        self._sentences: dict[tuple[str, str, str], tuple[str, str]] = {}

    def index(self, finding: ReportFinding) -> int:
        """`ruleIndex`."""
        return self._index[finding["rule"]]

    def message(self, finding: ReportFinding, affected: str) -> str:
        """A result's `message` as JSON, its template remembered for the rule."""
        told = quoted(plain(cut(affected)))[1:-1]
        before, between = self._worded(finding)
        return f'{before}{told}{between}{told}"]}}'

    def _worded(self, finding: ReportFinding) -> tuple[str, str]:
        """A message up to its resource and between that and the last argument, which is the resource again; most
        findings of a rule say the same."""
        key = (finding["rule"], finding["message_id"], finding["message"] or finding["verdict"])
        known = self._sentences.get(key)
        if known is None:
            silent = not finding["message"]
            words = _SILENT[finding["verdict"]] if silent else finding["message"]
            made = self._sentence(key[:2], words, [] if silent else finding["message_arguments"])
            templates = self._templates[finding["rule"]]
            if made.template not in templates and len(templates) >= MAX_TEMPLATES:
                made = whole(words)
            name = templates.get(made.template) or self._name(templates, made, finding)
            known = self._sentences[key] = made.around(name)
        return known

    def _sentence(self, kind: tuple[str, str], message: str, arguments: list[str]) -> Sentence:
        """The sentence by the shape of the last message of this kind, else by one of its own."""
        shape = self._shapes.get(kind)
        made = shape.filled(message, arguments) if shape is not None else None
        if made is None:
            shape = self._shapes[kind] = shape_of(message, arguments)
            made = shape.filled(message, arguments)
        return made or whole(message)

    @staticmethod
    def _name(templates: dict[str, str], made: Sentence, finding: ReportFinding) -> str:
        base = finding["message_id"] or finding["verdict"]
        taken = set(templates.values())
        name, number = base, 2
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        templates[made.template] = name
        return name

    def descriptors(self) -> list[dict[str, Any]]:
        """`driver.rules`; complete only after all results were made."""
        return [self._descriptor(name, rule) for name, rule in self._rules.items()]

    def _descriptor(self, name: str, rule: ReportRule) -> dict[str, Any]:
        templates = self._templates[name] or {f"{_SILENT['fail']}. Affected: '{{0}}'.": "fail"}
        made: dict[str, Any] = {
            "id": rule["code"],
            "name": pascal(name),
            "shortDescription": {"text": sentence(rule["title"])},
            "fullDescription": {"text": sentence(_unmarked(rule["why"]) or rule["title"])},
            "help": {"text": _help(rule, markdown=False), "markdown": _help(rule, markdown=True)},
            "messageStrings": {identifier: {"text": template} for template, identifier in templates.items()},
            "defaultConfiguration": {"level": LEVELS[rule["severity"]]},
            "properties": {
                "tags": _tags(rule),
                "precision": "high",
                "security-severity": SECURITY_SEVERITY[rule["severity"]],
                "problem.severity": {"note": "recommendation"}.get(LEVELS[rule["severity"]], LEVELS[rule["severity"]]),
                "rule": name,
            },
        }
        help_uri = web_address(rule["help_uri"])
        if help_uri:
            made["helpUri"] = help_uri
        targets = self._taxonomies.references(rule["controls"])
        if targets:
            made["relationships"] = [{"target": target, "kinds": ["relevant"]} for target in targets]
        return made


def pascal(name: str) -> str:
    """`aws-rds-storage-encrypted` as `AwsRdsStorageEncrypted`."""
    words = "".join(character if character.isalnum() and character.isascii() else " " for character in name).split()
    return "".join(word[0].upper() + word[1:] for word in words)[:MAX_NAME] or "Rule"


def _tags(rule: ReportRule) -> list[str]:
    tags = ["security", "compliance", *rule["objectives"], *rule["controls"]]
    return [cut(tag, MAX_NAME) for tag in dict.fromkeys(tags)][:MAX_TAGS]


def _help(rule: ReportRule, *, markdown: bool) -> str:
    """Why and how to mend, as Markdown or as the same text without its headings."""
    parts = [rule["why"].strip() or rule["title"]]
    if rule["fix"].strip():
        parts.append(f"{'## ' if markdown else ''}How to fix{'' if markdown else ':'}\n\n{rule['fix'].strip()}")
    if rule["controls"]:
        lines = "\n".join(f"- {framework}: {', '.join(names)}" for framework, names in rule["controls"].items())
        parts.append(f"{'## ' if markdown else ''}Controls{'' if markdown else ':'}\n\n{lines}")
    same = [f"- {tool}: {', '.join(entry['same'])}" for tool, entry in rule["equivalents"].items() if entry["same"]]
    if same:
        parts.append(f"{'## ' if markdown else ''}The same elsewhere{'' if markdown else ':'}\n\n" + "\n".join(same))
    text = "\n\n".join(parts)
    return f"# {sentence(rule['title']).rstrip('.')}\n\n{text}" if markdown else _unmarked(text)


def _unmarked(text: str) -> str:
    """Markdown where only plain text is read: without the marks that would stand in a sentence's way."""
    return text.replace("**", "")
