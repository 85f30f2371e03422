"""Service models that are cut down, and the one HTTP session of all clients."""

from pathlib import Path
from typing import Any

import boto3
import botocore
import pytest

from compliance_scan.inputs.aws.clients import Access, Clients
from compliance_scan.inputs.aws.models import cut, cut_models, wanted_of
from compliance_scan.shape.catalog import Catalog


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A session whose models are cut, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="eu-west-1")
    cut_models(made)
    return made


def test_a_client_knows_what_collectors_call_and_no_more(session: Any) -> None:
    client = session.client("rds")
    wanted = wanted_of(Catalog.open())["rds"]
    assert set(client.meta.method_to_api_mapping) == wanted
    whole = boto3.Session(region_name="eu-west-1").client("rds", aws_access_key_id="a", aws_secret_access_key="b")
    for method in wanted:
        name = whole.meta.method_to_api_mapping[method]
        ours, theirs = (each.meta.service_model.operation_model(name) for each in (client, whole))
        assert _spelt(ours.output_shape) == _spelt(theirs.output_shape)
        assert _spelt(ours.input_shape) == _spelt(theirs.input_shape)


def _spelt(shape: Any, depth: int = 6) -> Any:
    """A shape with all below it, as far as they matter."""
    if shape is None or not depth:
        return None
    below = {"structure": lambda: {n: _spelt(m, depth - 1) for n, m in shape.members.items()}}
    below["list"] = lambda: _spelt(shape.member, depth - 1)
    return shape.type_name, shape.serialization, below.get(shape.type_name, lambda: None)()


def test_what_is_cut_is_kept_for_the_next_run(session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session.client("sqs")
    [kept] = (tmp_path / "compliance-scan" / "api" / "sqs").iterdir()
    assert kept.stat().st_size < 100_000
    monkeypatch.setattr("compliance_scan.inputs.aws.models.cut", None)  # nothing is cut again
    again = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="eu-west-1")
    cut_models(again)
    assert "list_queues" in again.client("sqs").meta.method_to_api_mapping


def test_a_model_of_the_users_own_is_left_alone(session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_model = tmp_path / "sqs" / "2012-11-05" / "service-2.json.gz"
    own_model.parent.mkdir(parents=True)
    own_model.write_bytes(
        (Path(botocore.__file__).parent / "data" / "sqs" / "2012-11-05" / own_model.name).read_bytes()
    )
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    own = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="eu-west-1")
    cut_models(own)
    assert "create_queue" in own.client("sqs").meta.method_to_api_mapping
    assert "create_queue" not in session.client("sqs").meta.method_to_api_mapping


def test_prose_goes_and_members_of_that_name_stay() -> None:
    model = {
        "metadata": {},
        "operations": {"GetIt": {"documentation": "Gets it.", "output": {"shape": "Out"}}, "PutIt": {}},
        "shapes": {
            "Out": {
                "type": "structure",
                "documentation": "What comes.",
                "members": {"documentation": {"shape": "Text"}},
            },
            "Text": {"type": "string"},
            "Other": {"type": "string"},
        },
    }
    made = cut(model, frozenset({"get_it"}))
    assert made["operations"] == {"GetIt": {"output": {"shape": "Out"}}}
    assert made["shapes"] == {
        "Out": {"type": "structure", "members": {"documentation": {"shape": "Text"}}},
        "Text": {"type": "string"},
    }


def test_all_clients_have_one_http_session() -> None:
    made = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b")
    clients = Clients(made, Access())
    several = [
        clients.client("sqs", "eu-west-1"),
        clients.client("sqs", "eu-west-2"),
        clients.client("sns", "eu-west-1"),
    ]
    assert len({id(each._endpoint.http_session) for each in several}) == 1
