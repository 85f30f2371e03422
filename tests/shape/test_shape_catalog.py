"""The catalog, the facts files and their errors."""

import os
from pathlib import Path

import pytest

from compliance_scan.compiled import open_pack
from compliance_scan.errors import ConfigError
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.compile import TYPES, build, build_packs, read_facts
from compliance_scan.shape.nodes import JSON, type_node
from tests.shape.shape_fakes import catalog, steps


@pytest.mark.parametrize(
    ("name", "path", "said"),
    [
        ("aws_db_instance", "storage_encrypted", None),
        ("aws_db_instance", "storage_encryptd", "did you mean `storage_encrypted`?"),
        ("aws_db_instance", "tags.anything", None),
        ("aws_db_instance", "tags.0.key", None),
        ("aws_db_instance", "engine.name", "`engine` of aws_db_instance is a string"),
        ("aws_alb", "internal", None),
        ("aws_s3_bucket", "versioning.status", None),
        ("aws_s3_bucket", "versioning.enabled", "has no `enabled`"),
        ("aws_s3_bucket", "policy.Statement", None),
        ("aws_s3_bucket", "lifecycle.status", "`lifecycle` of aws_s3_bucket is a list"),
        ("aws_s3_bucket", "lifecycle.0.status", None),
        ("aws_security_group", "entries.0.ports.from", None),
        ("aws_security_group", "ingress.0.cidr_blocks.0", None),
        ("aws_iam_role", "statements.0.conditions.0.key", None),
        ("aws_iam_policy_document", "statements.0.actions", None),
        ("account", "trails.0.is_multi_region_trail", None),
        ("account", "aws_kms_key.0.enable_key_rotation", None),
        ("account", "aws_kms_kee", "has no `aws_kms_kee`"),
        ("aws_nothing", "a", "unknown type `aws_nothing`"),
    ],
)
def test_paths_are_checked(name: str, path: str, said: str | None) -> None:
    found = catalog().check_path(name, steps(path))
    assert found is None if said is None else said in (found or "")


def test_types_are_known() -> None:
    known = catalog()
    assert known.known("aws_vpc")
    assert known.known("aws_alb")
    assert known.known("account")
    assert not known.known("azurerm_thing")
    assert "aws_iam_policy_document" in known.types()
    assert "aws_caller_identity" not in known.types()


def test_every_facts_file_names_paths_that_exist() -> None:
    known = catalog()
    for name, record in read_facts().items():
        if record["provider"] != "aws":
            continue
        facts = known.type(name)
        assert facts is not None, name
        for row in record.get("absent", ()):
            path = tuple(row["path"].split("."))
            node = known.node(name, ())
            for step in path:
                if node is JSON or node.kind == "any":
                    break
                inner = node.element if node.kind in ("list", "set") and node.element else node
                field = inner.field(step)
                assert field is not None, (name, row["path"])
                node = field.node
        for path_text in record.get("json", ()):
            assert known.check_path(name, tuple(path_text.split("."))[:1]) is None, (name, path_text)
        for fold in facts.folds.values():
            for source in fold.sources:
                if source.type:
                    assert known.known(source.type), (name, source.type)
                    if source.by:
                        assert known.check_path(source.type, source.by) is None, (name, source)
                else:
                    field = facts.hidden.get(source.inline[0]) or facts.root.field(source.inline[0])
                    assert field is not None, (name, source.inline)


def test_every_absent_row_has_a_source_that_names_where_it_is_from() -> None:
    for name, record in read_facts().items():
        for row in record.get("absent", ()):
            assert len(row["source"]) > 20, name


def write(folder: Path, name: str, text: str) -> None:
    (folder / "aws").mkdir(exist_ok=True)
    (folder / "aws" / name).write_text(text)
    schema = (Path(TYPES) / "facts.schema.json").read_text()
    (folder / "facts.schema.json").write_text(schema)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("aliases: [a]\nabsnt: []\n", 1, "absnt"),
        ("absent:\n  - path: a\n    value: 1\n", 2, "source"),
        ("folds:\n  part:\n    as: heap\n    from: [{inline: a}]\n", 3, "heap"),
        ("json: policy\n", 1, "array"),
        ("a: [\n", 2, ""),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    write(tmp_path, "aws_x.yaml", text)
    with pytest.raises(ConfigError) as caught:
        read_facts(str(tmp_path))
    place = caught.value.message.split(": ")[0]
    assert place.endswith(f"aws_x.yaml:{line}"), caught.value.message
    assert said in caught.value.message


def test_a_new_type_is_one_new_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        "aws_new.yaml",
        "attributes: {last_used: string}\nabsent: [{path: last_used, value: never, source: 'made up for this test'}]\n",
    )
    (tmp_path / "pack").write_bytes(build(str(tmp_path)))
    pack = open_pack(str(tmp_path / "pack"))
    assert pack is not None
    made = Catalog(pack)
    assert made.known("aws_new")
    assert made.check_path("aws_new", ("last_used",)) is None
    assert made.check_path("aws_new", ("last",)) is not None


def test_packs_for_the_wheel(tmp_path: Path) -> None:
    build_packs(str(tmp_path / "data"))
    pack = open_pack(str(tmp_path / "data" / "types.pack"))
    assert pack is not None
    assert Catalog(pack).check_path("aws_vpc", ("cidr_block",)) is None
    assert os.path.getsize(tmp_path / "data" / "types.pack") < 8_000_000


def test_type_expressions() -> None:
    node = type_node("list(object({a=string,b=map(set(number))}))")
    assert node.element is not None
    inner = node.element.field("b")
    assert inner is not None
    assert inner.node.element is not None
    assert inner.node.element.kind == "set"
    for broken in ("strin", "list(string", "string)"):
        with pytest.raises((ValueError, IndexError)):
            type_node(broken)
