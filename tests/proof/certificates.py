# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for the servers, made when they start: a good one, and one for each way to be bad."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

# The names the servers are found under.
NAMES = ("*.postfix.example", "*.exim.example", "*.aiosmtpd.example")
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class _Issuer:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def write_certificates(directory: Path) -> str:
    """Write key and certificate as `<name>.pem` for each kind, and return the CA that devices trust, in PEM.

    good; expired, future, other-name, self-signed, unknown-ca, weak: what is wrong with it. trusted.pem is the CA.
    """
    trusted, unknown = _authority("Proof CA"), _authority("CA that nobody knows")
    now = datetime.datetime.now(datetime.UTC)
    day = {"begin": now - _DAY, "end": now + 30 * _DAY}
    made = {
        "good": _certificate(trusted, NAMES, **day),
        "expired": _certificate(trusted, NAMES, begin=now - 30 * _DAY, end=now - _DAY),
        "future": _certificate(trusted, NAMES, begin=now + _DAY, end=now + 30 * _DAY),
        "other-name": _certificate(trusted, ("mail.elsewhere.example",), **day),
        "self-signed": _certificate(None, NAMES, **day),
        "unknown-ca": _certificate(unknown, NAMES, **day),
        "weak": _certificate(trusted, NAMES, bits=1024, **day),
    }
    for name, pem in made.items():
        (directory / f"{name}.pem").write_bytes(pem)
    authority = trusted.certificate.public_bytes(serialization.Encoding.PEM)
    (directory / "trusted.pem").write_bytes(authority)
    return authority.decode()


def _authority(name: str) -> _Issuer:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = datetime.datetime.now(datetime.UTC)
    return _Issuer(_sign(_name(name), key, None, now - 60 * _DAY, now + 60 * _DAY, True, ()), key)


def _certificate(
    issuer: _Issuer | None,
    names: tuple[str, ...],
    begin: datetime.datetime,
    end: datetime.datetime,
    bits: int = 2048,
) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    certificate = _sign(_name(names[0]), key, issuer, begin, end, False, names)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def _sign(
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: _Issuer | None,
    begin: datetime.datetime,
    end: datetime.datetime,
    authority: bool,
    names: tuple[str, ...],
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), False)
    return builder.sign(issuer.key if issuer else key, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
