"""The built-in frameworks, the loader, and what it says of files that are wrong."""

import difflib
import os
from pathlib import Path

import pytest

from compliance_scan.errors import ConfigError, UsageError
from compliance_scan.frameworks import Frameworks, natural

REPOSITORY = Path(__file__).resolve().parents[2]
RULES = {"aws-kms-key-rotation": ["key-rotation"], "aws-s3-bucket-tls-only": ["encryption-in-transit"], "x": []}

HUB = """\
encryption-at-rest: {title: t, meaning: m, evidence: e, limits: l}
"""
FRAMEWORK = """\
title: One
version: "1.0"
controls:
  - id: A.1
    title: Stored data is encrypted
    objectives: [encryption-at-rest]
    coverage: partial
    manual: {ask: Really?, collect: Proof.}
"""


def folder(tmp_path: Path, hub: str = HUB, **files: str) -> str:
    (tmp_path / "objectives.yaml").write_text(hub)
    for name, text in files.items():
        (tmp_path / f"{name.replace('_', '-')}.yaml").write_text(text)
    return str(tmp_path)


def error(tmp_path: Path, text: str, name: str = "one_1.0") -> str:
    with pytest.raises(ConfigError) as caught:
        Frameworks.read(folder(tmp_path, **{name: text}))
    return caught.value.message.split("/")[-1]


@pytest.fixture(scope="module")
def frameworks() -> Frameworks:
    return Frameworks.open()


def test_soc2_is_never_wholly_decided_and_36_criteria_are_in_part(frameworks: Frameworks) -> None:
    everything = {f"rule-for-{objective}": [objective] for objective in frameworks.objectives()}
    found = frameworks.coverage("soc2-2017", everything)
    assert found.full == 0
    assert found.partial >= 36
    assert found.controls == found.partial + found.manual == 61


def test_about_a_hundred_objectives_each_say_what_shows_them_and_what_cannot(frameworks: Frameworks) -> None:
    objectives = frameworks.objectives()
    assert 100 <= len(objectives) <= 130
    for name, objective in objectives.items():
        assert list(objective) == ["title", "meaning", "evidence", "limits", "ask", "collect"], name
        assert not objective["title"].endswith("."), name
        assert all(objective[key].endswith(".") for key in ("meaning", "evidence", "limits", "collect")), name
        assert objective["ask"].endswith("?"), name


def test_every_objective_is_asked_for_or_waits_for_the_other_frameworks(frameworks: Frameworks) -> None:
    """A misspelt objective in a framework file is refused by the loader; this shows that the hub is in real use."""
    asked = {
        name for framework in frameworks.ids() for one in frameworks.show(framework, {}) for name in one.objectives
    }
    assert len(asked) > 0.75 * len(frameworks.objectives())


def test_names_without_version_mean_the_newest(tmp_path: Path) -> None:
    found = Frameworks.read(
        folder(
            tmp_path,
            **{
                "one_1.9": FRAMEWORK.replace("1.0", "1.9"),
                "one_1.12": FRAMEWORK.replace("1.0", "1.12") + "aliases: [uno]\n",
                "two": FRAMEWORK.replace("1.0", "2016"),
            },
        )
    )
    assert found.ids() == ["one-1.9", "one-1.12", "two"]
    assert [found.resolve(name) for name in ("one", "uno", "one-1.9", "two")] == [
        "one-1.12",
        "one-1.12",
        "one-1.9",
        "two",
    ]


def test_an_unknown_name_gets_the_nearest_one(frameworks: Frameworks) -> None:
    with pytest.raises(UsageError) as caught:
        frameworks.resolve("cis-awz")
    assert caught.value.hint == "did you mean cis-aws?"


def test_rules_and_controls_find_one_another(frameworks: Frameworks) -> None:
    assert frameworks.rules_for("cis-aws-7.0", RULES) == {"aws-kms-key-rotation", "aws-s3-bucket-tls-only"}
    assert frameworks.rules_for("soc2-2017", RULES) == {"aws-kms-key-rotation", "aws-s3-bucket-tls-only"}
    both = ["cis-aws-7.0", "soc2-2017"]
    assert frameworks.controls_for("aws-kms-key-rotation", ["key-rotation"], both) == {
        "cis-aws-7.0": ["4.6"],
        "soc2-2017": ["CC6.1"],
    }
    assert frameworks.controls_for("x", [], both) == {}


def test_what_no_rule_serves_is_manual_and_half_of_the_rules_is_partial(frameworks: Frameworks) -> None:
    one = {control.id: control for control in frameworks.show("cis-aws-7.0", {"aws-vpc-nacl-ssh": []})}
    assert (one["6.2"].coverage, one["6.2"].planned) == ("partial", ("aws-vpc-nacl-rdp",))
    assert one["4.6"].coverage == "manual"
    assert one["4.6"].manual
    both = {
        control.id: control
        for control in frameworks.show("cis-aws-7.0", {"aws-vpc-nacl-ssh": [], "aws-vpc-nacl-rdp": []})
    }
    assert (both["6.2"].coverage, both["6.2"].manual) == ("full", "")


def test_frameworks_are_found_by_listing_the_folder(tmp_path: Path) -> None:
    found = Frameworks.read(folder(tmp_path, **{"one_1.0": FRAMEWORK}))
    assert found.ids() == ["one-1.0"]
    assert found.show("one-1.0", {})[0].title == "Stored data is encrypted"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            FRAMEWORK.replace("at-rest", "at-rset"),
            "one-1.0.yaml:6: unknown objective `encryption-at-rset`, did you mean `encryption-at-rest`?",
        ),
        (
            FRAMEWORK.replace("coverage:", "covrage:"),
            "one-1.0.yaml:4: controls.0: unknown key `covrage`, did you mean `coverage`?",
        ),
        (
            FRAMEWORK.replace("partial", "half"),
            "one-1.0.yaml:7: controls.0.coverage: 'half' is not one of ['full', 'partial', 'manual']",
        ),
        (
            FRAMEWORK.replace("    manual: {ask: Really?, collect: Proof.}\n", ""),
            "one-1.0.yaml:4: controls.0: lacks `manual`",
        ),
        (
            FRAMEWORK.replace("partial", "full"),
            "one-1.0.yaml:4: controls.0: full coverage leaves nothing manual, and manual coverage names neither rules nor objectives",
        ),
        (
            FRAMEWORK.replace("    objectives: [encryption-at-rest]\n", ""),
            "one-1.0.yaml:4: controls.0: names neither `rules` nor `objectives`; without them coverage is `manual`",
        ),
        (FRAMEWORK + FRAMEWORK[FRAMEWORK.index("  - id") :], "one-1.0.yaml:9: control `A.1` stands on line 4 already"),
        ("title: One\n", "one-1.0.yaml:1: the file: lacks `version`, `controls`"),
        ("- a\n", "one-1.0.yaml:1: the file: ['a'] is not of type 'object'"),
        (FRAMEWORK + "title: Two\n", "one-1.0.yaml:9: duplicate key `title` (first on line 1)"),
        (FRAMEWORK + "aliases: [one]\n", "one-1.0.yaml:1: the alias `one` is a framework's own name"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(text: str, message: str, tmp_path: Path) -> None:
    assert error(tmp_path, text) == message


def test_two_frameworks_cannot_share_an_alias(tmp_path: Path) -> None:
    text = FRAMEWORK + "aliases: [uno]\n"
    with pytest.raises(ConfigError, match=r"the alias `uno` is an alias of one-1\.0, too"):
        Frameworks.read(folder(tmp_path, **{"one_1.0": text, "two_1.0": text}))


def test_the_hub_keeps_to_its_schema(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"objectives\.yaml:1: encryption-at-rest: lacks `limits`"):
        Frameworks.read(folder(tmp_path, HUB.replace(", limits: l", "")))


def test_a_scan_reads_the_pack_and_no_yaml(tmp_path: Path) -> None:
    import subprocess
    import sys

    Frameworks.open()
    code = (
        "import sys; from compliance_scan.frameworks import Frameworks; f = Frameworks.open();"
        "f.controls_for('aws-kms-key-rotation', ['key-rotation'], ['cis-aws-7.0']);"
        "print([m for m in ('yaml', 'jsonschema', 'difflib') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "[]"


def test_numbers_in_names_count_as_numbers() -> None:
    assert sorted(["a-1.12", "a-1.4", "a-4.0.1", "a-10"], key=natural) == ["a-1.4", "a-1.12", "a-4.0.1", "a-10"]


def test_rules_that_a_framework_plans_are_named_by_service(frameworks: Frameworks) -> None:
    """A rule that does not exist lowers coverage in silence, so a misspelt one must be noticed here."""
    folder = REPOSITORY / "rules"
    existing = {path.stem for path in folder.rglob("*.yaml")}
    services = {path.name for path in (folder / "aws").iterdir()}
    services |= {"account", "accessanalyzer", "apigateway", "cloudfront", "config", "ebs", "eventbridge", "glacier"}
    services |= {"lambda", "macie", "organizations", "secretsmanager", "securityhub", "sqs", "lb"}
    for framework in frameworks.ids():
        for control in frameworks.show(framework, {}):
            for name in set(control.planned) - existing:
                assert name.split("-")[1] in services, f"{framework} {control.id}: {name}"
                near = difflib.get_close_matches(name, existing, n=1, cutoff=0.95)
                assert not near, f"{framework} {control.id}: {name} is perhaps {near[0]}"
