# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mail servers and mail libraries write down of a session: each notation tells the same outcome of the same dialogue."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.analysis import analyse

SERVER, CLIENT = "S", "C"
Spoken = list[tuple[str, str]]

BEGINNING: Spoken = [
    (SERVER, "220 mail.example.com ESMTP"),
    (CLIENT, "EHLO faz1"),
    (SERVER, "250-mail.example.com"),
    (SERVER, "250 SIZE 20480000"),
    (CLIENT, "MAIL FROM:<faz1@example.com>"),
    (SERVER, "250 2.1.0 Ok"),
    (CLIENT, "RCPT TO:<noc@example.net>"),
]
END: Spoken = [(CLIENT, "QUIT"), (SERVER, "221 2.0.0 Bye")]
REFUSED: Spoken = [*BEGINNING, (SERVER, "554 5.7.1 <noc@example.net>: Relay access denied"), *END]
TAKEN: Spoken = [
    *BEGINNING,
    (SERVER, "250 2.1.5 Ok"),
    (CLIENT, "DATA"),
    (SERVER, "354 Go ahead"),
    (CLIENT, "Subject: alert"),
    (CLIENT, "."),
    (SERVER, "250 2.0.0 Ok: queued as 4F1B"),
    *END,
]
# The message has a line that looks like the last reply, and the server refuses the message.
LOOKALIKE: Spoken = [
    *TAKEN[:-5],
    (CLIENT, "250 2.0.0 Ok: queued as 4F1B"),
    (CLIENT, "."),
    (SERVER, "554 5.7.1 Message refused as spam"),
    *END,
]


def hmailserver(who: str, text: str) -> str:
    return f'"SMTPD"\t3312\t41\t"2026-12-03 08:12:01.103"\t"192.0.2.10"\t"{"SENT" if who == SERVER else "RECEIVED"}: {text}"'


def hmailserver_as_client(who: str, text: str) -> str:
    return f'"SMTPC"\t3312\t41\t"2026-12-03 08:12:01.103"\t"192.0.2.25"\t"{"RECEIVED" if who == SERVER else "SENT"}: {text}"'


def communigate(who: str, text: str) -> str:
    return f"08:12:01.103 5 SMTPI-000417([192.0.2.10]) {'out' if who == SERVER else 'inp'}: {text}"


def communigate_as_client(who: str, text: str) -> str:
    return f"08:12:01.103 5 SMTP-000093(example.net) {'rsp' if who == SERVER else 'cmd'}: {text}"


def exchange_receive(who: str, text: str) -> str:
    mark = ">" if who == SERVER else "<"
    return f"2026-12-03T07:12:01.010Z,EX1\\Relay,08DD02A1,1,192.0.2.25:25,192.0.2.10:40112,{mark},{text},"


def exchange_send(who: str, text: str) -> str:
    mark = "<" if who == SERVER else ">"
    return f"2026-12-03T07:12:01.010Z,To Internet,08DD02A1,1,192.0.2.25:40112,198.51.100.25:25,{mark},{text},"


def exchange_tabs(who: str, text: str) -> str:
    return exchange_send(who, "{}").replace(",", "\t").format(text)


def exchange_short(who: str, text: str) -> str:
    return f"{'>' if who == SERVER else '<'},{text},"


def phpmailer_level(who: str, text: str) -> str:
    return f"SMTP (level 2): {'SERVER -> CLIENT' if who == SERVER else 'CLIENT -> SERVER'}: {text}"


def phpmailer_blanks(who: str, text: str) -> str:
    return f"2026-12-03 08:12:01 {'SERVER -> CLIENT' if who == SERVER else 'CLIENT -> SERVER'}: {text}"


def unmarked(who: str, text: str) -> str:
    return text


def chilkat(who: str, text: str) -> str:
    return f"{text}<CRLF>"


def chilkat_error(who: str, text: str) -> str:
    return f"      smtpCmdResp: {text}" if who == SERVER else f"      smtpCmdSent: {text}<CRLF>"


MARKED = (
    chilkat_error,
    hmailserver,
    hmailserver_as_client,
    communigate,
    communigate_as_client,
    phpmailer_level,
    phpmailer_blanks,
)
NOTATIONS = (*MARKED, exchange_receive, exchange_send, exchange_tabs, exchange_short, unmarked, chilkat)


def outcomes(spoken: Spoken, notation: Callable[[str, str], str]) -> list[tuple[str, str]]:
    text = "\n".join(notation(*line) for line in spoken) + "\n"
    return [(verdict["outcome"], verdict["cause"]) for verdict in analyse(text)["verdicts"]]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_each_notation_tells_a_refusal(notation: Callable[[str, str], str]) -> None:
    assert outcomes(REFUSED, notation) == [("failed", "relay_denied")]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_each_notation_tells_an_acceptance(notation: Callable[[str, str], str]) -> None:
    assert outcomes(TAKEN, notation) == [("accepted", "accepted")]


@pytest.mark.parametrize("notation", [*MARKED, unmarked, chilkat])
def test_a_line_of_the_message_proves_nothing(notation: Callable[[str, str], str]) -> None:
    assert [outcome for outcome, __ in outcomes(LOOKALIKE, notation)] == ["failed"]


@pytest.mark.parametrize("notation", [hmailserver, communigate, exchange_receive])
def test_the_session_whose_message_is_not_logged_is_accepted(notation: Callable[[str, str], str]) -> None:
    without = [line for line in TAKEN if line[1] not in ("Subject: alert", ".")]
    assert outcomes(without, notation) == [("accepted", "accepted")]


@pytest.mark.parametrize(
    ("notation", "name"),
    [(hmailserver, "\t41\t"), (communigate, "000417"), (exchange_send, "08DD02A1"), (exchange_tabs, "08DD02A1")],
)
def test_sessions_that_are_mixed_are_told_apart(notation: Callable[[str, str], str], name: str) -> None:
    other = {"\t41\t": "\t42\t", "000417": "000418", "08DD02A1": "08DD02A2"}[name]
    taken, refused = ([notation(*line) for line in spoken] for spoken in (TAKEN, REFUSED))
    mixed = [line for pair in zip(taken, refused, strict=False) for line in (pair[0], pair[1].replace(name, other))]
    found = analyse("\n".join([*mixed, *taken[len(refused) :]]) + "\n")
    assert sorted(verdict["outcome"] for verdict in found["verdicts"]) == ["accepted", "failed"]


@pytest.mark.parametrize("notation", [hmailserver, communigate, exchange_receive, exchange_tabs, exchange_short])
def test_a_login_in_the_log_of_a_session_is_masked(notation: Callable[[str, str], str]) -> None:
    login = [(SERVER, "334 UGFzc3dvcmQ6"), (CLIENT, "Z2VoZWltZ2VoZWlt"), (SERVER, "235 2.7.0 Ok")]
    text = "\n".join(notation(*line) for line in login) + "\n"
    assert "Z2VoZWltZ2VoZWlt" not in str(analyse(text))


def test_the_lines_of_a_reply_on_one_line_are_one_reply() -> None:
    reply = "550-5.7.1 Your host is listed[nl]550 5.7.1 Relaying denied"
    assert outcomes([*BEGINNING, (SERVER, reply), *END], hmailserver)[0][0] == "failed"


def test_telnet_that_does_not_show_what_is_typed_tells_a_refusal_and_proves_nothing() -> None:
    def silent(spoken: Spoken) -> list[tuple[str, str]]:
        return outcomes([line for line in spoken if line[0] == SERVER], unmarked)

    assert silent(REFUSED) == [("failed", "relay_denied")]
    assert [outcome for outcome, __ in silent(TAKEN)] in (["unknown"], ["accepted"])
    assert [outcome for outcome, __ in silent(LOOKALIKE)] == ["failed"]


@pytest.mark.parametrize(
    ("disposition", "expected"), [("Accept", []), ("0x200", []), ("Relay", []), ("Reject", ["failed"])]
)
def test_the_history_of_a_fortimail_tells_only_what_it_has_refused(disposition: str, expected: list[str]) -> None:
    line = (
        '2026-12-03 07:12:03.041 log_id=0200001000 type=statistics pri=information session_id="5B37-5B38" '
        'client_name="faz1" client_ip="192.0.2.10" dst_ip="" endpoint="" from="faz@example.com" to="ops@example.net" '
        f'polid="0:1:0" domain="" subject="" mailer="mta" disposition="{disposition}" classifier="x" message_length="5"\n'
    )
    assert [verdict["outcome"] for verdict in analyse(line)["verdicts"]] == expected


@pytest.mark.parametrize("notation", [unmarked, chilkat])
def test_a_dialogue_whose_greeting_was_not_copied_is_read_as_well(notation: Callable[[str, str], str]) -> None:
    assert outcomes(REFUSED[1:], notation) == [("failed", "relay_denied")]
    assert outcomes(TAKEN[1:], notation) == [("accepted", "accepted")]
    assert [outcome for outcome, __ in outcomes(LOOKALIKE[1:], notation)] == ["failed"]
