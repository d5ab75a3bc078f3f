# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The session against a device made of bytes."""

from __future__ import annotations

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.redact.redactor import Redactor
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.errors import (
    ClosedError,
    CommandFailed,
    LimitError,
    LoginError,
)
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.session import Session
from ansible_collections.fortiops.mail.plugins.plugin_utils.shell.terminal import TAKE_BACK

from .peer import LIMITS, PROMPT, Chunks, Peer, device, echoed


def test_a_command_returns_what_stands_between_echo_and_prompt() -> None:
    with device([echoed("get system status", "Platform Type  : FAZVM64\r\nHostname : FAZ-HQ\r\n")]) as session:
        result = session.run("get system status")
    assert result.text == "Platform Type  : FAZVM64\nHostname : FAZ-HQ"
    assert result.prompt == PROMPT
    assert result.error is None


def test_output_that_comes_byte_by_byte_is_the_same() -> None:
    whole = echoed("show system mail", "config system mail\r\nend\r\n")
    with device(list(whole)) as session:
        assert session.run("show system mail").text == "config system mail\nend"


def test_a_line_of_output_that_equals_the_prompt_does_not_end_the_command() -> None:
    first = "get x\r\r\nvalue\r\n" + PROMPT
    with device([first, "\r\nmore\r\n\r\n" + PROMPT]) as session:
        assert session.run("get x").text.endswith("more")


def test_a_stream_in_drops_may_pause_longer_behind_what_looks_like_its_end() -> None:
    with device(["get x\r\r\n", "a\r\n", 0.05, "b\r\n\r\n" + PROMPT, 0.1, "\r\nc\r\n\r\n" + PROMPT]) as session:
        assert session.run("get x").text.endswith("c")


def test_late_output_belongs_to_the_command_before() -> None:
    with device([echoed("diagnose debug enable")], [echoed("get x", "value\r\n")]) as session:
        session.run("diagnose debug enable")
        session.transport.print("sendmail_loop:1143: total pending tasks: 0.\r\n")
        assert session.run("get x").text == "value"
        assert session.results[0].text == PROMPT + "sendmail_loop:1143: total pending tasks: 0."


def test_a_prompt_with_debug_output_behind_it_still_ends_the_command() -> None:
    glued = "diagnose debug enable\r\r\n\r\n" + PROMPT + "sendmail_loop:1143: total pending tasks: 0.\r\n"
    with device([glued]) as session:
        result = session.run("diagnose debug enable")
        assert "sendmail_loop:1143: total pending tasks: 0." in result.text
        assert session.prompt == PROMPT


def test_a_daemon_that_prints_behind_the_prompt_costs_as_much_time_as_it_pauses() -> None:
    line = "sendmail_loop:1143: total pending tasks: 0.\r\n"
    glued = "diagnose debug enable\r\r\n\r\n" + PROMPT + line
    for pause, at_most in ((0.01, 0.1), (0.04, 0.3)):
        with device([glued, pause, line, pause, line]) as session:
            begun = session.clock()
            result = session.run("diagnose debug enable")
            assert session.clock() - begun <= at_most
            assert session.pause == pytest.approx(pause)
            assert result.text.count("sendmail_loop") == 3


def test_the_longest_pause_of_what_a_command_set_off_is_known() -> None:
    with device([echoed("diagnose debug enable")], [echoed("get x", "value\r\n")]) as session:
        session.run("diagnose debug enable")
        session.transport.print("a:1: x\r\n", 0.2, "a:1: y\r\n", 0.1, "a:1: z\r\n")
        session.listen(5, max_bytes=1000, max_lines=100, quiet=1)
        assert session.pause == pytest.approx(0.2)
        session.run("get x")
        assert session.pause == 0


def test_the_pager_is_answered_and_leaves_no_trace() -> None:
    def answer(line: str) -> Chunks:
        if line == "show":
            return ["show\r\r\nconfig system mail\r\n--More-- "]
        return ["\r         \rend\r\n\r\n" + PROMPT] if line == " " else ["\r\n" + PROMPT]

    peer = Peer(answer, [PROMPT])
    session = Session(peer, LIMITS, clock=peer.clock)
    session.login()
    assert session.run("show").text == "config system mail\nend"


def test_the_configuration_shell_is_tracked() -> None:
    with device(
        [echoed("config system mail", prompt="(mail)# ")],
        [echoed('edit "a b"', prompt="(a b)# ")],
        [echoed("end")],
    ) as session:
        session.run("config system mail")
        assert session.context == "mail"
        session.run('edit "a b"')
        assert session.context == "a b"
        session.run("end")
        assert session.context == ""


@pytest.mark.parametrize(
    "greeting",
    [
        ["####################\r\n# Keep out #\r\n####", 0.1, "################\r\n\r\n" + PROMPT],
        ["\x1b[1mWelcome\x1b[0m\r\n", PROMPT],
        ["Line one\r\nprices in $ ", 0.2, "and cents\r\n" + PROMPT],
    ],
)
def test_banners_are_not_taken_for_the_prompt(greeting: Chunks) -> None:
    with device([echoed("get x", "value\r\n")], greeting=greeting) as session:
        assert session.prompt == PROMPT
        assert session.run("get x").text == "value"


def test_an_acceptance_banner_is_accepted() -> None:
    def answer(line: str) -> Chunks:
        return ["\r\n" + PROMPT]

    peer = Peer(answer, ["Authorised use only\r\n (Press 'a' to accept):"])
    session = Session(peer, LIMITS, clock=peer.clock)
    session.login()
    assert session.prompt == PROMPT
    assert peer.typed.startswith("a\n")


def test_a_forced_password_change_stops_the_login_and_types_nothing() -> None:
    peer = Peer(lambda line: [], ["You are forced to change your password.\r\nNew Password: "])
    with (
        pytest.raises(
            LoginError,
            match=r"'You are forced to change your password\. New Password:' \(the password must be changed first; log in",
        ),
        Session(peer, LIMITS, clock=peer.clock),
    ):
        pass
    assert peer.typed == ""
    assert peer.closed


@pytest.mark.parametrize("last", ["Unknown action 0", "Command fail. Return code -61"])
def test_an_error_names_command_and_reason(last: str) -> None:
    output = f"\r\nvalue parse error before '70000'\r\n{last}\r\n"
    with device([echoed("set port 70000", output)]) as session, pytest.raises(CommandFailed) as failed:
        session.run("set port 70000")
    assert "set port 70000" in str(failed.value)
    assert last in str(failed.value)


def test_the_word_fail_inside_output_is_no_error() -> None:
    output = (
        "total failed sendmail count: 0\r\nCommand fail. Return code 1 is documented elsewhere\r\nqueue: 0/5000\r\n"
    )
    with device([echoed("get x", output)]) as session:
        assert session.run("get x").error is None


def test_a_silent_command_ends_with_the_name_and_length_of_its_limit() -> None:
    with device(["get x\r\r\n"]) as session, pytest.raises(LimitError, match=r"command_idle limit of 20 s.*get x"):
        session.run("get x")


def test_an_endless_command_ends_with_the_total_limit_and_is_interrupted() -> None:
    endless: Chunks = ["execute ping 127.0.0.1\r\r\n"]
    for __ in range(200):
        endless += ["64 bytes from 127.0.0.1\r\n", 1.0]
    session = device(endless)
    with session, pytest.raises(LimitError, match="command_total limit of 60 s"):
        session.run("execute ping 127.0.0.1")
    assert session.transport.typed.endswith("\x03exit\n")


def test_a_limit_has_the_length_that_was_set_also_where_the_echo_took_a_part_of_it() -> None:
    endless: Chunks = ['set server "mail"\r\r\n']
    for __ in range(200):
        endless += ["noise\r\n", 1.0]
    session = device(endless)
    session.transport.show_typed = lambda text: [7.0, text]
    with session, pytest.raises(LimitError, match="command_total limit of 60 s ran out in"):
        session.run('set server "mail"')


@pytest.mark.parametrize(
    ("shown", "total", "limit"),
    [
        ([], None, "command_idle"),
        ([], 5.0, "command_total"),
        (["noise\r\n", 1.0] * 10, 5.0, "command_total"),
        (["noise\r\n" * 2_000_000], None, "command_bytes"),
    ],
    ids=["silence", "silence to the end", "noise to the end", "too much noise"],
)
def test_a_line_whose_echo_does_not_come_within_a_limit_is_taken_back(
    shown: Chunks, total: float | None, limit: str
) -> None:
    session = device()
    session.transport.show_typed = lambda text: list(shown)
    with session:
        with pytest.raises(LimitError, match=rf"{limit} limit .* the echo of 'set server x'"):
            session.run("set server x", total=total)

        assert session.transport.typed.endswith(f"set server x{TAKE_BACK}")


def test_a_slow_answer_within_the_limits_is_waited_for_and_asked_only_once() -> None:
    with device(["get x\r\r\n", 19.0, "value\r\n\r\n" + PROMPT]) as session:
        assert session.run("get x").text == "value"
    assert session.transport.typed.count("get x") == 1


def test_a_lost_session_is_reported_and_closed() -> None:
    session = device(["get x\r\r\nval", None])
    with session, pytest.raises(ClosedError):
        session.run("get x")
    assert session.transport.closed


def test_logout_happens_at_the_end_and_after_an_exception() -> None:
    session = device()
    with pytest.raises(KeyError), session:
        raise KeyError
    assert session.transport.typed.endswith("exit\n")
    assert session.transport.closed


def test_no_exit_is_typed_inside_a_configuration_shell() -> None:
    session = device([echoed("config system mail", prompt="(mail)# ")])
    with session:
        session.run("config system mail")
    assert "exit" not in session.transport.typed
    assert session.transport.closed


def test_a_command_of_two_lines_is_never_typed() -> None:
    with device() as session, pytest.raises(ValueError, match="one line"):
        session.run("set from a\nset auth disable")


def test_secrets_are_in_no_result_and_no_error() -> None:
    answer = "\r\nvalue parse error before 'Hunter22-long'\r\nCommand fail. Return code -61\r\n"
    session = device([echoed('set passwd "Hunter22-long"', answer)])
    session.redactor = Redactor(["Hunter22-long"])
    with session, pytest.raises(CommandFailed) as failed:
        session.run('set passwd "Hunter22-long"')
    assert "Hunter22" not in str(failed.value)
    assert "Hunter22" not in repr(session.results)


def test_listening_ends_at_each_bound() -> None:
    def flood() -> Chunks:
        return [echoed("diagnose debug enable"), *[0.5, "sendmail_loop:1143: total pending tasks: 0.\r\n"] * 50]

    with device(flood()) as session:
        session.run("diagnose debug enable")
        assert session.listen(5, max_bytes=10**6, max_lines=10**6) == "time"
        assert session.listen(100, max_bytes=10**6, max_lines=5) == "lines"
        assert session.listen(100, max_bytes=100, max_lines=100) == "bytes"
        assert session.listen(100, max_bytes=10**6, max_lines=10**6, enough=lambda: True) == "enough"
        assert session.listen(100, max_bytes=10**6, max_lines=10**6, quiet=3) == "quiet"
        assert session.results[-1].text.count("total pending tasks") == 50


def test_a_banner_that_was_taken_for_a_prompt_leaves_no_answer_behind() -> None:
    def answer(line: str) -> Chunks:
        return [0.2, f"\r\n\r\n{PROMPT}"] if not line else ["ge", 0.4, echoed("t x", "value\r\n")]

    peer = Peer(answer, ["\r\nWelcome # ", 0.1, "to us\r\n", 0.1, PROMPT])
    session = Session(peer, LIMITS, clock=peer.clock)
    session.login()
    assert session.run("get x").text == "value"
    # No empty line was needed to find out where the answer ends.
    assert peer.typed == "\n\nget x\n"
