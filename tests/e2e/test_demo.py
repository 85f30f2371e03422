"""The demo, as somebody runs it who has just installed the program."""

import pytest
from e2e_support import Command

from compliance_scan import demo


@pytest.mark.slow
def test_the_demo_shows_everything(command: Command) -> None:
    done = command("demo", timeout=300)
    assert done.code == 0, done.err
    titles = [line for line in done.out.splitlines() if line.startswith("== ")]
    assert len(titles) == 5
    assert "somebody made the bucket somebodys-forgotten-bucket" in done.err
    assert "unmanaged arn:aws:s3:::somebodys-forgotten-bucket" in done.out
    assert "aws-rds-storage-encrypted" in done.out


def test_no_credentials_of_the_user_reach_the_demo() -> None:
    own = demo.environment({"AWS_SESSION_TOKEN": "x", "AWS_ACCESS_KEY_ID": "real", "HOME": "/h", "TF_VAR_x": "1"})
    assert own == {
        "HOME": "/h",
        "AWS_ACCESS_KEY_ID": "standin",
        "AWS_SECRET_ACCESS_KEY": "standin",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
