"""The shape layer over real HCL: the same laws with values as the Terraform input gives them."""

from pathlib import Path

from compliance_scan.inputs.terraform.load import TerraformOptions, load
from compliance_scan.model.logic import Maybe
from compliance_scan.model.value import ABSENT, Unknown, Value, resolved
from compliance_scan.shape.world import World
from compliance_scan.workspace import Workspace
from tests.shape.shape_fakes import AS_OF, catalog, steps


def read(folder: Path, **files: str) -> World:
    workspace = Workspace(str(folder))
    names = []
    for name, text in files.items():
        path = name.replace("__", "/") + ".tf"
        workspace.put(path, text.encode())
        names.append(path)
    return World(load(workspace, names, TerraformOptions()), catalog(), as_of=AS_OF)


def at(world: World, address: str, path: str) -> Value:
    (one,) = [resource for resource in world.inventory.resources if resource.address == address]
    return world.cursor(one).get(steps(path)).value


def test_a_bucket_and_its_satellites(tmp_path: Path) -> None:
    world = read(
        tmp_path,
        main="""
        variable "env" {}
        resource "aws_s3_bucket" "b" { bucket = "${var.env}-logs" }
        resource "aws_s3_bucket_versioning" "v" {
          bucket = aws_s3_bucket.b.id
          versioning_configuration { status = "Enabled" }
        }
        resource "aws_s3_bucket_public_access_block" "p" {
          bucket            = "${var.env}-logs"
          block_public_acls = "true"
        }
        resource "aws_s3_bucket_policy" "p" {
          bucket = aws_s3_bucket.b.bucket
          policy = <<EOT
        {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*", "Resource": "${aws_s3_bucket.b.arn}/*"}]}
        EOT
        }
        """,
    )
    assert at(world, "aws_s3_bucket.b", "versioning.status") == "Enabled"
    assert at(world, "aws_s3_bucket.b", "public_access_block.block_public_acls") is True
    assert at(world, "aws_s3_bucket.b", "public_access_block.block_public_policy") is False
    assert at(world, "aws_s3_bucket.b", "policy.Statement.0.Principal") == "*"
    assert len(world.subjects(["aws_s3_bucket"])) == 1


def test_equal_counts_exist_together(tmp_path: Path) -> None:
    world = read(
        tmp_path,
        main="""
        variable "n" {}
        variable "m" {}
        resource "aws_s3_bucket" "b" { count = var.n }
        resource "aws_s3_bucket_versioning" "v" {
          count  = var.n
          bucket = aws_s3_bucket.b[count.index].id
          versioning_configuration { status = "Enabled" }
        }
        resource "aws_s3_bucket_logging" "l" {
          count         = var.m
          bucket        = aws_s3_bucket.b[count.index].id
          target_bucket = "logs"
          target_prefix = "x"
        }
        """,
    )
    assert at(world, 'aws_s3_bucket.b["?"]', "versioning.status") == "Enabled"
    assert isinstance(at(world, 'aws_s3_bucket.b["?"]', "logging.target_bucket"), Unknown)


def test_a_module_joins_what_it_was_handed(tmp_path: Path) -> None:
    world = read(
        tmp_path,
        main="""
        resource "aws_security_group" "g" {}
        module "rules" {
          source = "./rules"
          group  = aws_security_group.g.id
        }
        """,
        rules__main="""
        variable "group" {}
        resource "aws_vpc_security_group_ingress_rule" "ssh" {
          for_each          = toset(["10.0.0.0/8", "0.0.0.0/0"])
          security_group_id = var.group
          ip_protocol       = "tcp"
          from_port         = 22
          to_port           = 22
          cidr_ipv4         = each.value
        }
        """,
    )
    (group,) = world.subjects(["aws_security_group"])
    peers = [item.cursor.get(("peers",)).value for item in group.get(("entries",)).items().items]
    assert sorted(str(each) for each in peers) == ["['0.0.0.0/0']", "['10.0.0.0/8']"]


def test_peers_that_are_groups_have_names_across_modules(tmp_path: Path) -> None:
    world = read(
        tmp_path,
        main="""
        resource "aws_security_group" "app" { name = "shop-app" }
        module "data" {
          source = "./data"
          peer   = aws_security_group.app.id
        }
        """,
        data__main="""
        variable "peer" {}
        resource "aws_security_group" "db" {
          ingress {
            from_port       = 5432
            to_port         = 5432
            protocol        = "tcp"
            cidr_blocks     = ["10.0.0.0/8"]
            security_groups = [var.peer, "sg-elsewhere"]
          }
        }
        """,
    )
    (group,) = (each for each in world.subjects(["aws_security_group"]) if "data" in each.resource.address)
    (entry,) = group.get(("entries",)).items().items
    assert entry.cursor.get(("groups",)).value == ["shop-app", "sg-elsewhere"]


def test_a_module_that_is_not_fetched_opens_what_it_was_handed(tmp_path: Path) -> None:
    world = read(
        tmp_path,
        main="""
        resource "aws_security_group" "a" {}
        resource "aws_security_group" "b" {}
        module "rules" {
          source = "git::https://example.com/rules"
          group  = aws_security_group.a.id
        }
        """,
    )
    first, second = world.subjects(["aws_security_group"])
    assert first.get(("entries",)).items().more is not None
    assert second.get(("entries",)).items().more is None


def test_dynamic_blocks_over_unknowns_make_entries_that_may_be_there(tmp_path: Path) -> None:
    world = read(
        tmp_path,
        main="""
        variable "ports" {}
        resource "aws_security_group" "g" {
          dynamic "ingress" {
            for_each = var.ports
            content {
              from_port   = ingress.value
              to_port     = ingress.value
              protocol    = "tcp"
              cidr_blocks = ["0.0.0.0/0"]
            }
          }
        }
        """,
    )
    found = world.subjects(["aws_security_group"])[0].get(("entries",)).items()
    assert found.more is None
    assert [isinstance(item.present, Maybe) for item in found.items] == [True]
    entry = found.items[0].cursor
    assert entry.get(("peers",)).value == ["0.0.0.0/0"]
    assert isinstance(entry.get(("ports", "from")).value, Unknown)
    assert entry.path == ("ingress", 0)


def test_roles_and_documents(tmp_path: Path) -> None:
    world = read(
        tmp_path,
        main="""
        data "aws_iam_policy_document" "used" {
          statement {
            actions   = ["s3:*"]
            resources = ["*"]
          }
        }
        data "aws_iam_policy_document" "loose" {
          statement { actions = ["*"] }
        }
        resource "aws_iam_policy" "p" { policy = data.aws_iam_policy_document.used.json }
        resource "aws_iam_role" "r" {
          assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "*" } }] })
        }
        resource "aws_iam_role_policy_attachment" "a" {
          role       = aws_iam_role.r.name
          policy_arn = aws_iam_policy.p.arn
        }
        """,
    )
    assert resolved(at(world, "aws_iam_role.r", "statements.0.actions")) == ["s3:*"]
    assert at(world, "aws_iam_role.r", "trust.0.principals.0.type") == "any"
    (loose,) = world.subjects(["aws_iam_policy_document"])
    assert loose.resource.name == "loose"


def test_absence_over_hcl(tmp_path: Path) -> None:
    world = read(
        tmp_path,
        main="""
        variable "size" {}
        resource "aws_instance" "i" {
          ami           = "ami-1"
          instance_type = "t3.micro"
          root_block_device { volume_size = var.size }
        }
        resource "aws_db_instance" "d" {
          instance_class    = "db.t3.micro"
          storage_encrypted = null
        }
        """,
    )
    assert at(world, "aws_instance.i", "root_block_device.encrypted") is False
    assert isinstance(at(world, "aws_instance.i", "root_block_device.volume_size"), Unknown)
    assert at(world, "aws_instance.i", "metadata_options.http_tokens") == "optional"
    assert at(world, "aws_instance.i", "credit_specification") is ABSENT
    assert at(world, "aws_db_instance.d", "storage_encrypted") is False


def test_a_name_means_what_lives_where_it_was_written(tmp_path: Path) -> None:
    world = read(
        tmp_path,
        main="""
        variable "role" {}
        provider "aws" { allowed_account_ids = ["111111111111"] }
        provider "aws" {
          alias = "two"
          assume_role { role_arn = "arn:aws:iam::222222222222:role/x" }
        }
        provider "aws" {
          alias = "three"
          assume_role { role_arn = var.role }
        }
        resource "aws_iam_role" "one" { name = "admin" }
        resource "aws_iam_role_policy" "one" {
          role   = "admin"
          policy = "{}"
        }
        resource "aws_iam_role_policy" "two" {
          provider = aws.two
          role     = "admin"
          policy   = "{}"
        }
        resource "aws_iam_role_policy" "three" {
          provider = aws.three
          role     = "admin"
          policy   = "{}"
        }
        resource "aws_iam_role_policy" "edge" {
          provider = aws.two
          role     = aws_iam_role.one.name
          policy   = "{}"
        }
        """,
    )
    joined = world.joined("aws_iam_role_policy", ("role",), "aws_iam_role", (("name",), ("id",), ("arn",)))
    (role,) = world.resources("aws_iam_role")
    found = {frame.resource.name: present is True for frame, present in joined.members[role]}
    assert found == {"one": True, "edge": True, "three": False}


def test_names_of_regional_things_mean_those_of_the_region(tmp_path: Path) -> None:
    world = read(
        tmp_path,
        main="""
        provider "aws" { region = "eu-west-1" }
        provider "aws" {
          alias  = "us"
          region = "us-east-1"
        }
        resource "aws_dynamodb_table" "eu" { name = "orders" }
        resource "aws_dynamodb_table" "us" {
          name   = "orders"
          region = "us-east-1"
        }
        resource "aws_dynamodb_table_item" "i" {
          provider   = aws.us
          table_name = "orders"
        }
        """,
    )
    joined = world.joined("aws_dynamodb_table_item", ("table_name",), "aws_dynamodb_table", (("name",),))
    assert [owner.name for owner in joined.members] == ["us"]
