"""Which certificates services, gateway and operator show each other on a laptop."""

import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.local.files import PRIVATE, PUBLIC, write

AUTHORITY = "ca"
CLIENTS = ("gateway", "operator")
LIFETIME = timedelta(days=365)
RENEWAL = timedelta(days=7)
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Identity:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def certify(directory: Path, services: Sequence[str], *, now: datetime) -> None:
    """What is there and lasts for more than a week is kept."""
    directory.mkdir(parents=True, exist_ok=True)
    authority = _find(directory, AUTHORITY)
    if authority is None or not _is_good(authority, authority, now):
        authority = _authority(now)
        _save(directory, AUTHORITY, authority)
    for name in (*services, *CLIENTS):
        identity = _find(directory, name)
        if identity is None or not _is_good(identity, authority, now):
            _save(directory, name, _identity(name, authority, now))


def _find(directory: Path, name: str) -> Identity | None:
    with suppress(FileNotFoundError, ValueError):
        certificate = x509.load_pem_x509_certificate((directory / f"{name}.crt").read_bytes())
        key = load_pem_private_key((directory / f"{name}.key").read_bytes(), password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return Identity(certificate, key)
    return None


def _is_good(identity: Identity, authority: Identity, now: datetime) -> bool:
    certificate = identity.certificate
    if certificate.public_key() != identity.key.public_key():
        return False  # the write was interrupted between the two files
    try:
        certificate.verify_directly_issued_by(authority.certificate)
    except (InvalidSignature, ValueError):
        return False
    return certificate.not_valid_after_utc - now > RENEWAL


def _save(directory: Path, name: str, identity: Identity) -> None:
    key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificate = identity.certificate.public_bytes(Encoding.PEM)
    write(directory / f"{name}.key", key.decode(), mode=PRIVATE)
    write(directory / f"{name}.crt", certificate.decode(), mode=PUBLIC)


def _authority(now: datetime) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("gotong development CA")
    builder = (
        _certificate(key, name, issuer=name, issuer_key=key, now=now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return Identity(builder.sign(key, hashes.SHA256()), key)


def _identity(name: str, authority: Identity, now: datetime) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate.subject
    both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = (
        _certificate(key, _name(name), issuer=issuer, issuer_key=authority.key, now=now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(both), critical=False)
        .add_extension(_alternative_names(name), critical=False)
    )
    return Identity(builder.sign(authority.key, hashes.SHA256()), key)


def _certificate(
    key: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
    *,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.CertificateBuilder:
    own_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
        .add_extension(own_id, critical=False)
        .add_extension(issuer_id, critical=False)
    )


def _alternative_names(name: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [
            x509.DNSName(f"{name}.gotong.internal"),
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            x509.UniformResourceIdentifier(f"spiffe://gotong/{name}"),
        ]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
