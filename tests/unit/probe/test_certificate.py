# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from certificates, also from broken ones."""

from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.certificate import describe, fault
from cryptography.hazmat.primitives.asymmetric import rsa

from .conftest import Authority


@pytest.mark.parametrize(
    ("names", "common", "host", "fits"),
    [
        (("mx.example.com",), "", "mx.example.com", True),
        (("mx.example.com",), "", "MX.EXAMPLE.COM.", True),
        (("*.example.com",), "", "mx.example.com", True),
        (("*.example.com",), "", "a.mx.example.com", False),
        (("*.example.com",), "", "example.com", False),
        (("*.com",), "", "example.com", False),
        (("other.example.com",), "mx.example.com", "mx.example.com", False),
        ((), "mx.example.com", "mx.example.com", True),
        (("127.0.0.1",), "", "127.0.0.1", True),
        (("127.0.0.1",), "", "127.0.0.2", False),
    ],
)
def test_names(names: tuple[str, ...], common: str, host: str, fits: bool, authority: Authority) -> None:
    der, __ = authority.leaf(names=names, common=common or "leaf")
    certificate = describe(der, host, "")
    assert certificate["name_matches"] is fits
    assert bool(fault(certificate, host)) is not fits


def test_a_key_that_is_not_elliptic(authority: Authority) -> None:
    der, __ = authority.leaf(key=rsa.generate_private_key(65537, 2048))
    certificate = describe(der, "127.0.0.1", "")
    assert (certificate["key_type"], certificate["key_bits"], certificate["self_signed"]) == ("rsa", 2048, False)


@pytest.mark.parametrize(
    ("known", "unknown"),
    [("2a8648ce3d030107", "2a8648ce3d030106"), ("a003020102", "a003020107")],
    ids=["curve of the key", "version"],
)
def test_a_certificate_of_a_kind_that_nobody_here_knows_says_so(known: str, unknown: str, authority: Authority) -> None:
    der, __ = authority.leaf()
    certificate = describe(der.replace(bytes.fromhex(known), bytes.fromhex(unknown)), "127.0.0.1", "")
    assert "cannot be read" in fault(certificate, "127.0.0.1")


@pytest.mark.parametrize("der", [b"", b"\x30\x03\x02\x01\x01", b"\xff" * 500])
def test_bytes_that_are_no_certificate_say_so(der: bytes) -> None:
    certificate = describe(der, "mx.example.com", "")
    assert certificate["chain_verified"] is False
    assert "cannot be read" in fault(certificate, "mx.example.com")
