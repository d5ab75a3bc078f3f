# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is affected, from two views of one server."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe import compare as module
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.compare import compare
from ansible_collections.fortiops.mail.plugins.plugin_utils.smtp.knowledge import causes, stages


def device(stage: str, cause: str, outcome: str = "failed") -> dict[str, Any]:
    return {"outcome": outcome, "stage": stage, "cause": cause}


def here(
    stage: str = "ehlo", cause: str | None = None, limits: tuple[str, ...] = (), login: bool | None = None
) -> dict[str, Any]:
    port = {
        "port": 587,
        "security": "starttls",
        "outcome": "failed" if cause else "ok",
        "stage": stage,
        "cause": cause,
        "limits": [{"cause": each, "detail": ""} for each in limits],
        "auth": {"login": None if login is None else {"accepted": login}},
    }
    return {"host": "mx.example.com", "ports": [port]}


@pytest.mark.parametrize(
    ("verdict", "probe", "scope", "owner"),
    [
        (device("accepted", "accepted", "accepted"), here(), "works", "nobody"),
        (device("accepted", "accepted", "accepted"), here("tcp", "connect_timeout"), "here_only", "nobody"),
        (device("tcp", "connect_refused"), here("tcp", "connect_refused"), "everybody", "mail admin"),
        (device("tcp", "connect_timeout"), here("tcp", "connect_timeout"), "everybody", "network team"),
        (device("tcp", "connect_timeout"), here(), "device_only", "network team"),
        (device("route", "no_route"), here(), "device_only", "network team"),
        (device("dns", "dns_server_failure"), here(), "device_only", "device admin"),
        (device("dns", "dns_name_not_found"), here("dns", "dns_name_not_found"), "everybody", "DNS admin"),
        (device("greeting", "greeting_timeout"), here(), "device_only", "network team"),
        (device("starttls", "starttls_unavailable"), here(limits=("starttls_unavailable",)), "everybody", "mail admin"),
        (device("auth", "auth_not_offered"), here(limits=("auth_not_offered",)), "everybody", "mail admin"),
        (device("auth", "auth_not_offered"), here(), "device_only", "device admin"),
        (device("tls", "tls_cert_rejected"), here("tls", "tls_cert_rejected"), "everybody", "mail admin"),
        (device("tls", "tls_version_mismatch"), here(), "device_only", "device admin"),
        (device("auth", "auth_credentials_invalid"), here(), "request", "device admin"),
        (device("auth", "auth_credentials_invalid"), here("auth", login=True), "device_only", "device admin"),
        (
            device("auth", "auth_credentials_invalid"),
            here("auth", "auth_credentials_invalid", login=False),
            "everybody",
            "device admin",
        ),
        (device("rcpt_to", "relay_denied"), here(), "request", "mail admin"),
        (device("greeting", "client_ip_blocked"), here(), "device_only", "mail admin"),
        (device("config", "config_incomplete"), here(), "device_only", "device admin"),
        (device("tcp", "connect_timeout"), here("tcp", "connect_refused"), "everybody", "network team"),
        (device("", "unknown", "unknown"), here(), "undecided", "device admin"),
        (device("", "unknown", "unknown"), here("tcp", "connect_refused"), "undecided", "device admin"),
    ],
)
def test_scope_and_owner(verdict: dict[str, Any], probe: dict[str, Any], scope: str, owner: str) -> None:
    finding = compare(verdict, probe)
    assert (finding["scope"], finding["owner"]) == (scope, owner), finding


def test_every_failure_of_a_device_has_a_finding_that_reads_well() -> None:
    failures = [None, *(name for name in causes() if name not in ("accepted", "unknown"))]
    for cause in causes().values():
        outcome = cause.name if cause.name in ("accepted", "unknown") else "failed"
        for other in failures:
            finding = compare(device(cause.stage, cause.name, outcome), here("tcp", other))
            assert finding["rule"] != "not_comparable"
            assert "{" not in finding["explanation"] + "".join(finding["next"])
            assert finding["owner"]


def test_the_rules_name_stages_and_causes_that_exist() -> None:
    for row in module._rows():
        for side in ("device", "here"):
            assert set(row.get(side, {}).get("stage", [])) <= set(stages())
            assert set(row.get(side, {}).get("cause", [])) <= set(causes())
        assert row["scope"] in ("works", "everybody", "device_only", "here_only", "request", "undecided")


def test_the_port_of_the_device_is_the_one_compared() -> None:
    probe = here("tcp", "connect_refused")
    probe["ports"].insert(0, {**here()["ports"][0], "port": 25})
    assert compare(device("tcp", "connect_refused"), probe, port=587)["scope"] == "everybody"
    assert compare(device("tcp", "connect_refused"), probe)["here"]["port"] == 25
    with pytest.raises(ValueError, match=r"port 2525 of mx\.example\.com was not probed, only 25, 587"):
        compare(device("tcp", "connect_refused"), probe, port=2525)
