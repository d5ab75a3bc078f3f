# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS contexts: of a current client, and of old ones."""

from __future__ import annotations

import ssl
import warnings

VERSIONS = {
    "tlsv1.0": ssl.TLSVersion.TLSv1,
    "tlsv1.1": ssl.TLSVersion.TLSv1_1,
    "tlsv1.2": ssl.TLSVersion.TLSv1_2,
    "tlsv1.3": ssl.TLSVersion.TLSv1_3,
}
_NAMES = {"TLSv1": "tlsv1.0", "TLSv1.1": "tlsv1.1", "TLSv1.2": "tlsv1.2", "TLSv1.3": "tlsv1.3"}
_HERE = {
    "tlsv1.0": ssl.HAS_TLSv1,
    "tlsv1.1": ssl.HAS_TLSv1_1,
    "tlsv1.2": ssl.HAS_TLSv1_2,
    "tlsv1.3": ssl.HAS_TLSv1_3,
}
# The errors of OpenSSL when its own settings leave nothing to offer.
_OWN_LIMITS = ("NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE", "NO_CIPHER_MATCH")


def context(ca_file: str = "", verify: bool = True) -> ssl.SSLContext:
    """Return a context for TLS 1.2 and 1.3. Names are compared elsewhere: a certificate has more faults than one.

    Raises OSError when ca_file cannot be read, ssl.SSLError when it holds no certificate.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.check_hostname = False
    made.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    if ca_file:
        made.load_verify_locations(ca_file)
    elif verify:
        made.load_default_certs()
    return made


def ca_problem(file: str) -> str:
    """Return what is wrong with a file of trusted CAs, "" if nothing."""
    try:
        context(file)
    except ssl.SSLError:
        return f"ca_file {file}: no certificates in it; expected certificates in PEM"
    except OSError as error:
        return f"ca_file {file}: {error.strerror}; expected a file with certificates in PEM"
    return ""


def only(version: str) -> ssl.SSLContext | None:
    """Return a context that offers one version to anybody, None when this machine's library cannot offer it."""
    if not _HERE[version]:
        return None
    made = context(verify=False)
    try:
        if version in ("tlsv1.0", "tlsv1.1"):
            # Distributions switch off what these versions need.
            made.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made.minimum_version = VERSIONS[version]
            made.maximum_version = VERSIONS[version]
    except (ValueError, ssl.SSLError):
        return None
    return made


def version_of(sock: ssl.SSLSocket) -> str:
    """Return the negotiated version as the device spells it, such as tlsv1.2."""
    return _NAMES.get(sock.version() or "", "")


def is_own_limit(error: ssl.SSLError) -> bool:
    """Return whether a handshake failed because this machine's library had nothing to offer."""
    return any(word in (error.reason or str(error)) for word in _OWN_LIMITS)
