"""Where things are written and where values came from."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compliance_scan.model.value import Path
    from tests.terraform_load.conftest import Loaded, Loader

MODULE = """variable "encrypted" {
  default = true
}
variable "settings" {}
# about the database
# second line
resource "aws_db_instance" "this" {
  storage_encrypted = var.encrypted # inline
  backup            = var.settings.backup.days
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = ["*"] }]
  })
  dynamic "timeouts" {
    for_each = var.settings.times
    content {
      create = timeouts.value.create
    }
  }
  # inside
  block {
    inner = "x"
  }
}
"""
CALLER = """locals {
  defaults = { backup = { days = 1 } }
}
module "db" {
  source    = "./db"
  encrypted = false
  settings = merge(local.defaults, {
    times = [{ create = "1m" }, { create = local.slow }]
  })
}
locals { slow = "9m" }
"""
ADDRESS = "module.db.aws_db_instance.this"


def told(found: "Loaded", *path: str | int) -> list[tuple[str, int, int]]:
    origins = found[ADDRESS].source.origins_of(path)
    return [(origin.message, origin.span.line, origin.span.column) for origin in origins]


def written(found: "Loaded", address: str, path: "Path") -> str:
    source = found[address].source
    span = source.span_of(path)
    assert span is not None
    lines: list[str] = source.text(span).splitlines()
    if span.line == span.end_line:
        return lines[0][span.column - 1 : span.end_column - 1]
    return "\n".join([lines[0][span.column - 1 :], *lines[1:-1], lines[-1][: span.end_column - 1]])


def repository(loaded: "Loader", **more: str) -> "Loaded":
    return loaded({"db/main.tf": MODULE, "main.tf": CALLER, **more})


def test_span_and_header(loaded: "Loader") -> None:
    source = repository(loaded)[ADDRESS].source
    assert source.span == ("db/main.tf", 7, 1, 23, 2)
    assert source.header == ("db/main.tf", 7, 1, 7, 34)


def test_span_of_an_attribute_has_name_and_value(loaded: "Loader") -> None:
    assert written(repository(loaded), ADDRESS, ("storage_encrypted",)) == "storage_encrypted = var.encrypted"


def test_spans_go_into_literals(loaded: "Loader") -> None:
    found = repository(loaded)
    assert written(found, ADDRESS, ("policy", "Statement", 0, "Effect")) == 'Effect = "Allow"'
    assert written(found, ADDRESS, ("policy", "Statement", 0, "Action", 0)) == '"*"'
    assert written(found, ADDRESS, ("block", 0, "inner")) == 'inner = "x"'
    assert written(found, ADDRESS, ("block", "inner")) == 'inner = "x"'


def test_spans_go_into_dynamic_blocks(loaded: "Loader") -> None:
    assert written(repository(loaded), ADDRESS, ("timeouts", 1, "create")) == "create = timeouts.value.create"


def test_the_longest_known_part_of_a_path(loaded: "Loader") -> None:
    found = repository(loaded)
    assert written(found, ADDRESS, ("block", 0, "other")).startswith("block")
    assert found[ADDRESS].source.span_of(("nowhere",)) is None


def test_a_variable_set_by_a_call(loaded: "Loader") -> None:
    assert told(repository(loaded), "storage_encrypted") == [
        ("variable encrypted", 1, 1),
        ("set by the call of module.db", 6, 3),
    ]


def test_a_default(loaded: "Loader") -> None:
    caller = CALLER.replace("  encrypted = false\n", "")
    found = loaded({"db/main.tf": MODULE, "main.tf": caller})
    assert told(found, "storage_encrypted") == [("variable encrypted", 1, 1), ("default of variable encrypted", 2, 3)]


def test_through_merge_and_a_local_to_the_very_item(loaded: "Loader") -> None:
    assert told(repository(loaded), "backup") == [
        ("variable settings", 4, 1),
        ("set by the call of module.db", 7, 3),
        ("local defaults", 2, 27),
    ]


def test_through_a_dynamic_block_to_the_very_item(loaded: "Loader") -> None:
    assert told(repository(loaded), "timeouts", 1, "create") == [
        ("variable settings", 4, 1),
        ("set by the call of module.db", 8, 35),
        ("local slow", 11, 10),
    ]


def test_a_tfvars_file(loaded: "Loader") -> None:
    files = {"main.tf": 'variable "v" {}\nresource "aws_x" "y" {\n  v = var.v\n}\n', "prod.tfvars": "\nv = false\n"}
    origins = loaded(files, var_files=["prod.tfvars"])["aws_x.y"].source.origins_of(("v",))
    assert [(origin.message, origin.span.file, origin.span.line) for origin in origins] == [
        ("variable v", "main.tf", 1),
        ("set in prod.tfvars", "prod.tfvars", 2),
    ]


def test_a_condition_leads_to_the_arm_that_counted(loaded: "Loader") -> None:
    text = 'locals {\n  a = 1\n  b = 2\n}\nresource "aws_x" "y" {\n  v = 1 > 2 ? local.a : local.b\n}\n'
    origins = loaded({"main.tf": text})["aws_x.y"].source.origins_of(("v",))
    assert [origin.message for origin in origins] == ["local b"]


def test_each_value_leads_to_its_item(loaded: "Loader") -> None:
    text = 'resource "aws_x" "y" {\n  for_each = local.m\n  v = each.value.p\n}\nlocals {\n  m = {\n    k = { p = 1 }\n  }\n}\n'
    origins = loaded({"main.tf": text})['aws_x.y["k"]'].source.origins_of(("v",))
    assert [(origin.message, origin.span.line, origin.span.column) for origin in origins] == [("local m", 7, 11)]


def test_outputs_and_other_resources(loaded: "Loader") -> None:
    child = 'resource "aws_k" "k" {\n  rotate = false\n}\noutput "r" {\n  value = aws_k.k.rotate\n}\n'
    main = 'module "m" {\n  source = "./m"\n}\nresource "aws_x" "y" {\n  v = module.m.r\n}\n'
    origins = loaded({"m/m.tf": child, "main.tf": main})["aws_x.y"].source.origins_of(("v",))
    assert [(origin.message, origin.span.line, origin.address) for origin in origins] == [
        ("output r of module.m", 5, None),
        ("module.m.aws_k.k", 2, "module.m.aws_k.k"),
    ]


def test_circles_end(loaded: "Loader") -> None:
    found = loaded({"main.tf": 'locals {\n  a = local.b\n  b = local.a\n}\nresource "aws_x" "y" {\n  v = local.a\n}\n'})
    assert len(found["aws_x.y"].source.origins_of(("v",))) < 50


def test_comments_above_and_within(loaded: "Loader") -> None:
    comments = repository(loaded)[ADDRESS].source.comments()
    assert [(comment.text, comment.line, comment.inside) for comment in comments] == [
        ("about the database", 5, False),
        ("second line", 6, False),
        ("inline", 8, True),
        ("inside", 19, True),
    ]


def test_a_blank_line_or_code_parts_a_comment_from_the_block(loaded: "Loader") -> None:
    text = '# far\n\nresource "aws_x" "a" {}\nlocals {} # behind\nresource "aws_x" "b" {}\n/* one\n * two\n */\nresource "aws_x" "c" {}\n'
    found = loaded({"main.tf": text})
    assert found["aws_x.a"].source.comments() == ()
    assert found["aws_x.b"].source.comments() == ()
    assert [comment.text for comment in found["aws_x.c"].source.comments()] == ["one\ntwo"]
