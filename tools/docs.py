"""Writes the pages that are made from rules, frameworks, --help, README and CONTRIBUTING: docs/rules/*.md,
docs/frameworks/*.md, docs/coverage.md, docs/commands.md, docs/start.md and docs/guides.md.

    python tools/docs.py           writes them
    python tools/docs.py --check   1 where a page is not as it would be written

Rule pages are committed, since every finding links to its rule's page, and so are the commands and the coverage; the
others are made when the site is built. The coverage needs ../shared/frameworks/rules_wanted.csv; without it the page
stays as it is.
"""

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import site_pages  # type: ignore[import-not-found]  # beside this file
from rule_coverage import page as coverage_page  # type: ignore[import-not-found]

from compliance_scan.frameworks import Frameworks
from compliance_scan.model.finding import SEVERITIES
from compliance_scan.model.rule import Prose, Rule
from compliance_scan.report import fix_text
from compliance_scan.ruleset import Ruleset

DOCS = Path(__file__).resolve().parents[1] / "docs"
BUILT = ("frameworks/", "start.md", "guides.md")
"""Made with the site and not committed."""
INPUTS = {"terraform": "hcl", "kubernetes": "yaml", "plan": "json", "inventory": "json"}
VERDICTS = {"pass": "passes", "fail": "fails", "unknown": "cannot be known", "not_applicable": "is not concerned"}
NOTE = "<!-- made by `python tools/docs.py` from the rule's file -->"


def rule_page(rule: Rule, prose: Prose) -> str:
    """A rule for people: what it wants and why, how to mend, whom it serves, and its examples."""
    lines = [f"# {rule.title}", "", NOTE, ""]
    lines += [f"`{rule.id}` · {rule.code} · **{rule.severity}**" + (" · preview" if rule.status == "preview" else "")]
    lines += ["", str(prose.why).strip(), "", "## How to mend it", ""]
    lines += [fix_text(prose.fix, manifest=rule.provider == "kubernetes"), "", "## What it is about", ""]
    lines += ["| | |", "|---|---|", f"| Judges | {_codes(rule.resource)} |", f"| On | {', '.join(rule.planes)} |"]
    lines += [f"| Serves | {', '.join(rule.objectives)} |"]
    if rule.yields_to:
        lines.append(f"| Yields to | {', '.join(f'[{name}]({name}.md)' for name in rule.yields_to)} |")
    lines += [f"| Rule file | `rules/{rule.origin}` |"]
    lines += _parameters(rule) + _peers(rule) + ["", "## Examples", ""]
    for example in prose.examples:
        lines += _example(example)
    return "\n".join(lines).rstrip("\n") + "\n"


def _codes(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _parameters(rule: Rule) -> list[str]:
    if not rule.parameters:
        return []
    rows = [
        f"| `{one.name}` | {one.type} | {'must be set' if one.default is None else f'`{_cell(one.default)}`'} "
        f"| {_cell(one.description)} |"
        for one in rule.parameters.values()
    ]
    return ["", "## What a profile may set", "", "| parameter | type | default | |", "|---|---|---|---|", *rows]


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|")


def _peers(rule: Rule) -> list[str]:
    rows = [
        f"| {peer} | {_codes(ids.get('same', ())) or 'none'} | {_codes(ids.get('related', ())) or 'none'} |"
        for peer, ids in rule.equivalents.items()
    ]
    if not rows:
        return []
    return ["", "## What others call it", "", "| scanner | the same | related |", "|---|---|---|", *rows]


def _example(example: Any) -> list[str]:
    kind = next(key for key in INPUTS if key in example)
    body = example[kind]
    files: dict[str, str] = body if isinstance(body, dict) else {"": body}
    lines = [f"### {example['name'][:1].upper()}{example['name'][1:]}", ""]
    if example.get("with"):
        lines += ["With " + ", ".join(f"`{name}: {value}`" for name, value in example["with"].items()) + ":", ""]
    for name, text in files.items():
        lines += [f"`{name}`", ""] if name else []
        lines += [f"~~~{INPUTS[kind]}", text.rstrip("\n"), "~~~", ""]
    for verdict, told in VERDICTS.items():
        for address in example.get(verdict) or ():
            lines.append(f"- `{address}` {told}")
    return [*lines, ""]


def rules_index(rules: list[Rule]) -> str:
    """All rules by what they judge, the most severe first."""
    folders: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        folders[rule.origin.rpartition("/")[0]].append(rule)
    lines = ["# Rules", "", NOTE.replace("the rule's file", "all rules"), "", f"{len(rules)} rules.", ""]
    for folder, found in sorted(folders.items()):
        lines += [f"## {folder}", "", "| rule | what must hold | severity |", "|---|---|---|"]
        for rule in sorted(found, key=lambda one: (SEVERITIES.index(one.severity), one.id)):
            lines.append(f"| [{rule.id}]({rule.id}.md) | {_cell(rule.title)} | {rule.severity} |")
        lines.append("")
    return "\n".join(lines)


def framework_page(frameworks: Frameworks, name: str, objectives: dict[str, tuple[str, ...]]) -> str:
    """A framework's controls, and the rules that serve each."""
    lines = [
        f"# {frameworks.title(name)}",
        "",
        f"`{name}`",
        "",
        "| control | what it asks | decided by machine | rules |",
    ]
    lines.append("|---|---|---|---|")
    for control in frameworks.show(name, objectives):
        served = ", ".join(f"[{rule}](../rules/{rule}.md)" for rule in control.rules) or "none"
        lines.append(f"| {control.id} | {_cell(control.title)} | {control.coverage} | {served} |")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Every page by its path below docs."""
    ruleset, frameworks = Ruleset.open(), Frameworks.open()
    rules = sorted(ruleset.all(), key=lambda rule: rule.id)
    made = {f"rules/{rule.id}.md": rule_page(rule, ruleset.prose(rule.id)) for rule in rules}
    made["rules/index.md"] = rules_index(rules)
    objectives = {rule.id: rule.objectives for rule in rules}
    names = [str(one) for one in frameworks.ids()]
    made |= {f"frameworks/{name}.md": framework_page(frameworks, name, objectives) for name in names}
    listed = "\n".join(f"- [{frameworks.title(name)}]({name}.md)" for name in names)
    made["frameworks/index.md"] = f"# Frameworks\n\n{listed}\n"
    made |= {"commands.md": site_pages.commands(), "start.md": site_pages.start(), "guides.md": site_pages.guides()}
    covered = coverage_page(rules)
    if covered is not None:
        made["coverage.md"] = covered
    return made


def main(arguments: list[str]) -> int:
    """Writes, or says what is stale."""
    made = pages()
    committed = {path: text for path, text in made.items() if not path.startswith(BUILT)}
    gone = [path for path in (DOCS / "rules").glob("*.md") if f"rules/{path.name}" not in made]
    if "--check" in arguments:
        stale = [p for p, text in committed.items() if not (DOCS / p).exists() or (DOCS / p).read_text() != text]
        for name in [*stale, *(str(path) for path in gone)]:
            print(f"{name} is stale: run `make docs`")
        return 1 if stale or gone else 0
    for path in gone:
        path.unlink()
    for name, text in made.items():
        place = DOCS / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists() or place.read_text() != text:
            place.write_text(text)
    print(f"{len(made)} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
