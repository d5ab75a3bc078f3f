# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server's certificate says."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import NameOID

from ..path.findings import is_address
from .result import CertificateData
from .wire import shown

_KEYS = ((rsa.RSAPublicKey, "rsa"), (ec.EllipticCurvePublicKey, "ec"), (dsa.DSAPublicKey, "dsa"))
_EDWARDS = ((ed25519.Ed25519PublicKey, "ed25519", 256), (ed448.Ed448PublicKey, "ed448", 456))

# The errors of `cryptography` have no root of their own.
_UNREADABLE = (
    *(ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion),
    x509.UnsupportedGeneralNameType,
)


def describe(der: bytes, host: str, verify_error: str) -> CertificateData:
    """Return the certificate as schemas/probe.json has it. verify_error: why no trusted CA vouches for it, "" if one does."""
    try:
        return _read(der, host, verify_error)
    except _UNREADABLE as error:
        return {
            "subject": "",
            "issuer": "",
            "names": [],
            "not_before": "",
            "not_after": "",
            "days_left": 0,
            "name_matches": False,
            "chain_verified": False,
            "verify_error": f"the certificate cannot be read: {error}",
            "self_signed": False,
            "key_type": "",
            "key_bits": 0,
            "sha256": hashlib.sha256(der).hexdigest(),
        }


def fault(certificate: CertificateData, host: str) -> str:
    """Return why a certificate is not valid for this host, "" if it is."""
    if not certificate["chain_verified"]:
        return f"certificate verify failed: {certificate['verify_error']}"
    if not certificate["name_matches"]:
        return (
            f"hostname mismatch: the certificate is for {', '.join(certificate['names'][:5]) or 'no name'}, not {host}"
        )
    return ""


def _read(der: bytes, host: str, verify_error: str) -> CertificateData:
    certificate = x509.load_der_x509_certificate(der)
    names = _names(certificate)
    left = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    kind, bits = _key(certificate.public_key())
    return {
        "subject": _plain(certificate.subject.rfc4514_string()),
        "issuer": _plain(certificate.issuer.rfc4514_string()),
        "names": [_plain(name) for name in names],
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
        "days_left": left.days,
        "name_matches": any(_matches(name, host) for name in names),
        "chain_verified": not verify_error,
        "verify_error": verify_error,
        "self_signed": certificate.issuer == certificate.subject,
        "key_type": kind,
        "key_bits": bits,
        "sha256": hashlib.sha256(der).hexdigest(),
    }


def _names(certificate: x509.Certificate) -> list[str]:
    """The names it is for; the common name counts only where there are no others."""
    try:
        others = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return [*others.get_values_for_type(x509.DNSName), *map(str, others.get_values_for_type(x509.IPAddress))]


def _matches(name: str, host: str) -> bool:
    if is_address(host):
        return is_address(name) and ipaddress.ip_address(name) == ipaddress.ip_address(host.partition("%")[0])
    name, host = name.lower().rstrip("."), host.lower().rstrip(".")
    if name.startswith("*."):
        return name[2:] == host.partition(".")[2] and "." in name[2:]
    return name == host


def _key(key: object) -> tuple[str, int]:
    for kind, name in _KEYS:
        if isinstance(key, kind):
            return name, int(key.key_size)
    return next(((name, bits) for kind, name, bits in _EDWARDS if isinstance(key, kind)), ("", 0))


def _plain(text: str) -> str:
    return shown(text.encode("utf-8", "surrogateescape"))
