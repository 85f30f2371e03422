"""One stand-in for the whole session, emptied before each test; a repository beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compliance_scan.inputs.aws.standin import StandIn

REGION = "eu-west-1"


@pytest.fixture(scope="session")
def server() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


class Account:
    """The seeded account and the repository that declares (some of) it."""

    def __init__(self, server: StandIn, folder: Path) -> None:
        self.url, self.folder = server.url, folder
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        import boto3

        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=REGION,
                aws_access_key_id="standin",
                aws_secret_access_key="standin",
            )
        return self._clients[service]

    def bucket(self, name: str, versioning: str | None = None) -> None:
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if versioning is not None:
            self.versioning(name, versioning)

    def versioning(self, name: str, status: str) -> None:
        self.client("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})

    def flags(self, *more: str) -> list[str]:
        return ["--endpoint-url", self.url, "--region", REGION, "--allow-incomplete", *more]


@pytest.fixture
def account(server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    server.reset()
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "standin")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "standin")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return Account(server, tmp_path)
