"""Writes the framework files from the list of all controls and what tools/framework_data/ says of each.

    python tools/frameworks.py [--check]

Reads ../shared/frameworks (universe.json, mapping.jsonl, rules_wanted.csv, cis_aws_crosswalk.json), the rules'
equivalents, and the data beside it; writes frameworks/<id>.yaml. soc2-2017.yaml and cis-aws-7.0.yaml are written by
hand. Run it again after rules with new equivalents came. With `--check` nothing is written: the exit code says whether
the files are what it would write.
"""

import csv
import functools
import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from compliance_scan import _yaml
from compliance_scan.frameworks import Frameworks, natural
from compliance_scan.ruleset import Ruleset

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared" / "frameworks"
DATA = Path(__file__).resolve().parent / "framework_data"
CROSSWALK_VERSIONS = {"4.0.1": "4.0"}
HEADER = """\
# {title}, {version}. Titles are our own words; the ids are the publisher's.
# Written by tools/frameworks.py from tools/framework_data/; change it there.
"""
FSBP_ID = re.compile(r"[A-Z][A-Za-z0-9]+\.\d+\Z")
FSBP_SERVICES = {
    "iam": "IAM", "s3": "S3", "rds": "RDS", "ec2": "EC2", "ecs": "ECS", "eks": "EKS", "ecr": "ECR", "efs": "EFS",
    "elb": "ELB", "emr": "EMR", "kms": "KMS", "dms": "DMS", "msk": "MSK", "sns": "SNS", "sqs": "SQS", "ssm": "SSM",
    "acm": "ACM", "waf": "WAF", "vpc": "EC2", "ebs": "EC2", "fsx": "FSx", "mq": "MQ", "es": "ES",
    "cloudtrail": "CloudTrail", "cloudfront": "CloudFront", "codebuild": "CodeBuild", "config": "Config",
    "docdb": "DocumentDB", "documentdb": "DocumentDB", "dynamodb": "DynamoDB", "elasticache": "ElastiCache",
    "guardduty": "GuardDuty", "lambda": "Lambda", "neptune": "Neptune", "network-firewall": "NetworkFirewall",
    "networkfirewall": "NetworkFirewall", "opensearch": "OpenSearch", "redshift": "Redshift", "sagemaker": "SageMaker",
    "secretsmanager": "SecretsManager", "kinesis": "Kinesis", "athena": "Athena", "autoscaling": "AutoScaling",
    "apigateway": "APIGateway", "appsync": "AppSync", "backup": "Backup", "macie": "Macie", "stepfunctions":
    "StepFunctions", "sfn": "StepFunctions", "glue": "Glue", "account": "Account", "eventbridge": "EventBridge",
    "transfer": "Transfer", "workspaces": "WorkSpaces", "inspector": "Inspector", "cognito": "Cognito",
    "cloudformation": "CloudFormation", "elasticbeanstalk": "ElasticBeanstalk", "route53": "Route53",
}  # fmt: skip

Control = dict[str, Any]


class Head(NamedTuple):
    """One framework that the tool writes."""

    id: str
    title: str
    version: str
    publisher: str
    kind: str
    universe: str = ""
    sections: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    map: str = ""


def heads() -> list[Head]:
    """The frameworks of frameworks.yaml."""
    found = []
    for name, given in data_of("frameworks.yaml").items():
        lists = {key: tuple(given.get(key, ())) for key in ("sections", "aliases")}
        found.append(Head(name, **{**given, "version": str(given["version"]), **lists}))
    return found


@functools.cache
def data_of(name: str) -> Any:
    """A YAML file beside the tool."""
    return _yaml.read((DATA / name).read_bytes(), name).data


@functools.cache
def universe() -> Any:
    """All controls of all versions."""
    return json.loads((SHARED / "universe.json").read_text())["frameworks"]


@functools.cache
def objectives() -> dict[str, dict[str, str]]:
    """The hub."""
    from compliance_scan.frameworks.build import read_objectives

    return read_objectives(str(REPOSITORY / "frameworks" / "objectives.yaml"))


@functools.cache
def by_peer() -> dict[tuple[str, str], set[tuple[str, bool]]]:
    """(peer, its check) to our rules, and whether each is the same requirement."""
    found: dict[tuple[str, str], set[tuple[str, bool]]] = {}
    for rule in Ruleset.open().all():
        for peer, ids in rule.equivalents.items():
            for kind in ("same", "related"):
                for one in ids.get(kind, ()):
                    found.setdefault((peer, one), set()).add((rule.id, kind == "same"))
    return found


@functools.cache
def peer_checks() -> dict[tuple[str, str], set[tuple[str, str]]]:
    """(framework in the universe's name, control) to the peers' checks."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for line in (SHARED / "mapping.jsonl").read_text().splitlines():
        entry = json.loads(line)
        for framework, controls in entry["maps"].items():
            for control in controls:
                found.setdefault((framework, control), set()).add((entry["peer"], entry["check"]))
    for row in wanted():
        for framework in ("cis_k8s_2.0.1", "cis_eks_1.8.0"):
            for control in (row[framework] or "").replace("*", "").split():
                found.setdefault((framework, control), set()).update(checks_of(row))
    return found


@functools.cache
def wanted() -> list[dict[str, str]]:
    """The rows of rules_wanted.csv."""
    with (SHARED / "rules_wanted.csv").open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def checks_of(row: Mapping[str, str]) -> set[tuple[str, str]]:
    """The peers' checks of a row."""
    peers = ("prowler", "steampipe", "checkov", "trivy", "kubescape", "kube-linter")
    return {(peer, one) for peer in peers for one in (row[peer] or "").split()}


def read_map(name: str) -> dict[str, list[str]]:
    """Control to names (objectives or rules) from `<name>.map`, groups resolved."""
    groups = {} if name == "groups" else read_map("groups")
    found: dict[str, list[str]] = {}
    for line in (DATA / f"{name}.map").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        control, names = line.split(" = ")
        if control in found:
            raise SystemExit(f"{name}.map: {control} stands twice")
        words = [word for each in names.split() for word in (groups[each[1:]] if each[0] == "+" else [each])]
        found[control] = list(dict.fromkeys(words))
    return found


def controls_of(head: Head) -> list[Control]:
    """The published controls of a framework."""
    found = universe()[head.universe]["controls"]
    return [each for each in found if not head.sections or each["section"] in head.sections]


def by_objectives(head: Head) -> list[Control]:
    """Controls that ask for objectives."""
    asked, known = read_map(head.id), objectives()
    published = controls_of(head)
    strange = set(asked) - {each["id"] for each in published}
    if strange:
        raise SystemExit(f"{head.id}.map: no such control: {', '.join(sorted(strange))}")
    made = []
    for each in published:
        names = asked.get(each["id"], [])
        for name in names:
            if name not in known:
                raise SystemExit(f"{head.id}.map: {each['id']}: no objective {name}{_yaml.nearest(name, known)}")
        made.append(control(head, each, {"objectives": names} if names else {}, "partial" if names else "manual"))
    return made


def control(head: Head, each: Mapping[str, Any], served: Control, coverage: str) -> Control:
    """A control as its file has it."""
    title = each["short"]
    section = each["section"] + (f" ({each['ig']})" if each.get("ig") else "")
    made: Control = {"id": each["id"], "section": section}
    if each.get("profile"):
        made["level"] = int(each["profile"].rpartition(" ")[2])
    made |= {"title": f"{title} (withdrawn)" if each.get("withdrawn") and title else title or "Withdrawn"}
    made |= served
    made["coverage"] = coverage
    if coverage != "full":
        made["manual"] = question(head, each, served.get("objectives", ()))
    return made


def question(head: Head, each: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """What an auditor still asks: by the control's topic, and by the limits of the first objective that serves it."""
    topics = data_of("topics.yaml")
    topic = topics[topic_of(head, each, topics)]
    title = (each["short"] or each["id"]).rstrip(".?:")
    asks, collects = [topic["ask"].replace("{title}", title)], [topic["collect"]]
    for name in list(names)[:1]:
        asks.append(objectives()[name]["ask"])
        collects.append(objectives()[name]["collect"])
    return {"ask": " ".join(asks), "collect": " ".join(collects)}


def topic_of(head: Head, each: Mapping[str, Any], topics: Mapping[str, Any]) -> str:
    """The topic of a control: by the words of its title; its section's where that goes first or no word tells."""
    if each.get("withdrawn"):
        return "withdrawn"
    sections: Mapping[str, Any] = data_of("sections.yaml").get(head.id, {})
    section: Mapping[str, Any] = sections.get(each["section"]) or next(
        (told for start, told in sections.items() if each["section"].startswith(start)), {}
    )
    if section.get("first"):
        return str(section["topic"])
    for name, topic in topics.items():
        if head.id not in topic.get("only", [head.id]):
            continue
        if "words" in topic and re.search(topic["words"], each["short"], re.IGNORECASE):
            return str(name)
    return str(section.get("topic", "operations"))


def by_rules(head: Head) -> list[Control]:
    """Controls that name rules: those of the map and those whose equivalents name a peer's check of the control."""
    pinned, known = read_map(head.map), set(Ruleset.open().ids())
    made = []
    for each in controls_of(head):
        same = {rule for rule, is_same in _equivalent(head.universe, each["id"]) if is_same}
        named = {rule for rule in pinned.get(each["id"], ()) if rule in known}
        missing = set(pinned.get(each["id"], ())) - known
        rules = sorted(same | named)
        decided = bool(rules) and not missing and (head.map == "pss" or each.get("assessment") == "Automated")
        coverage = "full" if decided else "partial" if rules else "manual"
        made.append(control(head, each, {"rules": rules} if rules else {}, coverage))
    return made


def _equivalent(framework: str, name: str) -> set[tuple[str, bool]]:
    return {rule for check in peer_checks().get((framework, name), ()) for rule in by_peer().get(check, ())}


def by_crosswalk(head: Head) -> list[Control]:
    """An older CIS AWS version by what 7.0 says of the same recommendation."""
    newest = _yaml.read((REPOSITORY / "frameworks" / "cis-aws-7.0.yaml").read_bytes(), "cis-aws-7.0.yaml").data
    known = {each["id"]: each for each in newest["controls"]}
    version = CROSSWALK_VERSIONS.get(head.version, head.version)
    walked = json.loads((SHARED / "cis_aws_crosswalk.json").read_text())
    today = {each["ids"][version]: each for each in walked if version in each["ids"]}
    old = data_of("cis-aws-old.yaml")
    made = []
    for each in controls_of(head):
        twin = today[each["id"]]
        told = known[twin["ids"]["7.0"]] if "7.0" in twin["ids"] else old[twin["short"]]
        served = {key: told[key] for key in ("rules", "coverage", "manual") if key in told}
        level = int(each["profile"].rpartition(" ")[2])
        made.append({"id": each["id"], "section": each["section"], "level": level, "title": each["short"], **served})
    return made


def fsbp(head: Head) -> list[Control]:
    """AWS' best practices, by the column of rules_wanted.csv; an id without service is one of the row's service."""
    titles: dict[str, str] = {}
    checks: dict[str, set[tuple[str, str]]] = {}
    for row in wanted():
        for text in (row["aws_fsbp"] or "").replace("*", "").split():
            service = FSBP_SERVICES.get(row["service"])
            name = text if FSBP_ID.match(text) else f"{service}.{text}" if service else ""
            if name:
                titles.setdefault(name, row["requirement"])
                checks.setdefault(name, set()).update(checks_of(row))
    made = []
    for name in sorted(titles, key=natural):
        found = {rule for check in checks[name] for rule in by_peer().get(check, ())}
        same = sorted(rule for rule, is_same in found if is_same)
        rules = same or sorted(rule for rule, _ in found)
        each = {"id": name, "section": name.split(".")[0], "short": titles[name]}
        coverage = "full" if same else "partial" if rules else "manual"
        made.append(control(head, each, {"rules": rules} if rules else {}, coverage))
    return made


def text_of(head: Head, controls: Iterable[Control]) -> str:
    """A framework's file."""
    out = [HEADER.format(title=head.title, version=head.version)]
    out += [f"title: {scalar(head.title)}", f"version: {json.dumps(head.version)}"]
    out += [f"publisher: {scalar(head.publisher)}"]
    if head.aliases:
        out.append(f"aliases: [{', '.join(head.aliases)}]")
    out.append("controls:")
    for each in controls:
        lead = "  - "
        for key, value in each.items():
            if isinstance(value, dict):
                out.append(f"    {key}:")
                out += [f"      {inner}: {scalar(text)}" for inner, text in value.items()]
            else:
                shown = f"[{', '.join(value)}]" if isinstance(value, list) else scalar(value)
                out.append(f"{lead}{key}: {shown}")
            lead = "    "
    return "\n".join(out) + "\n"


def scalar(value: Any) -> str:
    """A value as YAML text, quoted where it would be read as something else."""
    text = str(value)
    plain = not re.search(r": | #|[\[\]{}]|:$|^[\s\"'&*!|>%@`?-]|^[0-9.]+$", text)
    return text if plain or isinstance(value, int) else json.dumps(text, ensure_ascii=False)


MAKERS = {"objectives": by_objectives, "rules": by_rules, "crosswalk": by_crosswalk, "fsbp": fsbp}


def main() -> int:
    """Writes, or with `--check` compares."""
    stale = []
    for head in heads():
        path = REPOSITORY / "frameworks" / f"{head.id}.yaml"
        text = text_of(head, MAKERS[head.kind](head))
        if not path.exists() or path.read_text() != text:
            stale.append(head.id)
            if "--check" not in sys.argv:
                path.write_text(text)
    if "--check" in sys.argv:
        sys.stderr.write("".join(f"{name} is not what tools/frameworks.py writes\n" for name in stale))
        return 1 if stale else 0
    frameworks, rules = Frameworks.open(), {rule.id: rule.objectives for rule in Ruleset.open().all()}
    for name in frameworks.ids():
        sys.stdout.write(f"{frameworks.coverage(name, rules)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
