# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MX records, with a resolver of our own making: tests ask no name server."""

from __future__ import annotations

import sys
import threading
import types
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe import names


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    package, module = types.ModuleType("dns"), types.ModuleType("dns.resolver")
    monkeypatch.setitem(sys.modules, "dns", package)
    monkeypatch.setitem(sys.modules, "dns.resolver", module)
    return module


def record(preference: int, exchange: str) -> Any:
    return types.SimpleNamespace(preference=preference, exchange=exchange)


def test_records_in_order_of_preference(resolver: Any) -> None:
    resolver.resolve = lambda *args, **named: [record(20, "b.example.com."), record(10, "a.example.com.")]
    found = names.mail_exchangers("example.com", 1)
    assert [row["host"] for row in found["records"]] == ["a.example.com", "b.example.com"]


def test_a_domain_that_takes_no_mail(resolver: Any) -> None:
    resolver.resolve = lambda *args, **named: [record(0, ".")]
    assert names.mail_exchangers("example.com", 1)["note"] == "the domain takes no mail (null MX)"


def test_a_resolver_that_fails_is_quoted(resolver: Any) -> None:
    def fail(*args: Any, **named: Any) -> Any:
        raise RuntimeError("the zone is \x1b broken")

    resolver.resolve = fail
    assert names.mail_exchangers("example.com", 1)["note"] == "RuntimeError: the zone is \\x1b broken"


def test_without_dnspython_the_note_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dns", None)
    monkeypatch.setitem(sys.modules, "dns.resolver", None)
    assert "dnspython" in names.mail_exchangers("example.com", 1)["note"]


def test_a_resolver_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr(names.socket, "getaddrinfo", lambda *args, **named: never.wait(20))
    assert names.addresses("mx.example.com", 0.1)["cause"] == "dns_server_failure"
    never.set()
