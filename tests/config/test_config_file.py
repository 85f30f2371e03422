"""`.compliance-scan.yaml`: strict, and never trusted beyond what it may say."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from compliance_scan import config
from compliance_scan.config import Config, Note, SuppressionEntry, parse_config
from compliance_scan.errors import ConfigError, UsageError

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs/schema/config.schema.json").read_text())
ALL = """\
fail_on: high
severity: low
verdicts: [fail, unknown]
rule: aws-a
skip_rule: [aws-b, CMP2001]
framework: [soc2-2017]
profile: org/profile.yaml
baseline: accepted.json
include: ["*.tf"]
exclude: [examples/**]
allow_incomplete: true
rules: [org/rules]
preview: false
var_file: [prod.tfvars]
workspace: prod
inline_suppressions: true
foreign_suppressions: false
suppressions:
  - rule: aws-a
    resource: "module.x.*"
    reason: kept elsewhere
    owner: storage
    until: 2027-01-31
"""


def read(text: str, *, inside: bool = True, policy: bool = False) -> Config:
    return parse_config(text.encode(), "c.yaml", "/r", "/r", inside=inside, policy=policy)


def test_every_key() -> None:
    made = read(ALL)
    assert set(made.entries) == set(config.KEYS) == set(SCHEMA["properties"])
    assert made.get("rule") == ("aws-a",)
    assert made.get("profile") == "/r/org/profile.yaml"
    assert made.get("rules") == ("/r/org/rules",)
    assert made.get("workspace") == "prod"
    assert made.get("foreign_suppressions") is False
    assert made.get("suppressions") == (
        SuppressionEntry("aws-a", "module.x.*", "kept elsewhere", "storage", "2027-01-31", 19),
    )
    assert made.entries["exclude"].line == 10


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}\n"])
def test_nothing(text: str) -> None:
    assert read(text).entries == {}


BAD = [
    ("fial_on: low", "c.yaml:1: unknown key `fial_on`, did you mean `fail_on`?"),
    ("rule: a\nrule: b", "c.yaml:2: duplicate key `rule` (first on line 1)"),
    ("fail_on: hihg", "c.yaml:1: fail_on is 'hihg'"),
    ("fail_on: [high]", "c.yaml:1: fail_on is ['high']"),
    ("verdicts: [fail, maybe]", "c.yaml:1: verdicts is 'maybe'"),
    ("preview: yes please", "c.yaml:1: preview must be true or false"),
    ("rule: [{a: b}]", "c.yaml:1: rule must be a text"),
    ("- a", "c.yaml:1: the file must be a mapping of keys to values"),
    ("a: [", "c.yaml:"),
    ("suppressions:\n  - rule: a", "c.yaml:2: `suppressions.0` lacks the suppression key `reason`"),
    ("suppressions:\n  - rule: a\n    reason: ''", "c.yaml:3: a suppression's reason must be a text"),
    ("suppressions:\n  - rule: a\n    reason: b\n    untill: c", "c.yaml:4: unknown suppression key `untill`, did you"),
    ("suppressions:\n  - rule: a\n    reason: b\n    until: soon", "c.yaml:4: until is 'soon', which is no date"),
    (
        "baseline: ../other/accepted.json",
        "c.yaml:1: baseline leads outside the repository root: ../other/accepted.json",
    ),
    ("rules: /etc", "c.yaml:1: rules leads outside the repository root: /etc"),
    ("profile: /etc/passwd.yaml", "c.yaml:1: profile leads outside the repository root"),
    ("var_file: [a.tfvars, ../b.tfvars]", "c.yaml:1: var_file leads outside the repository root: ../b.tfvars"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_wrong(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(text)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize("key", list(config.REFUSED))
def test_what_a_repository_may_never_set(key: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(f"severity: low\n{key}: x\n")
    assert raised.value.message == f"c.yaml:2: {key} may not be set by a configuration file"
    assert raised.value.hint.startswith("give it as --")


def test_schema_agrees_with_the_reader() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert list(validator.iter_errors(_plain(ALL))) == []
    refused = 0
    for text, message in BAD:
        if "YAML" in message or "duplicate" in message or "outside" in message or text == "a: [":
            continue
        assert not validator.is_valid(_plain(text)), text
        refused += 1
    assert refused > 8


def _plain(text: str) -> Any:
    return yaml.load(text, Loader=yaml.BaseLoader) if "preview" not in text else _typed(text)


def _typed(text: str) -> Any:
    data = yaml.load(text, Loader=yaml.BaseLoader)
    flags = {"true": True, "false": False}
    return {key: flags.get(value, value) if isinstance(value, str) else value for key, value in data.items()}


def test_a_file_of_the_callers_own_may_name_other_files() -> None:
    assert read("baseline: ../other.json", inside=False).get("baseline") == "/other.json"


def test_a_link_out_of_the_repository(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "c.yaml").write_text("severity: low\n")
    (root / ".compliance-scan.yaml").symlink_to(tmp_path / "c.yaml")
    found = config.find_config(str(root))
    assert found is not None
    with pytest.raises(ConfigError, match="leads outside"):
        config.read_config(found, str(root))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        config.read_config(str(tmp_path / "none.yaml"), str(tmp_path))


def test_what_weakens_is_noted() -> None:
    made = read("fail_on: high\npreview: true\nexclude: [a, b]\n")
    assert config.notes(made, ["exclude"]) == [
        Note("fail_on", "high", "c.yaml", 1, weakens=True),
        Note("preview", "true", "c.yaml", 2, weakens=False),
    ]
    own = read("fail_on: high\n", inside=False)
    assert config.notes(own, []) == [Note("fail_on", "high", "c.yaml", 1, weakens=False)]


def test_a_policy_locks_what_weakens() -> None:
    found = read("fail_on: critical\nskip_rule: [aws-a]\npreview: true\nexclude: [x]\n")
    policy = parse_config(b"fail_on: medium\nallow: [exclude]\n", "p.yaml", "/o", "/r", inside=False, policy=True)
    settled, ignored = config.locked(found, policy)
    assert settled is not None
    assert {key: entry.value for key, entry in settled.entries.items()} == {
        "preview": True,
        "exclude": ("x",),
        "fail_on": "medium",
    }
    assert [(note.key, note.value, note.line) for note in ignored] == [
        ("fail_on", "critical (ignored: p.yaml locks it)", 1),
        ("skip_rule", "aws-a (ignored: p.yaml locks it)", 2),
    ]
    assert [(note.key, note.file, note.weakens) for note in config.notes(settled, [])] == [
        ("preview", "c.yaml", False),
        ("exclude", "c.yaml", True),
        ("fail_on", "p.yaml", False),
    ]


def test_a_policy_alone() -> None:
    policy = parse_config(b"severity: high\n", "p.yaml", "/o", "/r", inside=False, policy=True)
    settled, ignored = config.locked(None, policy)
    assert settled is not None
    assert (settled.get("severity"), ignored) == ("high", [])


@pytest.mark.parametrize(
    ("given", "file", "expected"),
    [({"rule": ("a",)}, "rule: b", ("a",)), ({"rule": ()}, "rule: b", ("b",)), ({}, "", "none")],
)
def test_precedence(given: dict[str, Any], file: str, expected: Any) -> None:
    assert config.choose("rule", given, read(file), "none") == expected


@pytest.mark.parametrize(
    ("name", "near"), [("fail-no", "fail_on"), ("skip_rules", "skip_rule"), ("zzz", None), ("FAIL_ON", None)]
)
def test_nearest(name: str, near: str | None) -> None:
    assert config.nearest(name, config.KEYS) == near
