"""How much of each standard the rules decide, against the union of all peers; every difference has a reason."""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from compliance_scan import _yaml
from compliance_scan.frameworks import Frameworks
from compliance_scan.model.framework import Control
from compliance_scan.ruleset import Ruleset
from tools import framework_differences

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared" / "frameworks"
UNIVERSE = {
    "soc2-2017": "soc2_tsc_2017_pof2022",
    "pci-dss-4.0.1": "pci_dss_4.0.1",
    "gdpr": "gdpr_2016_679",
    **{f"cis-aws-{version}": f"cis_aws_{version}" for version in ("1.4", "1.5", "2.0", "3.0", "4.0.1", "5.0", "6.0")},
    "cis-aws-7.0": "cis_aws_7.0",
    "cis-kubernetes-1.12": "cis_k8s_1.12",
    "cis-kubernetes-2.0.1": "cis_k8s_2.0.1",
    "cis-eks-1.8.0": "cis_eks_1.8.0",
    "cis-controls-8.1": "cis_controls_8.1",
    "iso-27001-2022": "iso_27001_2022",
    "nist-csf-2.0": "nist_csf_2.0",
    "nist-800-53-r5": "nist_800_53_r5",
    "hipaa": "hipaa_security_rule",
    "dora": "dora_2022_2554",
    "dora-rts": "dora_rts_2024_1774",
    "ccpa": "ccpa_cpra_2026",
    "mifid2": "mifid_ii",
    "owasp-top10-2021": "owasp_top10_2021",
    "owasp-top10-2025": "owasp_top10_2025",
    "pss": "k8s_pss",
}
REACHED = {
    "soc2-2017": 36,
    "pci-dss-4.0.1": 107,
    "cis-aws-7.0": 65,
    "cis-kubernetes-2.0.1": 128,
    "cis-eks-1.8.0": 49,
    "cis-controls-8.1": 65,
    "iso-27001-2022": 37,
    "nist-csf-2.0": 77,
    "nist-800-53-r5": 204,
    "hipaa": 38,
    "dora": 18,
    "gdpr": 12,
}
"""What the peers reach together; less what `differences.yaml` marks manual."""
COUNTED_BY_ARTICLE = {"gdpr"}

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the peers' mappings, ../shared/frameworks, are not here")


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return Ruleset.open()


@pytest.fixture(scope="module")
def shown(ruleset: Ruleset) -> dict[str, dict[str, Control]]:
    frameworks, rules = Frameworks.open(), {rule.id: rule.objectives for rule in ruleset.all()}
    return {name: {one.id: one for one in frameworks.show(name, rules)} for name in frameworks.ids()}


@pytest.fixture(scope="module")
def published() -> dict[str, list[dict[str, Any]]]:
    found = json.loads((SHARED / "universe.json").read_text())["frameworks"]
    return {name: found[known]["controls"] for name, known in UNIVERSE.items()}


@pytest.fixture(scope="module")
def differences() -> dict[str, dict[str, list[dict[str, Any]]]]:
    path = Path(__file__).parent / "differences.yaml"
    data: dict[str, dict[str, list[dict[str, Any]]]] = _yaml.read(path.read_bytes(), path.name).data
    return data


@pytest.mark.parametrize("framework", UNIVERSE)
def test_every_control_of_the_version_is_there_and_no_other(
    framework: str, shown: dict[str, dict[str, Control]], published: dict[str, list[dict[str, Any]]]
) -> None:
    assert list(shown[framework]) == [control["id"] for control in published[framework]]


def test_the_records_rules_are_three_frameworks_that_hold_all_of_them(shown: dict[str, dict[str, Control]]) -> None:
    found = json.loads((SHARED / "universe.json").read_text())["frameworks"]["sec_fca_esma_records"]["controls"]
    ours = [name for framework in ("sec-records", "fca-records", "esma-records") for name in shown[framework]]
    assert ours == [control["id"] for control in found]


def reason_of(entries: list[dict[str, Any]], control: str, objectives: tuple[str, ...] | None = None) -> str:
    for entry in entries:
        if any(fnmatchcase(control, glob.replace("[", "[[]")) for glob in entry["controls"]) and (
            objectives is None or "objectives" not in entry or set(objectives) & set(entry["objectives"])
        ):
            return str(entry["reason"])
    return ""


def left_to_people(
    framework: str, shown: dict[str, dict[str, Control]], published: dict[str, list[dict[str, Any]]]
) -> list[str]:
    return [
        control["id"]
        for control in published[framework]
        if control["automatable"] and shown[framework][control["id"]].coverage == "manual"
    ]


def test_what_a_peer_decides_is_decided_or_has_a_reason(
    shown: dict[str, dict[str, Control]],
    published: dict[str, list[dict[str, Any]]],
    differences: dict[str, dict[str, list[dict[str, Any]]]],
) -> None:
    without = [
        f"{framework} {name}"
        for framework in UNIVERSE
        for name in left_to_people(framework, shown, published)
        if not reason_of(differences["manual"].get(framework, []), name)
    ]
    assert not without


def test_each_control_that_is_left_to_people_has_a_reason_of_its_own(
    shown: dict[str, dict[str, Control]],
    published: dict[str, list[dict[str, Any]]],
    differences: dict[str, dict[str, list[dict[str, Any]]]],
) -> None:
    for framework, entries in differences["manual"].items():
        left = left_to_people(framework, shown, published)
        assert sorted(name for entry in entries for name in entry["controls"]) == sorted(left), framework
        assert max(Counter(entry["reason"] for entry in entries).values(), default=1) == 1, framework


@pytest.mark.parametrize("framework", REACHED)
def test_coverage_reaches_the_union_of_the_peers_less_what_is_manual_for_a_reason(
    framework: str,
    shown: dict[str, dict[str, Control]],
    published: dict[str, list[dict[str, Any]]],
    differences: dict[str, dict[str, list[dict[str, Any]]]],
) -> None:
    decided = [name for name, control in shown[framework].items() if control.coverage != "manual"]
    manual = left_to_people(framework, shown, published)
    for name in manual:
        sys.stdout.write(f"{framework} {name} is manual: {reason_of(differences['manual'][framework], name)}\n")
    if framework in COUNTED_BY_ARTICLE:
        decided = sorted({name.split("(")[0] for name in decided})
    told = f"{len(decided)} of {len(shown[framework])} decided at least in part; bound {REACHED[framework]}"
    sys.stdout.write(f"{framework}: {told}\n")
    assert len(decided) >= REACHED[framework] - len(manual)


def agreed(ruleset: Ruleset) -> Iterator[tuple[str, str, str]]:
    """(framework, control, rule) that two or more peers agree on."""
    same = defaultdict(set)
    for rule in ruleset.all():
        for peer, ids in rule.equivalents.items():
            for one in ids.get("same", ()):
                same[peer, one].add(rule.id)
    names = {known: name for name, known in UNIVERSE.items()}
    votes = defaultdict(set)
    for line in (SHARED / "mapping.jsonl").read_text().splitlines():
        entry = json.loads(line)
        for framework, controls in entry["maps"].items():
            for control in controls if framework in names else ():
                for rule_id in same.get((entry["peer"], entry["check"]), ()):
                    votes[names[framework], control, rule_id].add(entry["peer"])
    return (one for one, peers in votes.items() if len(peers) > 1)


def test_where_two_peers_agree_and_we_differ_there_is_a_reason(
    ruleset: Ruleset,
    shown: dict[str, dict[str, Control]],
    differences: dict[str, dict[str, list[dict[str, Any]]]],
) -> None:
    same = differing = 0
    without = []
    for framework, control, rule in agreed(ruleset):
        if control not in shown[framework]:
            continue
        if rule in shown[framework][control].rules:
            same += 1
            continue
        differing += 1
        entries = differences["mapping"].get(framework, [])
        if not reason_of(entries, control, ruleset.rule(rule).objectives):
            without.append(f"{framework} {control} {rule} {ruleset.rule(rule).objectives}")
    sys.stdout.write(f"{same} mappings as two peers have them, {differing} otherwise for a reason\n")
    assert same > 500
    assert not without, "\n".join(without)


def test_no_error_of_the_peers_is_repeated(shown: dict[str, dict[str, Control]]) -> None:
    """The findings of peer_errors.csv that concern a mapping, as what must not stand in ours."""

    def serving(framework: str, control: str) -> set[str]:
        return set(shown[framework][control].objectives)

    assert "encryption-at-rest" not in serving("pci-dss-4.0.1", "8.3.2")
    assert "instance-metadata-protection" not in serving("pci-dss-4.0.1", "8.2.8")
    assert "no-wildcard-permissions" not in serving("pci-dss-4.0.1", "8.3.4")
    assert not {"log-retention", "backup"} & serving("pci-dss-4.0.1", "3.2.1")
    assert not shown["pci-dss-4.0.1"]["3.3.1.1"].rules
    assert not shown["pci-dss-4.0.1"]["5.3.4"].rules
    logging = {
        control: frozenset(shown["pci-dss-4.0.1"][control].rules) for control in ("10.2.1.1", "10.2.1.2", "10.3.1")
    }
    assert len(set(logging.values())) == 3
    assert "backup" not in serving("soc2-2017", "C1.2")
    assert "public-data-access" not in serving("soc2-2017", "CC6.2")
    assert "audit-trail" not in serving("gdpr", "Art.30")
    assert not shown["dora"]["Art.30"].rules
    assert not shown["dora"]["Art.45"].rules
    assert shown["cis-aws-7.0"]["6.8"].rules
    assert shown["cis-aws-5.0"]["1.10"].rules
    assert "5.7.1" not in shown["cis-kubernetes-1.12"]


def test_every_manual_question_speaks_of_its_own_control(shown: dict[str, dict[str, Control]]) -> None:
    """No sentence stands on many controls alike, and none is without evidence to collect."""
    for framework, controls in shown.items():
        asked = [one.manual for one in controls.values() if one.coverage != "full"]
        assert all(one and "Collect: " in one for one in asked), framework
        assert max(Counter(asked).values(), default=0) <= 20, framework


def test_the_page_of_differences_is_what_the_command_writes() -> None:
    assert framework_differences.page() == framework_differences.PAGE.read_text(), (
        "run: python tools/framework_differences.py"
    )
