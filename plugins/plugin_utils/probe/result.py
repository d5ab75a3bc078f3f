# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of what a probe returns. Their JSON form is schemas/probe.json, which a test holds to them."""

from __future__ import annotations

from typing import TypedDict


class ReplyData(TypedDict):
    """One reply of the server."""

    code: str
    enhanced: str | None
    text: str


class Addresses(TypedDict):
    """The addresses of the host, or the cause why there are none, with the text that proves it."""

    ipv4: list[str]
    ipv6: list[str]
    cause: str | None
    evidence: str


class MailExchanger(TypedDict):
    """One MX record."""

    preference: int
    host: str


class MailExchangers(TypedDict):
    """The MX records of the host; the note says why there are none."""

    records: list[MailExchanger]
    note: str


class Login(TypedDict):
    """How a login with the credentials of the request ended."""

    mechanism: str
    accepted: bool
    reply: ReplyData


class Auth(TypedDict):
    """The login mechanisms that are offered, those of them a device can use, and the login that was tried."""

    before_tls: list[str]
    after_tls: list[str]
    usable: list[str]
    login: Login | None


class Tls(TypedDict):
    """What was negotiated, bits being those of the cipher's key, and which versions the server accepts alone."""

    version: str
    cipher: str
    bits: int
    versions: dict[str, str]


class CertificateData(TypedDict):
    """The certificate of the server. Times are ISO 8601 in UTC; verify_error is "" when a trusted CA issued it."""

    subject: str
    issuer: str
    names: list[str]
    not_before: str
    not_after: str
    days_left: int
    name_matches: bool
    chain_verified: bool
    verify_error: str
    self_signed: bool
    key_type: str
    key_bits: int
    sha256: str


class Limit(TypedDict):
    """What a stricter client than this probe would fail with."""

    cause: str
    detail: str


class Port(TypedDict):
    """One port. `stage` is the last one that was reached; `seconds` is how long the port took."""

    port: int
    address: str | None
    state: str
    security: str
    outcome: str
    stage: str
    cause: str | None
    owner: str
    evidence: str
    reply: ReplyData | None
    greeting: str
    extensions: list[str]
    starttls: bool | None
    auth: Auth
    tls: Tls | None
    certificate: CertificateData | None
    limits: list[Limit]
    dialogue: list[str]
    seconds: float


class Probe(TypedDict):
    """A mail server seen from here."""

    schema: str
    host: str
    addresses: Addresses
    mx: MailExchangers
    ports: list[Port]
