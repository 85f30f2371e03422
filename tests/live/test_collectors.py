"""Every collector and seed against the service models: what they call and read is what AWS has."""

from typing import Any

import pytest

from compliance_scan.inputs.aws.collector import Collector, collectors
from compliance_scan.inputs.aws.lint import problems
from compliance_scan.inputs.aws.lint_answers import strangers
from compliance_scan.model.value import Unknown
from compliance_scan.shape.catalog import Catalog

CATALOG = Catalog.open()


@pytest.mark.parametrize("kind", sorted(CATALOG.collectors()))
def test_a_collector_calls_and_reads_what_there_is(kind: str) -> None:
    assert problems(kind, CATALOG) == []
    assert strangers(kind, CATALOG) == []


class _Misspelt:
    """A catalogue whose collector of one type has a mistake."""

    def __init__(self, wrong: str) -> None:
        self.wrong = wrong

    def collect(self, kind: str) -> dict[str, Any]:
        spec = CATALOG.collect(kind)
        return {**spec, "map": {**spec["map"], "multi_az": self.wrong}}


@pytest.mark.parametrize(
    "wrong", ["MultiAz", "default(MultiAz, `false`)", "VpcSecurityGroups[0].GroupId", "!Endpoint.Port"]
)
def test_a_name_that_no_answer_has_is_found(wrong: str) -> None:
    assert Collector("aws_db_instance", _Misspelt(wrong).collect("aws_db_instance")).map  # it compiles all the same
    assert len(strangers("aws_db_instance", _Misspelt(wrong))) == 1


def test_a_size_of_pages_that_an_operation_does_not_take_is_found() -> None:
    spec = {
        **CATALOG.collect("aws_codebuild_project"),
        "list": {"call": "list_projects", "page": 100, "items": "projects[]"},
    }

    class _Paged:
        def collect(self, _kind: str) -> object:
            return spec

        def __getattr__(self, name: str) -> object:
            return getattr(CATALOG, name)

    assert problems("aws_codebuild_project", _Paged()) == ["list: list_projects takes no size of pages"]


@pytest.mark.parametrize(
    ("kind", "attribute", "item"),
    [
        ("aws_db_instance", "publicly_accessible", {"DBInstanceIdentifier": "db"}),
        ("aws_security_group", "ingress", {"GroupId": "sg-1"}),
        (
            "aws_security_group",
            "ingress",
            {"GroupId": "sg-1", "IpPermissions": [{"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]},
        ),
        ("aws_network_acl", "ingress", {"NetworkAclId": "acl-1"}),
    ],
)
def test_what_aws_always_tells_is_unknown_where_an_answer_lacks_it(
    kind: str, attribute: str, item: dict[str, Any]
) -> None:
    [collector] = collectors(kind, CATALOG.collect(kind))
    value = collector.map[attribute](item, {})
    assert isinstance(value, Unknown)
    assert value.cause == "error"
