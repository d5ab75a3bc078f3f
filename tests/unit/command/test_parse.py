# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people and scripts ask of `fazmail parse` beside its result: many files, a part of them, a file that grows."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.workers import in_parallel
from ansible_collections.fortiops.mail.plugins.plugin_utils.report.rows import COLUMNS, cell

LOGS = Path(__file__).parents[2] / "samples" / "logs"
FAILED = str(LOGS / "swaks_relay_denied.log")
ACCEPTED = str(LOGS / "capture_counters.log")
COMMAND = [sys.executable, "-c", f"import sys; from {main.__module__} import main; sys.exit(main())", "parse"]
REFUSED = "2026-11-24 10:00:00 smtp:1: send mail failed: 535 5.7.8 no\n"
IDLE = "2026-11-24 10:00:00 do_alertmail:103: There are 0 tasks in the queue\n"
TAKEN = "2026-11-24 11:30:00 smtp:1: mail sent, server replied 250 2.0.0 Ok: queued as 4F1B22A0C1\n"

Printed = pytest.CaptureFixture[str]


def printed_by(*arguments: str, capsys: Printed) -> tuple[int, str, str]:
    status = main(["parse", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


# --- many files


def test_a_folder_is_read_with_all_below_it_in_order_and_what_is_left_out_is_counted(
    tmp_path: Path, capsys: Printed
) -> None:
    for name in ("b/2.log", "a.log", "b/1.log", ".hidden.log", ".git/x"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(TAKEN, encoding="utf-8")
    (tmp_path / "c.log").symlink_to("a.log")
    (tmp_path / "link to folder").symlink_to("b")
    (tmp_path / "link to nothing").symlink_to("missing")
    os.mkfifo(tmp_path / "pipe")

    status, out, err = printed_by("--format", "json", str(tmp_path), capsys=capsys)

    paths = [str(Path(file["path"]).relative_to(tmp_path)) for file in json.loads(out)["files"]]
    assert (status, paths) == (0, ["a.log", "b/1.log", "b/2.log", "c.log"])
    assert err.startswith(
        "fazmail: 5 entries of folders were not read: hidden files, links to folders and special files"
    )
    assert err.count("\n") == 1


def test_a_device_that_is_not_in_the_log_is_said_to_be_missing(capsys: Printed) -> None:
    status, out, __ = printed_by("--device", "FAZ-HA", str(LOGS / "two_devices.log"), capsys=capsys)

    assert status == 3
    assert "no line is of the device, the client and the time that were asked for" in out


@pytest.mark.parametrize("arguments", [["parse", "--format", "csv"], ["explain", "-f"]])
def test_a_folder_that_cannot_be_read_hides_nothing_beside_it(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "z.log").write_text(REFUSED, encoding="utf-8")
    listed = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)

    status = main([*arguments, str(tmp_path)])

    printed = capsys.readouterr()
    assert status == 2
    assert f"fazmail: {tmp_path / 'closed'}: cannot be read: " in printed.err
    assert "auth_credentials_invalid" in printed.out


def test_a_file_to_follow_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: Printed) -> None:
    status, out, err = printed_by("--follow", str(tmp_path / "x.log"), capsys=capsys)

    assert (status, out) == (2, "")
    assert err == f"fazmail: {tmp_path / 'x.log'}: cannot be read: No such file or directory; expected a saved log\n"


def test_a_folder_without_files_is_no_success(tmp_path: Path, capsys: Printed) -> None:
    assert printed_by(str(tmp_path), capsys=capsys)[0] == 3


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_several_at_a_time_give_what_one_after_the_other_gives(form: str, capsys: Printed) -> None:
    names = [*map(str, sorted(LOGS.glob("*.log"))), "missing.log", FAILED]

    assert printed_by("-j", "3", "--format", form, *names, capsys=capsys) == printed_by(
        "--format", form, *names, capsys=capsys
    )


def test_a_process_that_dies_is_the_problem_of_its_file_only() -> None:
    def work(name: str, output: Path) -> int:
        if name == "2":
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "3":
            raise RuntimeError("3 is too much")
        output.write_text(name, encoding="utf-8")
        return int(name)

    done = [(each.name, each.result, each.problem) for each in in_parallel(["0", "1", "2", "3", "4"], 2, work)]

    assert [result for __, result, __ in done] == [0, 1, None, None, 4]
    assert done[2][2] == "2: the process that read it was ended by SIGKILL; read it again with -j 1"
    assert done[3][2] == "3 is too much"


def test_many_files_are_read_by_as_many_processes_as_are_asked_for() -> None:
    done = list(in_parallel([str(number) for number in range(50)], 2, lambda _name, _file: os.getpid()))

    assert [each.name for each in done] == [str(number) for number in range(50)]
    assert len({each.result for each in done} - {os.getpid()}) in (1, 2)


def test_a_process_goes_on_behind_a_file_that_cannot_be_read() -> None:
    def work(name: str, _file: Path) -> int:
        if int(name) % 2:
            raise ValueError(os.getpid())
        return os.getpid()

    done = list(in_parallel([str(number) for number in range(20)], 2, work))

    assert [each.result is None for each in done] == [bool(number % 2) for number in range(20)]
    assert len({each.result or int(each.problem) for each in done}) <= 2


# --- where the result goes


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_an_output_file_has_what_would_be_printed(form: str, tmp_path: Path, capsys: Printed) -> None:
    file = tmp_path / "result"
    status, out, __ = printed_by("--format", form, FAILED, capsys=capsys)

    assert printed_by("--format", form, "-o", str(file), FAILED, capsys=capsys) == (status, "", "")
    assert file.read_text(encoding="utf-8") == out
    assert [path.name for path in tmp_path.iterdir()] == ["result"]
    assert printed_by("--format", form, "-o", "-", FAILED, capsys=capsys) == (status, out, "")


def test_a_log_is_not_replaced_by_what_is_read_from_it(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "x.log").write_text(TAKEN, encoding="utf-8")
    (tmp_path / "link").symlink_to("x.log")

    for place in ("x.log", "link"):
        status, out, err = printed_by("-o", str(tmp_path / place), str(tmp_path), capsys=capsys)
        assert (status, out) == (2, "")
        assert (
            err
            == f"fazmail: {tmp_path / place}: cannot be written: it is an input file; expected the name of another file\n"
        )
    assert (tmp_path / "x.log").read_text(encoding="utf-8") == TAKEN


def test_an_output_file_stays_as_it_was_when_the_command_is_stopped(
    tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*__: Any) -> None:
        raise KeyboardInterrupt

    file = tmp_path / "result"
    file.write_text("before", encoding="utf-8")
    monkeypatch.setattr(f"{main.__module__.rpartition('.')[0]}.reading.follow", interrupt)

    assert main(["parse", "-o", str(file), FAILED]) == 130
    assert file.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_nothing_half_written(number: int, status: int, tmp_path: Path) -> None:
    (tmp_path / "result").write_text("before", encoding="utf-8")
    process = subprocess.Popen([*COMMAND, "-o", "result", "-"], cwd=tmp_path, stdin=subprocess.PIPE)
    while len(list(tmp_path.iterdir())) < 2:
        time.sleep(0.01)
    process.send_signal(number)

    assert process.wait(20) == status
    assert [(each.name, each.read_text(encoding="utf-8")) for each in tmp_path.iterdir()] == [("result", "before")]


@pytest.mark.parametrize("where", ["-o", "stdout"])
def test_a_full_disk_is_one_clear_error(where: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "--format", "json", FAILED, *(["-o", "/dev/full"] if where == "-o" else [])],
            stdout=full if where == "stdout" else subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == 2
    assert re.fullmatch(r"fazmail: \S.*: cannot be written: No space left on device; .*\n", done.stderr)


def test_an_output_folder_that_is_not_there_is_one_clear_error(tmp_path: Path, capsys: Printed) -> None:
    status, out, err = printed_by("-o", str(tmp_path / "no" / "x"), FAILED, capsys=capsys)

    assert (status, out) == (2, "")
    assert err.startswith(f"fazmail: {tmp_path}/no/x: cannot be written: No such file or directory")


# --- forms


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_row_30_csv_has_no_formula(value: str) -> None:
    assert cell(value).startswith("'" + value[0] if value.isprintable() else "'\\x")


def test_row_30_csv_of_a_hostile_log_has_no_formula_and_no_control_character(tmp_path: Path, capsys: Printed) -> None:
    log = tmp_path / "=cmd.log"
    log.write_text('<<< 220 mx ESMTP\n>>> EHLO a\n<<< 550 5.7.1 =HYPERLINK("http://x";"y")\u202e\x9b31m\n', "utf-8")

    __, out, __ = printed_by("--format", "csv", str(log), capsys=capsys)

    head, row = csv.reader(io.StringIO(out))
    assert head == list(COLUMNS)
    named = dict(zip(head, row, strict=True))
    assert named["reply"] == '\'=HYPERLINK("http://x";"y")\\u202e\\x9b31m'
    assert not [text for text in row if text[:1] in ("=", "+", "-", "@", "\t", "\r")]


def test_a_row_of_csv_is_a_send(capsys: Printed) -> None:
    __, out, __ = printed_by("--format", "csv", FAILED, ACCEPTED, capsys=capsys)

    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["path"], row["outcome"], row["code"]) for row in rows] == [
        (FAILED, "failed", "554"),
        (ACCEPTED, "accepted", ""),
    ]


def on_terminal(*arguments: str, **environment: str) -> str:
    """What the command writes to a terminal, which stays open: what is in it may be lost when its last user closes it."""
    ours, theirs = pty.openpty()
    # On a busy machine it would show its progress, too.
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "NO_COLOR": "", **environment},
    )
    # It may write more than the terminal holds, so that somebody has to read while another one waits for its end.
    ending = threading.Thread(target=lambda: (process.wait(), os.write(theirs, b"\0")))
    ending.start()
    read = b""
    while not read.endswith(b"\0"):
        read += os.read(ours, 4096)
    ending.join()
    os.close(theirs)
    os.close(ours)
    return read[:-1].decode()


def test_colour_is_for_terminals_and_those_who_want_it() -> None:
    assert "\x1b[31mfailed\x1b[0m" in on_terminal(FAILED)
    printed = on_terminal(FAILED, NO_COLOR="1")
    assert "failed" in printed
    # Where reading takes a while, its progress is shown in a line that is cleared.
    assert "\x1b" not in printed.replace("\x1b[K", "")


@pytest.mark.parametrize("arguments", [[], ["--all"], ["--summary"], ["--format", "text"]])
def test_lines_are_as_wide_as_the_terminal_and_nothing_is_cut(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    log = tmp_path / f"{'long' * 30}.log"
    words = " ".join(f"word{number}" for number in range(60))
    log.write_text(f"FAZ-HQ # get system status\n{REFUSED.replace('no', words)}{REFUSED * 30}{TAKEN}what is this?\n")
    monkeypatch.setenv("COLUMNS", "80")

    __, out, __ = printed_by(*arguments, str(log), capsys=capsys)

    assert max(map(len, out.splitlines())) <= 80
    if "--summary" not in arguments:
        assert "word59" in out
    monkeypatch.setenv("COLUMNS", "40")
    assert max(map(len, printed_by(*arguments, str(log), capsys=capsys)[1].splitlines())) <= 40


def test_many_equal_sends_are_a_row_unless_each_is_wanted(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "x.log").write_text(REFUSED * 1350, encoding="utf-8")

    __, grouped, __ = printed_by(str(tmp_path / "x.log"), capsys=capsys)
    __, each, __ = printed_by("--all", str(tmp_path / "x.log"), capsys=capsys)

    assert re.search(
        r"^1350 +failed .* line 1 2026-11-24 10:00:00 +line 1350 2026-11-24 10:00:00$", grouped, re.MULTILINE
    )
    assert len(grouped.splitlines()) < 20
    assert len(re.findall(r"^2026-11-24 10:00:00 .* auth_credentials_invalid", each, re.MULTILINE)) == 1350


# --- sums


def test_a_summary_has_verdicts_causes_and_hours_of_all_files(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "a.log").write_text(REFUSED * 2 + TAKEN, encoding="utf-8")
    (tmp_path / "b.log").write_text(REFUSED + "what is this\n", encoding="utf-8")

    status, out, __ = printed_by("--summary", "--format", "json", "-j", "2", str(tmp_path), capsys=capsys)

    sums = json.loads(out)
    assert status == 1
    assert sums["files"] == {"complete": 1, "partial": 1, "empty": 0}
    assert sums["verdicts"] == {"accepted": 1, "failed": 3, "unknown": 0}
    assert [(row["cause"], row["sends"]) for row in sums["causes"]] == [("auth_credentials_invalid", 3)]
    assert sums["hours"] == [
        {"hour": "2026-11-24T10", "accepted": 0, "failed": 3, "unknown": 0},
        {"hour": "2026-11-24T11", "accepted": 1, "failed": 0, "unknown": 0},
    ]
    assert [(row["first"], row["last"]) for row in sums["causes"]] == [("2026-11-24T10:00:00",) * 2]
    __, table, __ = printed_by("--summary", str(tmp_path), capsys=capsys)
    assert "sends: 4: 1 accepted, 3 failed, 0 unknown" in table
    assert re.search(r"^2026-11-24 10:00 +0 +3 +0$", table, re.MULTILINE)


def test_a_summary_is_of_each_device_by_hour_or_by_day(tmp_path: Path, capsys: Printed) -> None:
    on = "{} # get system status\n"
    (tmp_path / "x.log").write_text(
        on.format("FAZ-A") + REFUSED + TAKEN + on.format("FAZ-B") + REFUSED * 2, encoding="utf-8"
    )

    __, out, __ = printed_by("--summary", "--format", "csv", str(tmp_path), capsys=capsys)
    assert out.splitlines() == [
        "device,hour,outcome,cause,sends",
        "FAZ-A,2026-11-24T10,failed,auth_credentials_invalid,1",
        "FAZ-A,2026-11-24T11,accepted,accepted,1",
        "FAZ-B,2026-11-24T10,failed,auth_credentials_invalid,2",
    ]
    (tmp_path / "y.log").write_text(on.format("FAZ-B") + TAKEN.replace("11-24", "12-24"), encoding="utf-8")
    __, out, __ = printed_by("--summary", str(tmp_path), capsys=capsys)
    assert re.search(r"^FAZ-B +2026-11-24 +0 +2 +0$", out, re.MULTILINE)
    assert re.search(r"^FAZ-B +2026-12-24 +1 +0 +0$", out, re.MULTILINE)


# --- enough seen


@pytest.mark.parametrize("form", ["json", "text", "table"])
def test_ctrl_c_gives_what_is_known_so_far_as_partial(form: str) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--format", form, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin
    # More than is read at a time, so that some of it is known.
    process.stdin.write((REFUSED * 300 + IDLE * 7_000).encode())
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert err == b""
    if form == "json":
        (file,) = json.loads(out)["files"]
        assert file["status"] == "partial"
        assert file["notes"][-1]["text"].startswith("reading was stopped; ")
        assert file["verdicts"]
    else:
        assert b"reading was stopped" in out
        assert b"auth" in out or b"refused the user name" in out


def test_ctrl_c_also_ends_what_is_read_in_parallel(tmp_path: Path) -> None:
    names = ["a.log", "b.log", "never.log"]
    for name in names:
        os.mkfifo(tmp_path / name)
    process = subprocess.Popen(
        [*COMMAND, "--summary", "--format", "json", "-j", "2", *names],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    files = [(tmp_path / name).open("wb") for name in names[:2]]
    for file in files:
        file.write((REFUSED * 7_000).encode())
        file.flush()
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    for file in files:
        file.close()

    assert (process.returncode, err) == (130, b"")
    assert json.loads(out)["files"] == {"complete": 0, "partial": 2, "empty": 0}
    assert json.loads(out)["sends"]


def test_a_part_of_a_log_decides_the_exit_status(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "a.log").write_text(REFUSED + TAKEN, encoding="utf-8")

    assert printed_by(str(tmp_path), capsys=capsys)[0] == 1
    assert printed_by("--since", "11:00", str(tmp_path), capsys=capsys)[0] == 0
    assert printed_by("--since", "12:00", str(tmp_path), capsys=capsys)[0] == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["--since", "soon", FAILED],
        ["--since", "2026-11-25", "--until", "2026-11-24", FAILED],
        ["-j", "0", FAILED],
        ["--summary", "--format", "jsonl", FAILED],
        ["--all", "--format", "csv", FAILED],
        ["--follow", "--format", "html", FAILED],
        ["--follow", FAILED, ACCEPTED],
        ["--follow", "-"],
        ["--follow", "--format", "json", FAILED],
    ],
)
def test_options_that_make_no_sense_are_one_clear_error(arguments: list[str], capsys: Printed) -> None:
    status, out, err = printed_by(*arguments, capsys=capsys)

    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "expected" in err


def test_a_directory_of_templates_that_is_none_is_named_wherever_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setenv("FAZMAIL_TEMPLATES", str(tmp_path))

    assert printed_by(FAILED, capsys=capsys)[2].startswith(f"fazmail: FAZMAIL_TEMPLATES {tmp_path}: expected")
    assert printed_by("--templates", "none", FAILED, capsys=capsys)[2].startswith("fazmail: --templates none: expected")


# --- a file that grows


class Followed:
    """`fazmail parse --follow` on a file, and the lines it has printed so far."""

    def __init__(self, path: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "--follow", *arguments, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.lines: list[str] = []
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._more:
                self.lines.append(line)
                self._more.notify()

    def wait_for(self, text: str, times: int = 1) -> None:
        with self._more:
            assert self._more.wait_for(lambda: sum(text in line for line in self.lines) >= times, 20), self.lines

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        status = self.process.wait(20)
        self._reader.join(20)
        return status


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def test_a_growing_file_is_followed_through_truncation_and_rotation_until_ctrl_c(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text("smtp:1: one\n", encoding="utf-8")
    followed = Followed(path, "--format", "jsonl")
    followed.wait_for('"one"')
    append(path, "smtp:1: two\nsmtp:1: half")
    followed.wait_for('"two"')
    append(path, " a line\n")
    followed.wait_for('"half a line"')
    path.write_text("smtp:1: cut\n", encoding="utf-8")
    followed.wait_for('"cut"')
    path.rename(tmp_path / "x.log.1")
    append(tmp_path / "x.log.1", "smtp:1: late")  # without the end of the line
    path.write_text(REFUSED, encoding="utf-8")
    followed.wait_for("535 5.7.8 no")

    assert followed.stop() == 1
    rows = [json.loads(line) for line in followed.lines]
    assert [row["text"] for row in rows if row["kind"] == "record"][:5] == ["one", "two", "half a line", "cut", "late"]
    assert rows[-1]["kind"] == "summary"
    assert rows[-1]["lines"]["event"] == 6


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_watches_sees_each_verdict_and_at_last_the_sums(number: int, tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text(REFUSED, encoding="utf-8")
    followed = Followed(path)
    append(path, TAKEN)
    followed.wait_for("line 1 2026-11-24 10:00:00 failed auth auth_credentials_invalid: ")

    assert followed.stop(number) == 1
    assert "sends: 2: 1 accepted, 1 failed, 0 unknown\n" in followed.lines


def test_waiting_for_a_file_to_grow_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text("smtp:1: one\n", encoding="utf-8")
    followed = Followed(path, "--format", "jsonl")
    followed.wait_for('"one"')

    def used() -> float:
        fields = Path(f"/proc/{followed.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before, begun = used(), time.monotonic()
    while time.monotonic() - begun < 1:
        threading.Event().wait(0.1)
    spent = used() - before
    followed.stop()

    assert spent < 0.2
