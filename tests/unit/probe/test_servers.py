# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe says of servers, good ones and hostile ones: one clear outcome, in bounded time and memory."""

from __future__ import annotations

import errno
import socket
import ssl
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe import probe as probing
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe import reach, tls
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.dialogue import Dialogue
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.failure import ProbeError
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.request import request
from ansible_collections.fortiops.mail.plugins.plugin_utils.probe.wire import Wire
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import HOST, Authority, Script, conversation, look

Serve = Callable[[Script], int]
EHLO = "250-mx.example.com\n250-SIZE 1000\n250 AUTH NTLM GSSAPI"


def endless(piece: bytes, first: bytes = b"") -> Script:
    def script(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(piece)

    return script


def silent(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def reset(connection: socket.socket) -> None:
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_server_that_answers_is_ok_and_its_limits_are_named(serve: Serve) -> None:
    seen = look(serve(conversation(EHLO)))
    assert (seen["outcome"], seen["cause"], seen["state"], seen["stage"]) == ("ok", None, "reachable", "ehlo")
    assert seen["extensions"] == ["SIZE 1000", "AUTH NTLM GSSAPI"]
    assert (seen["auth"]["before_tls"], seen["auth"]["usable"]) == (["NTLM", "GSSAPI"], [])
    assert {limit["cause"] for limit in seen["limits"]} == {"starttls_unavailable", "auth_mechanism_unsupported"}


@pytest.mark.parametrize(
    ("script", "stage", "cause"),
    [
        (endless(b"220-welcome\r\n"), "greeting", "not_smtp_service"),
        (endless(b"x" * 100), "greeting", "not_smtp_service"),
        (endless(b"250-X-FILLER " + b"x" * 500 + b"\r\n", b"220 mx\r\n250-mx\r\n"), "ehlo", "protocol_error"),
        (conversation(greeting="SSH-2.0-OpenSSH_9.6"), "greeting", "not_smtp_service"),
        (conversation(greeting="\x15\x03\x01\x00\x02\x02\x46"), "greeting", "not_smtp_service"),
        (conversation(greeting="554 5.7.1 Client host blocked using zen.example"), "greeting", "client_ip_blocked"),
        (conversation("550 5.7.1 Helo command rejected: need fully-qualified hostname"), "ehlo", "helo_rejected"),
        (conversation("what?"), "ehlo", "protocol_error"),
        (conversation(), "ehlo", "connection_lost"),
        (silent, "greeting", "greeting_timeout"),
        (reset, "greeting", "greeting_timeout"),
        (lambda connection: connection.close(), "greeting", "connection_lost"),
    ],
)
def test_a_server_that_misbehaves_has_one_cause_in_bounded_time(
    script: Script, stage: str, cause: str, serve: Serve
) -> None:
    started = time.monotonic()
    seen = look(serve(script), timeout=0.8)
    assert (seen["outcome"], seen["stage"], seen["cause"]) == ("failed", stage, cause), seen
    assert time.monotonic() - started < 2
    assert len(repr(seen)) < 40_000


@settings(max_examples=150)
@given(st.binary(max_size=400), st.sampled_from([b"", b"220 mx\r\n", b"220 mx\r\n250-mx\r\n250-STARTTLS\r\n250 AUTH "]))
def test_random_bytes_end_as_a_failure_or_a_reply(noise: bytes, first: bytes) -> None:
    ours, theirs = socket.socketpair()
    with Wire(ours, time.monotonic() + 5) as wire:
        theirs.sendall(first + noise)
        theirs.shutdown(socket.SHUT_WR)
        dialogue = Dialogue(wire)
        with suppress(ProbeError):
            dialogue.greeting()
            dialogue.hello("here.example.com")
        theirs.close()
    assert all(character.isprintable() for text in dialogue.said for character in text)


def test_a_server_that_drips_cannot_stretch_the_time(serve: Serve) -> None:
    def drip(connection: socket.socket) -> None:
        for byte in b"220 mx.example.com ESMTP with a very long greeting":
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    started = time.monotonic()
    assert look(serve(drip), timeout=0.5)["cause"] == "greeting_timeout"
    assert time.monotonic() - started < 1


def test_nothing_a_server_sends_reaches_a_terminal_as_it_is(serve: Serve) -> None:
    seen = look(serve(conversation("250-mx\n250 X-\x1b[2J\u202e\x07", greeting="220 mx\x1b]0;owned\x07\x00\xff")))
    assert seen["outcome"] == "ok"
    assert "\\x1b]0;owned\\x07" in seen["greeting"]
    assert all(
        character.isprintable()
        for text in (seen["greeting"], *seen["extensions"], *seen["dialogue"])
        for character in text
    )


def test_ports_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((HOST, 0)) as closed:
        port = closed.getsockname()[1]
    seen = look(port)
    assert (seen["state"], seen["stage"], seen["cause"]) == ("refused", "tcp", "connect_refused")
    full = socket.socket()
    full.bind((HOST, 0))
    full.listen(0)  # whose queue is full drops who comes next, as a firewall does
    waiting = [socket.socket() for __ in range(2)]
    for each in waiting:
        each.setblocking(False)
        each.connect_ex(full.getsockname())
    seen = look(full.getsockname()[1], timeout=0.5)
    assert (seen["state"], seen["stage"], seen["cause"]) == ("filtered", "tcp", "connect_timeout")
    for each in (full, *waiting):
        each.close()

    def no_way(*args: Any, **named: Any) -> socket.socket:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(reach.socket, "create_connection", no_way)
    seen = look(25)
    assert (seen["state"], seen["stage"], seen["cause"], seen["owner"]) == (
        "unreachable",
        "route",
        "no_route",
        "network team",
    )


def test_a_name_that_nobody_knows_is_the_cause_on_every_port(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **named: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setattr(probing, "mail_exchangers", lambda *__: {"records": [], "note": "not asked"})
    found = probing.probe(request(host="mx.invalid"))
    assert found["addresses"]["cause"] == "dns_name_not_found"
    assert {(port["state"], port["cause"]) for port in found["ports"]} == {("unresolved", "dns_name_not_found")}


def test_ports_are_looked_at_at_the_same_time(serve: Serve) -> None:
    ports = [serve(silent) for __ in range(6)]
    started = time.monotonic()
    found = probing.probe(request(host=HOST, port=ports, timeout=0.6, security="none"))
    assert [port["port"] for port in found["ports"]] == ports
    assert time.monotonic() - started < 2


def secure(context: ssl.SSLContext, *answers: str) -> Script:
    """A server that speaks TLS from the first byte."""

    def script(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            conversation(*answers)(wrapped)

    return script


def test_a_certificate_that_passes(serve: Serve, authority: Authority) -> None:
    __, context = authority.leaf()
    seen = look(serve(secure(context, "250-mx\n250 AUTH PLAIN")), security="smtps", ca_file=str(authority.file))
    assert (seen["outcome"], seen["auth"]["usable"], seen["limits"]) == ("ok", ["PLAIN"], [])
    certificate = seen["certificate"]
    assert (certificate["chain_verified"], certificate["name_matches"], certificate["days_left"]) == (True, True, 20)
    assert (certificate["key_type"], certificate["key_bits"], certificate["issuer"]) == ("ec", 256, "CN=Test CA")
    assert seen["tls"]["version"] == "tlsv1.3"
    assert (seen["tls"]["versions"]["tlsv1.2"], seen["tls"]["versions"]["tlsv1.0"]) == ("accepted", "refused")


@pytest.mark.parametrize(
    ("leaf", "trusted", "said"),
    [
        ({"days": -2}, True, "certificate has expired"),
        ({"names": ("other.example.com",)}, True, "not 127.0.0.1"),
        ({}, False, "unable to get local issuer certificate"),
    ],
)
def test_a_certificate_that_does_not_pass(
    leaf: dict[str, Any], trusted: bool, said: str, serve: Serve, authority: Authority
) -> None:
    __, context = authority.leaf(**leaf)
    port = serve(secure(context, "250-mx\n250 AUTH PLAIN", "235 ok"))
    options = {"security": "smtps", "ca_file": str(authority.file) if trusted else None}
    seen = look(port, **options, user="alerts", passwd="canary-5ecret")
    assert (seen["stage"], seen["cause"]) == ("tls", "tls_cert_rejected")
    assert said in seen["evidence"]
    assert not any("AUTH" in line for line in seen["dialogue"] if line.startswith("C:"))
    assert (seen["tls"]["version"], seen["auth"]["after_tls"]) == ("tlsv1.3", ["PLAIN"])
    lenient = look(port, **options, validate_certs=False)
    assert (lenient["outcome"], lenient["limits"][0]["cause"]) == ("ok", "tls_cert_rejected")


def test_a_password_is_sent_only_over_tls_and_never_shown(serve: Serve, authority: Authority) -> None:
    login = {"user": "alerts", "passwd": "canary-5ecret", "ca_file": str(authority.file)}
    seen = look(serve(conversation("250-mx\n250 AUTH PLAIN", "235 ok")), **login)
    assert (seen["stage"], seen["cause"], len(seen["dialogue"])) == ("auth", "starttls_unavailable", 4)
    __, context = authority.leaf()
    said = "535 5.7.8 no: canary-5ecret AGFsZXJ0cwBjYW5hcnktNWVjcmV0"
    seen = look(serve(secure(context, "250-mx\n250 AUTH PLAIN", said)), security="smtps", **login)
    assert (seen["stage"], seen["cause"]) == ("auth", "auth_credentials_invalid")
    assert seen["auth"]["login"]["accepted"] is False
    assert "canary-5ecret" not in repr(seen)
    assert "AGFsZXJ0cwBjYW5hcnktNWVjcmV0" not in repr(seen)


def test_a_port_that_keeps_silent_is_tried_with_tls(serve: Serve, authority: Authority) -> None:
    __, context = authority.leaf()
    seen = look(serve(secure(context, "250 mx")), security="auto", ca_file=str(authority.file))
    assert (seen["outcome"], seen["security"]) == ("ok", "smtps")


def test_tls_where_clear_text_is_spoken(serve: Serve) -> None:
    seen = look(serve(conversation("500 what?")), security="smtps")
    assert (seen["stage"], seen["cause"]) == ("tls", "tls_mode_mismatch")


def test_text_before_the_handshake_is_not_taken_for_text_after_it(serve: Serve) -> None:
    seen = look(serve(conversation("250-mx\n250 STARTTLS", "220 go\n250 AUTH PLAIN")), security="starttls")
    assert (seen["stage"], seen["cause"]) == ("starttls", "protocol_error")


def test_starttls_that_is_asked_for_and_missing(serve: Serve) -> None:
    seen = look(serve(conversation("250 mx")), security="starttls")
    assert (seen["stage"], seen["cause"]) == ("starttls", "starttls_unavailable")


def test_sender_and_recipient_are_named_when_asked_and_no_mail_follows(serve: Serve) -> None:
    answers = ["250 mx", "250 ok", "554 5.7.1 <b@other.example>: Relay access denied"]
    seen = look(serve(conversation(*answers)), mail_from="a@example.com", mail_to="b@other.example")
    assert (seen["stage"], seen["cause"], seen["reply"]["code"]) == ("rcpt_to", "relay_denied", "554")
    said = [line[3:] for line in seen["dialogue"] if line.startswith("C:")]
    assert said[1:] == ["MAIL FROM:<a@example.com>", "RCPT TO:<b@other.example>"]
    seen = look(serve(conversation("250 mx", "250 ok", "250 ok")), mail_from="a@example.com", mail_to="b@example.com")
    assert (seen["outcome"], seen["stage"], seen["dialogue"][-1]) == ("ok", "rcpt_to", "C: QUIT")


def test_a_version_that_this_machine_cannot_offer_is_not_said_to_be_refused(
    serve: Serve, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tls._HERE, "tlsv1.0", False)
    __, context = authority.leaf()
    seen = look(serve(secure(context, "250 mx")), security="smtps", ca_file=str(authority.file))
    assert seen["tls"]["versions"]["tlsv1.0"] == "not_offered_here"
    assert seen["tls"]["versions"]["tlsv1.1"] == "refused"
