# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shell may do to standard input, output and error of `fazmail`: closed, full, or nobody reads."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main

LOG = Path(__file__).parents[2] / "samples" / "logs" / "debug_three_sends.log"
COMMAND = [sys.executable, "-c", f"import sys; from {main.__module__} import main; sys.exit(main())"]
# As in a terminal: with unbuffered output some of it would be met elsewhere.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
PRINTING = [
    ["--version"],
    ["--help"],
    ["parse", "--help"],
    ["parse", str(LOG)],
    ["parse", "--format", "jsonl", str(LOG)],
    ["classify", "535 5.7.8 no"],
    ["explain", "535 5.7.8 no"],
    ["templates", "list"],
]
# The exit status is an answer; nothing here is good.
JUDGING = [
    ["monitor", "127.0.0.1:1"],
    ["check", "no-table.conf"],
    ["gather", "--force", "table.conf", "no-table.conf"],
    ["probe", "127.0.0.1:1", "--timeout", "1"],
    ["run", "127.0.0.1:1", "execute reboot"],
]
READING = [
    ["parse", "-"],
    ["explain", "-"],
    ["classify"],
    ["report", "-"],
    ["sample", "add", "-", "--name", "x", "--template", "ping", "--directory", "."],
    ["probe", "127.0.0.1:1", "--user", "u", "--passwd-file", "-"],
]


def shell(redirection: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the command in a shell that redirects its streams."""
    script = f'set -o pipefail; "$@" {redirection}'
    words = ["bash", "-c", script, "bash", *COMMAND, *arguments]
    return subprocess.run(words, capture_output=True, text=True, check=False, env=ENVIRONMENT)


def named(words: list[str]) -> str:
    return " ".join(words[:2])


@pytest.mark.parametrize("arguments", PRINTING, ids=named)
def test_nobody_who_reads_is_no_error(arguments: list[str]) -> None:
    done = shell("| true", arguments)

    assert (done.returncode in (0, 1, 141), done.stderr) == (True, "")


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_output_that_is_cut_off_is_no_success(form: str, tmp_path: Path) -> None:
    (tmp_path / "big.log").write_text("".join(f"mail {number}: no\n" for number in range(50_000)), encoding="utf-8")
    accepted = ["parse", "-j", "1", "--format", form, str(tmp_path / "big.log")]

    whole, cut = shell("| wc -l", accepted), shell("| head -n 1", accepted)

    assert cut.stdout.count("\n") == 1 < int(whole.stdout)
    assert (whole.returncode, cut.returncode, cut.stderr) == (3, 141, "")


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize("arguments", JUDGING, ids=named)
def test_a_judgement_that_nobody_reads_is_in_the_status(
    arguments: list[str], buffered: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no-table.conf").write_text("config system global\nend\n", encoding="utf-8")
    (tmp_path / "table.conf").write_text("config system mail\nend\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    if not buffered:
        monkeypatch.setitem(ENVIRONMENT, "PYTHONUNBUFFERED", "1")
    read, unread = shell("", arguments), shell("| true", arguments)

    assert (unread.returncode, "standard output" in unread.stderr) == (read.returncode, False)
    assert read.returncode != 0


@pytest.mark.parametrize("where", [">/dev/full", ">&-", ">&- 2>&-", "-o missing/result"])
def test_a_monitoring_system_is_not_told_critical_for_a_result_that_cannot_be_written(where: str) -> None:
    done = shell(where, ["monitor", "127.0.0.1:1"])

    assert (done.returncode, done.stderr.count("cannot be written: ")) == (3, 0 if "2>&-" in where else 1)


@pytest.mark.parametrize("where", [">/dev/full", ">&-"])
@pytest.mark.parametrize("arguments", PRINTING, ids=named)
def test_output_that_cannot_be_written_is_one_clear_line(arguments: list[str], where: str) -> None:
    done = shell(where, arguments)

    assert done.stderr.startswith("fazmail: standard output: cannot be written: ")
    assert done.stderr.endswith("; name another place or make room\n")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("arguments", READING, ids=named)
def test_closed_standard_input_is_one_clear_line(arguments: list[str]) -> None:
    done = shell("<&-", arguments)

    assert "-: cannot be read: Bad file descriptor; expected " in done.stderr
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, "")


def test_a_complaint_that_nobody_hears_is_in_the_status_and_in_no_other_stream() -> None:
    done = shell("2>&-", ["explain", "-f", "missing.log"])

    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_result_that_does_not_fit_on_the_disk_replaces_nothing(jobs: str, tmp_path: Path) -> None:
    (tmp_path / "result").write_text("old", encoding="utf-8")
    (tmp_path / "big.log").write_text(LOG.read_text(encoding="utf-8") * 20, encoding="utf-8")
    words = [*COMMAND, "parse", "-j", jobs, "--format", "jsonl", "-o", "result", "big.log", "big.log"]

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    done = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, check=False, env=ENVIRONMENT, preexec_fn=small_files
    )

    assert "cannot be written: File too large" in done.stderr
    assert "cannot be read" not in done.stderr
    assert done.returncode == 2
    assert (tmp_path / "result").read_text(encoding="utf-8") == "old"


def test_an_error_that_is_not_about_the_output_says_what_it_is_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = str(tmp_path / "gone")
    monkeypatch.setattr(tempfile, "tempdir", gone)

    assert main(["parse", "-j", "2", "--format", "jsonl", str(LOG), str(LOG)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"fazmail: {gone}/fazmail-") and ": No such file or directory; " in said
    assert "standard output" not in said and said.count("\n") == 1


def test_a_pipe_that_breaks_elsewhere_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*__: object, **___: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(subprocess, "run", broken)

    assert main(["doctor", "-i", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "fazmail: Broken pipe; the command was broken off\n"


@pytest.mark.parametrize(("command", "status"), [("monitor", 3), ("doctor", 2), ("parse", 2)])
@pytest.mark.parametrize(
    "error", ["ValueError('set passwd c4n-ary')", "ModuleNotFoundError('no such module', name='ours')"]
)
@pytest.mark.parametrize("stderr", ["", "2>&-"])
def test_a_fault_of_ours_is_no_answer_of_a_command(command: str, status: int, error: str, stderr: str) -> None:
    script = f"""
import sys
from importlib import import_module
from {main.__module__} import main
def run(options):
    raise {error}
import_module("{main.__module__.rpartition(".")[0]}.{command}").run = run
sys.exit(main())
"""
    words = ["bash", "-c", f'"$@" {stderr}', "bash", sys.executable, "-c", script, command, "faz"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=ENVIRONMENT)

    assert (done.returncode, done.stdout) == (status, "")
    assert stderr or done.stderr.startswith("Traceback ")
    assert stderr or "\nfazmail: this is a fault of fazmail; please report" in done.stderr
    assert "c4n-ary" not in done.stderr


def test_a_full_disk_for_both_streams_is_in_the_status() -> None:
    assert shell(">/dev/full 2>/dev/full", ["explain", "-f", "missing.log"]).returncode in (2, 120)
