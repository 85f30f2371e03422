"""Whom an audit trusts: the clients share one TLS context, which must ask for certificates like any other."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import SSLError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from compliance_scan.inputs.aws.clients import Access, Clients

ANSWER = b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name
        del format, arguments


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate that nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    return pem, secret


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call is made once: that a certificate stays wrong need not be waited for."""
    monkeypatch.setattr("compliance_scan.inputs.aws.clients.ATTEMPTS", 1)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The port of a server for `localhost`, and its certificate."""
    pem, key = certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as running:
        running.socket = context.wrap_socket(running.socket, server_side=True)
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running.server_address[1], pem
        running.shutdown()


def buckets(url: str, region: str, clients: Clients | None = None) -> Clients:
    """Asks for the buckets, and gives the clients that asked."""
    session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b")
    clients = clients or Clients(session, Access(endpoint_url=url))
    clients.client("s3", region).list_buckets()
    return clients


def test_a_server_that_nobody_vouches_for_is_told_nothing(server: tuple[int, Path]) -> None:
    with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        buckets(f"https://localhost:{server[0]}", "eu-west-1")


def test_the_users_own_authority_is_believed_and_by_every_client(
    server: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(server[1]))
    url = f"https://localhost:{server[0]}"
    clients = buckets(url, "eu-west-1")
    buckets(url, "eu-west-2", clients)


def test_a_certificate_of_another_host_is_refused(server: tuple[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(server[1]))
    with pytest.raises(SSLError, match="doesn't match"):
        buckets(f"https://127.0.0.1:{server[0]}", "eu-west-1")
