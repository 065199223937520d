"""Mail over TLS to a real server with a certificate of its own, trusted or not."""

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from messages.channels import files, smtp
from messages.channels.rules import Outgoing, Sent, Text
from messages.channels.smtp import Smtp
from messages.rules import Outcome
from tests.conftest import NOON
from tests.servers import free_port
from tests.sites import Sink

HELLO = Outgoing("key-1", "you@example.org", Text("走访提醒", "后天上午十点\n"))
FROM = "site@example.org"
DECADE = timedelta(days=3650)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOON - DECADE)
        .not_valid_after(NOON + DECADE)
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(smtp, "trust", lambda: context)


def only_the_site(*given: object) -> AuthResult:
    right = LoginPassword(b"site", b"p@ss word")
    return AuthResult(success=given[-1] == right, handled=True)


@contextmanager
def starttls(certificate: Path) -> Iterator[tuple[Sink, int]]:
    """A server that takes mail only after STARTTLS and a password."""
    kept, port = Sink(), free_port()
    server = Controller(
        kept,
        hostname="127.0.0.1",
        port=port,
        tls_context=serving(certificate),
        require_starttls=True,
        authenticator=only_the_site,
        auth_required=True,
    )
    server.start()
    try:
        yield kept, port
    finally:
        server.stop()


@contextmanager
def tls_from_the_start(certificate: Path) -> Iterator[tuple[Sink, int]]:
    kept, port = Sink(), free_port()
    server = Controller(kept, hostname="127.0.0.1", port=port, ssl_context=serving(certificate))
    server.start()
    try:
        yield kept, port
    finally:
        server.stop()


def test_a_mail_goes_through_starttls_with_a_password(certificate: Path, trusted: None) -> None:
    with starttls(certificate) as (kept, port):
        url = f"smtp://site:p%40ss%20word@127.0.0.1:{port}"
        assert Smtp(url, FROM).send(HELLO) == Sent(Outcome.ACCEPTED)
    assert [mail["Subject"] for mail in kept.mails] == ["走访提醒"]


def test_a_mail_goes_through_tls_from_the_start(certificate: Path, trusted: None) -> None:
    with tls_from_the_start(certificate) as (kept, port):
        assert Smtp(f"smtps://127.0.0.1:{port}", FROM).send(HELLO) == Sent(Outcome.ACCEPTED)
    assert len(kept.mails) == 1


@pytest.mark.parametrize(("scheme", "server"), [("smtp", starttls), ("smtps", tls_from_the_start)])
def test_a_server_that_nobody_vouches_for_gets_no_mail(
    certificate: Path, scheme: str, server: object
) -> None:
    assert callable(server)
    with server(certificate) as (kept, port):
        sent = Smtp(f"{scheme}://site:p%40ss%20word@127.0.0.1:{port}", FROM).send(HELLO)
    assert (sent, kept.mails) == (Sent(Outcome.RETRY, "SSLCertVerificationError"), [])


def test_a_full_disk_is_tried_again(tmp_path: Path) -> None:
    in_the_way = tmp_path / "outbox"
    in_the_way.write_text("not a folder")
    assert files.Files(in_the_way, FROM).send(HELLO).outcome is Outcome.RETRY
