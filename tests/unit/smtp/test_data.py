# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of the diagnosis hold together: causes.yml, vocabulary.yml and numbers.yml."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fortiops.mail.plugins.plugin_utils.device import schema

# Data are the same in each Python; that each text of them is recognised is tested with each, in test_classify.py.
pytestmark = pytest.mark.once

PLUGIN_UTILS = Path(schema.__file__).parent.parent
DATA = PLUGIN_UTILS / "smtp"
MODULES = PLUGIN_UTILS.parent / "modules"


def load(name: str) -> dict[str, Any]:
    data = yaml.load((DATA / name).read_text(encoding="utf-8"), yaml.CSafeLoader)
    assert isinstance(data, dict)
    return data


STAGES: list[str] = load("causes.yml")["stages"]
CAUSES: list[dict[str, Any]] = load("causes.yml")["causes"]
ROWS: list[dict[str, Any]] = load("vocabulary.yml")["texts"]
NUMBERS: dict[str, dict[int, str]] = load("numbers.yml")

SLUGS = [row["cause"] for row in CAUSES]
OWNERS = {"device admin", "network team", "mail admin", "DNS admin"}
LIBRARIES = {"resolver", "c-ares", "glibc", "musl", "openssl", "gnutls", "mbedtls", "libcurl", "fazmaild", "generic"}
LIBRARIES |= {"postfix", "exim", "sendmail", "exchange", "gmail", "ses", "sendgrid", "aiosmtpd", "dovecot"}
LIBRARIES |= {"swaks", "msmtp", "phpmailer", "ssmtp", "s-nail", "sendemail", "hmailserver", "policyd"}
LIBRARIES |= {"go", "java", "dotnet", "nodemailer", "smtplib", "php", "ruby", "qmail", "domino", "telnet", "haraka"}
LIBRARIES |= {"yahoo", "gmx", "t-online", "orange", "cox", "godaddy", "qq", "netease", "mailru", "spf"}
LIBRARIES |= {"zoho", "mimecast", "proofpoint", "mailgun", "sparkpost", "greylistd", "amavis"}
# Causes that no text names: the reason is what is missing.
WITHOUT_TEXT = {"server_refused"}

REPLY = re.compile(r"([2-5]\d\d)(?:[ -]([245]\.\d{1,3}\.\d{1,3})\b)?", re.ASCII)


def as_list(value: str | list[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


def matches(row: dict[str, Any], line: str) -> bool:
    """The rule of the engine in its simplest form: the codes of the row, then its text or regex anywhere in the line."""
    reply = REPLY.match(line)
    code, enhanced = reply.groups() if reply else (None, None)
    if "code" in row and code not in as_list(row["code"]):
        return False
    if "enhanced" in row and enhanced not in as_list(row["enhanced"]):
        return False
    if "text" in row:
        return row["text"].lower() in line.lower()
    return re.search(row["regex"], line, re.IGNORECASE | re.ASCII) is not None


def first_match(line: str) -> dict[str, Any] | None:
    return next((row for row in ROWS if matches(row, line)), None)


def name(row: dict[str, Any]) -> str:
    return str(row.get("text") or row.get("regex"))


# --- causes


def test_every_cause_once() -> None:
    assert len(SLUGS) == len(set(SLUGS))
    assert {"accepted", "unknown"} <= set(SLUGS)


@pytest.mark.parametrize("row", CAUSES, ids=SLUGS)
def test_cause_is_complete(row: dict[str, Any]) -> None:
    words = {"explanation", "plain", "plain_remedy"}
    assert set(row) == {"cause", "stage", "owner", "also", "standard", "temporary", "remedy", *words}
    assert row["stage"] in [*STAGES, "any"]
    assert row["owner"] in (OWNERS if row["cause"] != "accepted" else {"nobody"})
    assert set(row["also"]) <= OWNERS - {row["owner"]}
    assert re.fullmatch(r"(?:[X245]\.\d{1,3}\.\d{1,3})?", str(row["standard"]))
    assert row["temporary"] in (True, False, None)
    assert all(row[each].strip().endswith(".") for each in words)
    assert 1 <= len(row["remedy"]) <= 4


# What anybody knows, or what stands behind its own word.
KNOWN = {"STARTTLS", "DNS", "TLS", "OAuth"}


@pytest.mark.parametrize("row", CAUSES, ids=SLUGS)
def test_plain_words_are_one_sentence_without_abbreviations_that_nobody_knows(row: dict[str, Any]) -> None:
    for words in (row["plain"], row["plain_remedy"]):
        assert words.count(". ") == 0
        without = re.sub(r"\([^)]*\)", "", words)
        assert not re.findall(r"\b[A-Z]{2,}\w*|\b[a-z]+_[a-z_]+\b|\b[45]\d\d\b", without)
        assert set(re.findall(r"\b[A-Z][A-Za-z]*[A-Z]+\b|\b[A-Z]{2,}\b", words)) <= KNOWN


@pytest.mark.parametrize("row", CAUSES, ids=SLUGS)
def test_there_is_a_first_way_for_every_mail_server(row: dict[str, Any]) -> None:
    assert any("way" not in each and "only_for" not in each for each in row["remedy"])


@pytest.mark.parametrize("row", CAUSES, ids=SLUGS)
def test_remedy_says_what_to_do(row: dict[str, Any]) -> None:
    for remedy in row["remedy"]:
        assert set(remedy) <= {"cli", "task", "advice", "way", "only_for"}
        assert remedy.get("way", "other") == "other"
        assert {"cli", "task"} <= set(remedy)
        assert remedy["cli"] or remedy["task"] or remedy.get("advice")


@pytest.mark.parametrize("row", CAUSES, ids=SLUGS)
def test_remedy_uses_options_that_exist(row: dict[str, Any]) -> None:
    options = {option.name for option in schema.system_mail().options}
    for remedy in row["remedy"]:
        lines = remedy["cli"].split(" / ")
        if lines[0] == "config system mail":
            assert lines[1] == "edit <id>"
            assert lines[-2:] == ["next", "end"]
            assert {line.split()[1] for line in lines[2:-2]} <= options
        if not remedy["task"]:
            continue
        ((module, arguments),) = yaml.load(remedy["task"], yaml.CSafeLoader).items()
        namespace, __, module = module.rpartition(".")
        assert namespace == "fortiops.mail"
        fragments = [*MODULES.parent.joinpath("doc_fragments").glob("*.py")]
        documentation = "".join(file.read_text(encoding="utf-8") for file in (MODULES / f"{module}.py", *fragments))
        for argument in arguments:
            assert f"\n  {argument}:\n" in documentation
        for entry in arguments.get("config", []):
            assert {key.replace("_", "-") for key in entry} <= options | {"id"}


def test_cli_and_task_of_a_remedy_say_the_same() -> None:
    for row in CAUSES:
        for remedy in row["remedy"]:
            if "fortiops.mail.system_mail:" not in remedy["task"]:
                continue
            lines = [line.split() for line in remedy["cli"].split(" / ")]
            by_cli = {line[1]: line[2] for line in lines if line[0] == "set"}
            (entry,) = yaml.load(remedy["task"], yaml.CSafeLoader)["fortiops.mail.system_mail"]["config"]
            by_task = {key.replace("_", "-"): str(value) for key, value in entry.items() if key != "id"}
            assert by_task == by_cli, row["cause"]


# --- vocabulary


def incomplete(row: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a row by itself."""
    allowed = {"text", "regex", "code", "enhanced", "library", "stage", "cause", "evidence", "sample", "before_reason"}
    right = {
        "its fields": set(row) <= allowed and ("text" in row) != ("regex" in row),
        "its cause": row["cause"] in SLUGS,
        "its stage": row["stage"] in [*STAGES, "any"],
        "its library": row["library"] in LIBRARIES,
        "its evidence": row["evidence"] in {"reproduced", "documented", "assumed"},
        "its code": all(re.fullmatch(r"[2-5]\d\d", code, re.ASCII) for code in as_list(row.get("code"))),
        "its length": len(name(row)) >= 5,
    }
    yield from (what for what, holds in right.items() if not holds)


def foreign(row: dict[str, Any]) -> Iterator[str]:
    """How the sample of a row is not its own."""
    first = first_match(row["sample"])
    if first is not row:
        taken = f"is taken by {name(first)!r} ({first['cause']})" if first else "matches nothing"
        yield f"{row['sample']!r} {taken}"
    if "code" in row and not row["sample"].startswith(tuple(as_list(row["code"]))):
        yield f"{row['sample']!r} has another code"
    if "enhanced" in row and not row["sample"][4:].startswith(tuple(as_list(row["enhanced"]))):
        yield f"{row['sample']!r} has another enhanced code"


@pytest.mark.parametrize("faults", [incomplete, foreign])
def test_each_row_is_complete_and_has_a_sample_of_its_own(faults: Callable[[dict[str, Any]], Iterator[str]]) -> None:
    wrong = [(name(row), list(faults(row))) for row in ROWS]

    assert wrong
    assert [each for each in wrong if each[1]] == []


def test_no_row_twice() -> None:
    keys = [(name(row).lower(), str(row.get("code")), str(row.get("enhanced"))) for row in ROWS]
    assert len(keys) == len(set(keys))


def test_accepted_only_by_a_positive_reply() -> None:
    for row in ROWS:
        assert (row["stage"] == "accepted") == (row["cause"] == "accepted") == (row.get("code") == "250")


def test_every_cause_has_a_text() -> None:
    named = {row["cause"] for row in ROWS}
    assert set(SLUGS) - named - WITHOUT_TEXT == {"unknown"}
    assert not WITHOUT_TEXT & named


@pytest.mark.parametrize(
    "line",
    [
        "220 mx.test.example ESMTP Postfix",
        "220 mx.google.com ESMTP d2e1a72fcca58 - gsmtp",
        "220 2.0.0 Ready to start TLS",
        "221 2.0.0 Bye",
        "221 2.0.0 Service closing transmission channel",
        "235 2.7.0 Authentication successful",
        "235 Authentication succeeded",
        "250 OK",
        "250 2.0.0 Ok",
        "250 2.1.0 OK d2e1a72fcca58 - gsmtp",
        "250 2.1.5 Recipient OK",
        "250-AUTH LOGIN PLAIN XOAUTH2",
        "250-ENHANCEDSTATUSCODES",
        "250-SIZE 20000",
        "250-STARTTLS",
        "334 UGFzc3dvcmQ6",
        "334 VXNlcm5hbWU6",
        "334 VXNlciBOYW1lAA==",
        "354 End data with <CR><LF>.<CR><LF>",
        "Connected to smtp.example.com port 587",
        "EHLO faz.test.example",
        "SSL certificate verify result: self-signed certificate (18), continuing anyway.",
        "SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384",
        "discard mail count: 0",
        "no pending email request, last request time 1673349959, last sendmail time 0",
        "queue length: 0/5000",
        "queue timeout: 1800 seconds",
        "sendmail_loop:1143: total pending tasks: 0.",
        "server : smtp.example.com",
        "total sent mail count: 12",
    ],
)
def test_harmless_line_names_no_cause(line: str) -> None:
    assert first_match(line) is None


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("451 Greylisted, try later", "greylisted"),
        ("503 valid RCPT command must precede DATA", "protocol_error"),
        ("503 Already authenticated", "protocol_error"),
        ("530 Must issue a STARTTLS command first", "encryption_required"),
        ("454 TLS not available", "starttls_unavailable"),
        ("552 Error: message size exceeds fixed maximum message size", "message_too_large"),
        ("530 5.5.1 Invalid command: Must issue a STARTTLS command first", "encryption_required"),
        ("454 4.7.1 <x@other.example>: Relay access denied", "relay_denied"),
        ("535 Authentication Credentials Invalid", "auth_credentials_invalid"),
        ("535-5.7.8 Username and Password not accepted. Learn more at", "auth_credentials_invalid"),
        ("454 Throttling failure: Daily message quota exceeded.", "rate_limited"),
        ("550 5.7.1 Service unavailable, Client host [192.0.2.9] blocked using Spamhaus.", "client_ip_blocked"),
        ("421 4.7.0 Connection refused. Your IP is blacklisted", "client_ip_blocked"),
        (
            "550 5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy",
            "sender_domain_unauthenticated",
        ),
        ("421 4.4.2 mx.test.example Error: timeout exceeded", "connection_lost"),
        ("Failed to connect to 127.0.0.1 port 25 after 0 ms: Connection refused", "connect_refused"),
        ("Failed to connect to 127.0.0.1 port 25 after 0 ms: Couldn't connect to server", "connect_refused"),
        ("Connection timed out after 10001 milliseconds", "connect_timeout"),
        ("Could not resolve hostname", "dns_name_not_found"),
        ("recv failure: Connection reset by peer", "connection_lost"),
        ("error:1408F10B:SSL routines:ssl3_get_record:wrong version number", "tls_mode_mismatch"),
        ("error:0A000410:SSL routines::ssl/tls alert handshake failure", "tls_cipher_mismatch"),
        ("SSL certificate problem: unable to get local issuer certificate", "tls_cert_rejected"),
        ("error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL alert number 48", "tls_client_cert_rejected"),
        ("SSL3 alert write:fatal:unknown CA", "tls_cert_rejected"),
        ("error:0A00042E:SSL routines::tlsv1 alert protocol version:SSL alert number 70", "tls_version_mismatch"),
    ],
)
def test_variant_of_a_text(line: str, cause: str) -> None:
    row = first_match(line)
    assert row is not None
    assert row["cause"] == cause


# --- numbers


@pytest.mark.parametrize(
    ("kind", "number", "text"),
    [(kind, number, text) for kind, table in NUMBERS.items() for number, text in table.items()],
)
def test_text_of_a_number_is_in_the_vocabulary(kind: str, number: int, text: str) -> None:
    assert isinstance(number, str if kind == "name" else int)
    assert first_match(text) is not None, f"{kind} {number}: {text}"


def test_kinds_of_numbers() -> None:
    assert set(NUMBERS) == {"errno", "name", "winsock", "curl", "gai", "openssl_reason"}
