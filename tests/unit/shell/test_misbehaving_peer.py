# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The session against a device of bytes that does what devices should not do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import (
    ClosedError,
    CommandFailed,
    EchoError,
    LimitError,
    LoginError,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Session

from .peer import LIMITS, PROMPT, Chunks, Peer, device, echoed

NOISE = "sendmail_loop:1143: total pending tasks: 0.\r\n"
SET = 'set user "alerts"'


def peer_of(session: Session) -> Peer:
    assert isinstance(session.transport, Peer)
    return session.transport


# -- the echo of a line that carries a value -----------------------------------------------------------------------


def test_a_value_is_submitted_only_when_its_echo_has_come() -> None:
    session = device([echoed(SET)])
    session.login()
    seen: list[str] = []
    peer_of(session).show_typed = lambda text: [seen.append(peer_of(session).typed) or text[:3], 5.0, text[3:]]
    session.run(SET)
    assert seen == ["\n" + SET]
    assert peer_of(session).typed == "\n" + SET + "\n"
    assert peer_of(session).now == 5.0


@pytest.mark.parametrize(
    "shown", [SET.replace("alerts", "alert"), SET.replace("a", "b"), SET + "x", "\a" + SET[1:]], ids=repr
)
def test_another_echo_is_taken_back_and_nothing_is_submitted(shown: str) -> None:
    session = device([echoed("get x", "value\r\n")])
    session.login()
    peer_of(session).show_typed = lambda text: [shown] if text == SET else [text]
    with pytest.raises((EchoError, LimitError), match='set user "alerts"'):
        session.run(SET)
    assert peer_of(session).typed == "\n" + SET + "\x15"
    assert session.run("get x").text == "value"
    assert session.results[0].text == "value"


def test_a_secret_is_in_no_error_about_its_echo() -> None:
    session = device()
    session.redactor = Redactor(["Hunter22-long"])
    session.login()
    peer_of(session).show_typed = lambda text: [text.replace("H", "h")]
    with pytest.raises(EchoError) as failed:
        session.run('set passwd "Hunter22-long"')
    assert "unter22" not in str(failed.value)


@pytest.mark.parametrize("between", ["", "\r\n" + NOISE, " \r"], ids=["whole", "behind a debug line", "wrapped"])
def test_no_part_of_a_secret_is_in_an_error_when_the_session_ends_in_its_echo(between: str) -> None:
    secret = "Hunter22-long"
    command = f'set passwd "{secret}"'
    for cut in range(len(command)):
        session = device()
        session.redactor = Redactor([secret])
        session.login()
        place = cut // 2
        peer_of(session).show_typed = lambda text, place=place, cut=cut: [
            text[:place] + between + text[place:cut],
            None,
        ]
        with pytest.raises(ClosedError) as failed:
            session.run(command)
        said = str(failed.value)
        assert not [said for at in range(len(secret) - 3) if secret[at : at + 4] in said], said


def test_no_part_of_a_secret_is_in_an_error_when_the_session_ends_in_the_answer() -> None:
    command = 'set passwd "Hunter22-long"'
    session = device([f"{command}\r\r\nvalue parse error before 'Hunter22-l", None])
    session.redactor = Redactor(["Hunter22-long"])
    session.login()
    with pytest.raises(ClosedError, match="the device closed the session in") as failed:
        session.run(command)
    assert "Hunter" not in str(failed.value)


def test_a_masked_echo_of_a_secret_is_an_echo() -> None:
    line = 'set passwd "Hunter22-long"'
    stars = "set passwd " + "*" * 15
    session = device([line + "\r\r\n\r\n" + PROMPT])
    session.login()
    peer_of(session).show_typed = lambda text: [stars]
    assert session.run(line).text == ""


@pytest.mark.parametrize("place", range(0, len(SET) + 1, 3))
def test_debug_lines_in_the_middle_of_an_echo(place: int) -> None:
    session = device([echoed("get x", "value\r\n")], [echoed(SET)])
    session.login()
    session.run("get x")
    peer_of(session).show_typed = lambda text: [text[:place] + NOISE[:11], 0.5, NOISE[11:] + text[place:]]
    assert session.run(SET).text == ""
    assert session.results[0].text.count("endmail_loop") == 1
    assert peer_of(session).typed.endswith(SET + "\n")


def test_a_line_that_is_never_echoed_is_taken_back_after_the_limit() -> None:
    session = device()
    session.login()
    peer_of(session).show_typed = lambda text: []
    with pytest.raises(LimitError, match="command_idle limit of 20 s ran out waiting for the echo of 'edit 1'"):
        session.run("edit 1")
    assert peer_of(session).typed.endswith("edit 1\x15")


# -- login -----------------------------------------------------------------------------------------------------------


def test_a_login_that_is_slow_within_the_limit_and_over_it() -> None:
    session = device(greeting=[9.0, PROMPT])
    session.login()
    assert session.prompt == PROMPT
    with pytest.raises(LimitError, match="login limit of 10 s ran out"):
        device(greeting=[11.0, PROMPT]).login()


def test_a_limit_quotes_the_last_line_without_secrets() -> None:
    session = device(["get x\r\r\nname: canary-one\r\nwaiting for canary-one"], [echoed('set passwd "canary-two"')])
    session.redactor = Redactor(["canary-one", "canary-two"])
    session.login()
    with pytest.raises(LimitError, match=r"in 'get x'; the last line that it showed is 'waiting for <redacted>'$"):
        session.run("get x")
    peer_of(session).show_typed = lambda text: [text[:-3]]
    with pytest.raises(LimitError, match="waiting for the echo of") as failed:
        session.run('set passwd "canary-two"')
    # A part of a secret is a secret that nobody knows.
    assert "canary" not in str(failed.value)


def test_the_last_words_when_no_session_is_free() -> None:
    session = device(greeting=["Too many concurrent sessions for this administrator.\r\n", None])
    with pytest.raises(LoginError, match="instead of showing a prompt: 'Too many concurrent sessions") as failed:
        session.login()
    assert failed.value.cause == "busy"


def test_a_session_that_is_refused_for_another_reason_is_not_called_busy() -> None:
    session = device(greeting=["The moon is full.\r\n", None])
    with pytest.raises(LoginError, match=r"'The moon is full\.'") as failed:
        session.login()
    assert (failed.value.cause, failed.value.again) == ("session_refused", False)


@pytest.mark.parametrize("prompt", ["FAZ-HQ # ", "FAZ-HQ $ ", "TEST-FMG#"])
def test_a_coloured_prompt_in_single_bytes(prompt: str) -> None:
    shown = f"\x1b[1;32m{prompt}\x1b[0m"
    greeting: Chunks = list("\x1b[2J\x1b]0;faz\x07Welcome #\r\n" + shown)
    peer = Peer(lambda line: list("\r\r\n" + shown), greeting)
    session = Session(peer, LIMITS, clock=peer.clock)
    session.login()
    assert session.prompt == prompt


# -- answers ---------------------------------------------------------------------------------------------------------


def test_a_question_is_answered_no_and_is_an_error() -> None:
    def answer(line: str) -> Chunks:
        if line == "n":
            return ["n\r\n\r\n" + PROMPT]
        return [line + "\r\r\nDo you want to continue? (y/n) "] if line else ["\r\n" + PROMPT]

    peer = Peer(answer, [PROMPT])
    session = Session(peer, LIMITS, clock=peer.clock)
    session.login()
    with pytest.raises(
        CommandFailed, match=r"asked 'Do you want to continue\? \(y/n\)' and was answered n: nothing was"
    ):
        session.run("execute reboot")
    assert peer.typed.endswith("execute reboot\nn")


def test_the_last_words_of_a_session_that_was_idle_too_long() -> None:
    session = device([echoed("get x")])
    session.login()
    session.run("get x")
    peer_of(session).print("\r\nYour session has timed out.\r\n", None)
    with pytest.raises(ClosedError, match="the device closed the session: Your session has timed out"):
        session.run("get x")
    assert peer_of(session).typed.count("get x") == 1


def test_the_last_words_in_the_middle_of_a_command() -> None:
    session = device(["get x\r\r\nvalue\r\nThe system is going down NOW\r\n", None])
    session.login()
    with pytest.raises(ClosedError, match="closed the session in 'get x': The system is going down NOW"):
        session.run("get x")


def test_one_command_may_print_so_many_bytes() -> None:
    endless: Chunks = ["get x\r\r\n", *["x" * 99 + "\r\n"] * 1000]
    session = device(endless, limits=replace(LIMITS, command_bytes=5000))
    session.login()
    with pytest.raises(LimitError, match="command_bytes limit of 5000 bytes ran out in 'get x'") as failed:
        session.run("get x")
    assert failed.value.cause == "limit_command_bytes"


def test_late_output_without_end_does_not_hold_up_the_next_command(monkeypatch: pytest.MonkeyPatch) -> None:
    session = device([echoed("get x")], [NOISE * 3 + "diagnose debug disable\r\r\n" + NOISE + "\r\n" + PROMPT])
    session.login()
    session.run("get x")
    peer = peer_of(session)
    answered, pieces = peer.receive, 0

    def receive(timeout: float) -> bytes:
        nonlocal pieces
        if "diagnose debug disable" in peer.typed:
            return answered(timeout)
        pieces += 1
        assert pieces < 100, "nothing is typed while the device prints"
        return (NOISE * 1000).encode()

    monkeypatch.setattr(peer, "receive", receive)
    assert session.run("diagnose debug disable").text == NOISE.strip()
    assert session.results[0].text.count("sendmail_loop") == 1000 * pieces + 3


def test_silence_of_90_seconds_is_waited_for() -> None:
    session = device(
        ["get x\r\r\n", 90.0, "value\r\n\r\n" + PROMPT], limits=replace(LIMITS, command_idle=100, command_total=200)
    )
    session.login()
    assert session.run("get x").text == "value"
    assert peer_of(session).typed.count("get x") == 1


def test_ctrl_c_is_typed_only_while_a_command_runs() -> None:
    session = device(["execute ping x\r\r\n64 bytes\r\n"], ["^C\r\n\r\n" + PROMPT], [echoed("get x", "value\r\n")])
    session.login()
    session.interrupt()
    assert "\x03" not in peer_of(session).typed
    with pytest.raises(LimitError, match="command_idle"):
        session.run("execute ping x")
    session.interrupt()
    session.interrupt()
    assert peer_of(session).typed.count("\x03") == 1
    assert session.run("get x").text == "value"


def test_a_secret_that_comes_in_two_pieces_is_masked() -> None:
    session = device([echoed("get x")])
    session.redactor = Redactor(["Hunter22-long"])
    session.login()
    session.run("get x")
    peer_of(session).print("password Hunter", 0.1, "22-long\r\n-----BEGIN RSA PRIVATE KEY-----\r\n", 0.1, "QUJD\r\n")
    session.listen(1, max_bytes=10**6, max_lines=10**6)
    assert "unter22" not in session.results[-1].text
    assert "QUJD" not in session.results[-1].text


def test_a_debug_line_behind_the_marker_of_the_pager() -> None:
    def answer(line: str) -> Chunks:
        if line == "show":
            return ["show\r\r\nconfig system mail\r\n--More-- " + NOISE]
        return ["\r         \rend\r\n\r\n" + PROMPT] if line == " " else ["\r\n" + PROMPT]

    peer = Peer(answer, [PROMPT])
    session = Session(peer, LIMITS, clock=peer.clock)
    session.login()
    assert session.run("show").text == f"config system mail\n{NOISE.strip()}\nend"


def test_a_banner_that_ends_like_a_prompt_is_not_learned() -> None:
    session = device([echoed("get x", "value\r\n")], greeting=["faz-decoy # ", 1.0, "\r\nall of it\r\n" + PROMPT])
    session.login()
    assert session.prompt == PROMPT
    assert session.run("get x").text == "value"
