# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an entry of `config system mail` asks of the mail client."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

# `follow-global-ssl-protocol`: the default of `config system global / set global-ssl-protocol` is tlsv1.2.
_GLOBAL = ssl.TLSVersion.TLSv1_2
_VERSIONS = {
    "sslv3": ssl.TLSVersion.TLSv1,  # no library of today speaks SSLv3
    "tlsv1.0": ssl.TLSVersion.TLSv1,
    "tlsv1.1": ssl.TLSVersion.TLSv1_1,
    "tlsv1.2": ssl.TLSVersion.TLSv1_2,
    "tlsv1.3": ssl.TLSVersion.TLSv1_3,
}


@dataclass(frozen=True)
class MailSettings:
    """An entry with its defaults filled in. `secure` is the device word of `secure-option`."""

    server: str
    port: int
    secure: str
    authenticate: bool
    auth_type: str
    user: str
    password: str
    minimum_tls: ssl.TLSVersion
    oauth_secret: str = ""
    trusted: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str], trusted: str = "") -> MailSettings:
        """Read the complete values of an entry (see ConfigTable.effective), by device name. trusted: see tls_context."""
        return cls(
            server=values["server"],
            port=int(values["port"]),
            secure=values["secure-option"],
            authenticate=values["auth"] == "enable",
            auth_type=values.get("auth-type", "psk"),
            user=values["user"],
            password=values["passwd"],
            minimum_tls=_VERSIONS.get(values.get("ssl-protocol", ""), _GLOBAL),
            oauth_secret=values.get("oauth2-client-secret", ""),
            trusted=trusted,
        )

    def tls_context(self) -> ssl.SSLContext:
        """Return how TLS is spoken. The server's certificate is checked only against `trusted`, certificates in PEM.

        The device has no option for that; whether its mail daemon checks by itself is not known.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.trusted:
            context.load_verify_locations(cadata=self.trusted)
        else:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        allow_versions(context, minimum=self.minimum_tls)
        return context


def tls_version(word: str) -> ssl.TLSVersion:
    """Return the version for a device word such as `tlsv1.2`. Raises KeyError."""
    return _VERSIONS[word]


def allow_versions(
    context: ssl.SSLContext, minimum: ssl.TLSVersion | None = None, maximum: ssl.TLSVersion | None = None
) -> None:
    """Limit the TLS versions of a context; versions below 1.2 also need ciphers that distributions switch off."""
    old = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
    if minimum in old or maximum in old:
        context.set_ciphers("ALL:@SECLEVEL=0")
        minimum = minimum or ssl.TLSVersion.TLSv1
    with warnings.catch_warnings():
        # Python warns of old versions; here they are asked for on purpose.
        warnings.simplefilter("ignore", DeprecationWarning)
        if minimum is not None:
            context.minimum_version = minimum
        if maximum is not None:
            context.maximum_version = maximum
