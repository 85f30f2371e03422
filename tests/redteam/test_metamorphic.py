"""Laws of the whole pipeline: what says the same is judged the same, and what is known less is judged no better."""

import re
from collections.abc import Mapping
from functools import partial

import pytest

from compliance_scan.model.value import Encoded
from tests.redteam.redteam_laws import (
    BLOCK,
    SEEDS,
    Case,
    Seed,
    blocks,
    compare,
    compare_messages,
    examples,
    hold,
    in_variable,
    judged,
    literals,
    replaced,
    some,
    worse,
)
from tests.redteam.redteam_world import read


@pytest.mark.parametrize(
    "way",
    [
        "var.red",
        '"${var.red}"',
        "var.red.x",
        "var.red ? LITERAL : null",
        "coalesce(var.red, LITERAL)",
        "try(var.red.x, LITERAL)",
        'lookup(var.red, "x", LITERAL)',
        "merge({ x = LITERAL }, var.red).x",
        "one(compact([var.red, LITERAL]))",
        "module.red.x",
        "data.external.red.result.x",
    ],
)
def test_what_is_not_known_decides_nothing_that_was_undecided(way: str) -> None:
    more = '\nvariable "red" {}\nmodule "red" { source = "example.com/red/herring/aws" }\ndata "external" "red" {}\n'

    def make(seed: Seed, match: re.Match[str]) -> tuple[str, Mapping[str, str]]:
        text = replaced(seed, match, way.replace("LITERAL", match[4]))
        return f"{match[2]} = {match[4]}", seed.but(text + more)

    cases: list[Case] = []
    for seed in SEEDS:
        for match in literals(seed):
            if match[4] == '""' and "coalesce" in way:
                continue  # what `coalesce` gives is never empty
            cases.append((seed, partial(make, seed, match)))
    hold(cases, worse)


@pytest.mark.parametrize(
    "way",
    [
        "(true ? LITERAL : null)",
        "try(LITERAL, null)",
        "tolist([LITERAL])[0]",
        "merge({ x = null }, { x = LITERAL }).x",
        "jsondecode(jsonencode(LITERAL))",
        "sensitive(LITERAL)",
        "[for v in [LITERAL] : v][0]",
        '"${LITERAL}"',
        "[LITERAL, var.red][0]",
        'lookup({ x = LITERAL }, "x", var.red)',
        "(var.red ? LITERAL : LITERAL)",
    ],
)
def test_a_roundabout_way_of_saying_it_changes_no_verdict(way: str) -> None:
    def make(seed: Seed, match: re.Match[str]) -> tuple[str, Mapping[str, str]]:
        text = replaced(seed, match, way.replace("LITERAL", match[4]))
        return f"{match[2]} = {match[4]}", seed.but(text + '\nvariable "red" {}\n')

    hold([(seed, partial(make, seed, match)) for seed in SEEDS for match in literals(seed)], compare)


_NESTED = re.compile(r"(?m)^(  +)([a-z_]+) \{$")
_NO_BLOCKS = frozenset({"dynamic", "lifecycle", "content", "provider", "connection", "provisioner", "validation"})


@pytest.mark.parametrize("over", ["[1]", "var.red", "var.red ? [1] : []", "{ x = 1 }"])
def test_a_dynamic_block_is_judged_as_the_blocks_it_makes(over: str) -> None:
    def make(seed: Seed, match: re.Match[str]) -> tuple[str, Mapping[str, str]]:
        end = seed.text.index(f"\n{match[1]}}}", match.start())
        inner = seed.text[match.end() : end]
        block = f'{match[1]}dynamic "{match[2]}" {{\n for_each = {over}\n content {{{inner}\n}}\n}}'
        text = seed.text[: match.start()] + block + seed.text[end + len(match[1]) + 2 :]
        return f"{match[2]} over {over}", seed.but(text + '\nvariable "red" {}\n')

    cases: list[Case] = []
    for seed in SEEDS:
        for match in _NESTED.finditer(seed.text):
            if (
                f"\n{match[1]}}}" not in seed.text[match.start() :]
                or match[2] in _NO_BLOCKS
                or in_variable(seed.text, match.start())
                or "dynamic" in seed.text
            ):
                continue
            cases.append((seed, partial(make, seed, match)))
    hold(cases, worse if "var" in over else compare)


@pytest.mark.parametrize("way", ["local", "default", "tfvars", "module"])
def test_where_a_literal_is_said_changes_no_verdict(way: str) -> None:
    def make(seed: Seed, match: re.Match[str]) -> tuple[str, Mapping[str, str]]:
        return f"{way}: {match[2]} = {match[4]}", _said(seed, match, way)

    seeds = [seed for seed in SEEDS if way != "module" or _may_be_module(seed)]
    cases: list[Case] = [(seed, partial(make, seed, match)) for seed in seeds for match in literals(seed)]
    broken: list[str] = []
    for seed, what, files, before in some(cases):
        prefix = "module.red." if way == "module" else ""
        compare(
            broken,
            seed,
            what,
            {moved(prefix, address): told for address, told in before.items()},
            judged(seed.rule, files),
        )
    assert not broken, "\n".join(broken)


def moved(prefix: str, address: str) -> str:
    """An address in a module; what is one of a root stays where it is."""
    return address if address in ("account", "region") else prefix + address


def _may_be_module(seed: Seed) -> bool:
    return re.search(r'variable "(source|version|count|for_each|providers)"', seed.text) is None


def _said(seed: Seed, match: re.Match[str], way: str) -> Mapping[str, str]:
    if way == "local":
        return seed.but(replaced(seed, match, "local.red") + f"\nlocals {{ red = {match[4]} }}\n")
    text = replaced(seed, match, "var.red")
    if way == "default":
        return seed.but(text + f'\nvariable "red" {{ default = {match[4]} }}\n')
    if way == "tfvars":
        return seed.but(text + '\nvariable "red" {}\n') | {"red.auto.tfvars": f"red = {match[4]}\n"}
    inner = {f"m/{name}": body for name, body in seed.but(text + '\nvariable "red" {}\n').items()}
    return {**inner, "main.tf": f'module "red" {{\n  source = "./m"\n  red = {match[4]}\n}}\n'}


def test_the_order_of_blocks_and_files_changes_nothing_that_is_told() -> None:
    def make(seed: Seed, way: str) -> tuple[str, Mapping[str, str]]:
        parts = blocks(seed.text)
        if way == "reversed":
            return way, seed.but("\n".join(reversed(parts)))
        others = {name: body for name, body in seed.files.items() if name != "main.tf"}
        return way, others | {f"f{len(parts) - index}.tf": part for index, part in enumerate(parts)}

    cases: list[Case] = []
    for seed in SEEDS:
        if BLOCK.search(seed.text) is None or len(blocks(seed.text)) < 2:
            continue
        cases += [(seed, partial(make, seed, way)) for way in ("reversed", "files")]
    hold(cases, compare)


UNRELATED = """
resource "null_resource" "red" {}
resource "aws_iot_thing" "red" { name = var.red }
variable "red" {}
module "red" { source = "example.com/red/herring/aws" }
resource "no_such_type" "red" { for_each = var.red }
"""


def test_what_is_unrelated_changes_no_verdict() -> None:
    def make(seed: Seed) -> tuple[str, Mapping[str, str]]:
        return "unrelated", seed.but(seed.text + UNRELATED)

    hold([(seed, partial(make, seed)) for seed in SEEDS], compare_messages)


_RESOURCE = re.compile(r'(?m)^(resource|data) "(\w+)" "(\w+)" \{')


@pytest.mark.parametrize("way", ["count = 1", 'for_each = toset(["x"])', "count = var.red ? 1 : 0"])
def test_one_instance_is_judged_as_the_resource_itself(way: str) -> None:
    index = '["x"]' if "for_each" in way else '["?"]' if "var" in way else "[0]"

    def make(seed: Seed, match: re.Match[str]) -> tuple[str, Mapping[str, str]]:
        text = seed.text[: match.end()] + f"\n  {way}\n" + seed.text[match.end() :]
        return f"{match[2]}.{match[3]}", seed.but(text + '\nvariable "red" { type = bool }\n')

    cases: list[Case] = []
    for seed in SEEDS:
        for match in _RESOURCE.finditer(seed.text):
            name = f"{match[2]}.{match[3]}"
            body = next((part for part in blocks(seed.text) if part.lstrip().startswith(match[0])), "")
            if (
                match[1] == "data"
                or re.search(r"\b(count|for_each)\s*=", body)
                or len(re.findall(rf"\b{re.escape(name)}\b", seed.text)) > 0
            ):
                continue
            cases.append((seed, partial(make, seed, match)))
    broken: list[str] = []
    for seed, what, files, before in some(cases):
        after = judged(seed.rule, files)
        own = {address + index: told for address, told in before.items() if address == what}
        others = {address: told for address, told in before.items() if address != what}
        compare(broken, seed, what, own, after)  # with an unknown count it is judged as if it existed
        (worse if "var" in way else compare)(broken, seed, what, others, after)
    assert not broken, "\n".join(broken)


def test_json_text_is_judged_as_what_encodes_it() -> None:
    def make(seed: Seed) -> tuple[str, Mapping[str, str]]:
        return "heredoc", seed.but(_as_heredoc(seed))

    hold([(seed, partial(make, seed)) for seed in SEEDS if seed.text.count("jsonencode(") == 1], compare)


def _as_heredoc(seed: Seed) -> str:
    """The text with its one `jsonencode` as a heredoc, where that is wholly known."""
    texts = {
        value.text
        for resource in read(seed.files).resources
        for value in (resource.attributes[name] for name in resource.attributes)
        if isinstance(value, Encoded) and value.text is not None
    }
    if len(texts) != 1:
        return seed.text
    start = seed.text.index("jsonencode(")
    end, depth = start + len("jsonencode"), 0
    quoted = False
    for end in range(start + len("jsonencode"), len(seed.text)):
        character = seed.text[end]
        quoted = quoted != (character == '"')
        depth += 0 if quoted else (character == "(") - (character == ")")
        if depth == 0:
            break
    (text,) = texts
    escaped = text.replace("${", "$${").replace("%{", "%%{")
    return f"{seed.text[:start]}<<JSON\n{escaped}\nJSON\n{seed.text[end + 1 :]}"


MANIFESTS = list(examples("kubernetes"))


def test_the_order_of_documents_and_what_is_unrelated_change_no_verdict() -> None:
    unrelated = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: red, namespace: herring}\ndata: {a: b}\n"

    def make(seed: Seed, way: str) -> tuple[str, Mapping[str, str]]:
        parts = re.split(r"(?m)^---\s*$", seed.files["manifest.yaml"])
        others = {name: body for name, body in seed.files.items() if name != "manifest.yaml"}
        if way == "files":
            return way, others | {f"f{len(parts) - i}.yaml": part for i, part in enumerate(parts)}
        parts = parts[::-1] if way == "reversed" else [*parts, unrelated]
        return way, others | {"manifest.yaml": "\n---\n".join(parts)}

    ways = ("reversed", "unrelated", "files")
    hold([(seed, partial(make, seed, way)) for seed in MANIFESTS for way in ways], compare)
