# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A large file is read by two processes: the result is that of one, and however it ends, it ends cleanly."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command import classify, reading, sorted_log
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.input import InputError
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.main import main
from ansible_collections.fortiops.mail.plugins.plugin_utils.command.workers import made_ahead
from ansible_collections.fortiops.mail.plugins.plugin_utils.log import sorting
from ansible_collections.fortiops.mail.plugins.plugin_utils.logfile.batch import Batch

LOGS = Path(__file__).parents[2] / "samples" / "logs"
REFUSED = "2026-11-24 10:00:00 smtp:1: send mail failed: 535 5.7.8 no\n"
IDLE = "2026-11-24 10:00:00 do_alertmail:103: There are 0 tasks in the queue\n"
_ANY_IS_LARGE = f"""
import sys
from {sorted_log.__name__.rpartition(".")[0]} import sorted_log
from {main.__module__} import main
sorted_log._LARGE = 0
sys.exit(main())
"""
COMMAND = [sys.executable, "-c", _ANY_IS_LARGE, "parse", "-j", "2"]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork, and reads with one process")


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_log, "_LARGE", 0)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """All logs of the samples as one, with idle lines of more kinds than fit in a small table, and as an archive."""
    log = tmp_path / "log"
    idle = [IDLE.replace("tasks", f"tasks{'x' * number}") * 10 for number in range(20)]
    texts = [file.read_bytes() for file in sorted(LOGS.glob("*.log"))]
    log.write_bytes(b"\n".join([*texts, "".join(idle * 5).encode(), *texts]))
    with tarfile.open(tmp_path / "logs.tar.gz", "w:gz") as archive:
        archive.add(log, "first.log")
        archive.add(LOGS / "two_devices.log", "second.log")
    return tmp_path


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    "words",
    [
        *(["--format", form] for form in ("table", "json", "jsonl", "csv")),
        ["--summary"],
        ["--since", "10:00", "--format", "json"],
    ],
    ids=" ".join,
)
def test_two_processes_give_what_one_gives(
    words: list[str], saved: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sorting, "_MOST_KINDS", 7)
    names = [str(saved / "log"), str(saved / "logs.tar.gz"), str(saved / "missing.log")]
    one = main(["parse", "-j", "1", *words, *names]), capsys.readouterr()
    monkeypatch.setattr(reading, "processors", lambda: 2)
    two = main(["parse", *words, *names]), capsys.readouterr()

    assert two == one
    assert one[1].out


def test_a_secret_stays_in_the_process_that_reads() -> None:
    lines = ["FAZ # show system mail", "set passwd Zt7-secret", "send: AUTH PLAIN AGZhegBadDctc2VjcmV0", "send: QUIT"]
    packer = sorting.Packer()

    packed = b"".join(map(packer.packed, sorting.sort([Batch(lines, [1, 2, 3, 4])])))

    assert b"QUIT" in packed
    assert b"Zt7" not in packed
    assert b"AGZheg" not in packed


def test_a_process_that_dies_is_said_to_have_died() -> None:
    def make() -> Iterator[int]:
        yield 1
        os.kill(os.getpid(), signal.SIGKILL)

    made = made_ahead(make, "big.log")

    assert next(made) == 1
    with pytest.raises(
        InputError, match=r"big\.log: the process that read it was ended by SIGKILL; read it again with -j 1"
    ):
        next(made)


def test_what_cannot_be_read_there_is_an_error_here() -> None:
    def make() -> Iterator[int]:
        yield 1
        raise PermissionError(13, "Permission denied")

    with pytest.raises(PermissionError, match="Permission denied"):
        list(made_ahead(make, "big.log"))


def test_a_process_nobody_wants_any_more_is_ended() -> None:
    def make() -> Iterator[int]:
        while True:
            yield os.getpid()

    made = made_ahead(make, "big.log")
    child = next(made)
    made.close()

    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_killed_reader_is_one_error_of_its_file(tmp_path: Path) -> None:
    with started(tmp_path, "--format", "table") as process:
        (child,) = children(process.pid)
        os.kill(child, signal.SIGKILL)
        out, err = process.communicate(timeout=60)

    assert (process.returncode, out) == (2, b"")
    assert err == b"fazmail: log: the process that read it was ended by SIGKILL; read it again with -j 1\n"


def test_ctrl_c_gives_what_is_known_so_far_as_partial(tmp_path: Path) -> None:
    with started(tmp_path, "--format", "json") as process:
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (130, b"")
    (file,) = json.loads(out)["files"]
    assert file["status"] == "partial"
    assert file["notes"][-1]["text"].startswith("reading was stopped; ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_reader_ends_with_who_waits_for_it(number: signal.Signals, tmp_path: Path) -> None:
    with started(tmp_path, "--format", "json") as process:
        process.send_signal(number)
        process.wait(timeout=60)

    assert process.communicate(timeout=60)[1] == b""  # the end of both: they share their output


def test_a_reader_of_the_output_that_has_seen_enough_ends_both(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(REFUSED * 20_000, encoding="utf-8")
    process = subprocess.Popen(
        [*COMMAND, "--format", "jsonl", "log"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout
    process.stdout.readline()
    process.stdout.close()
    __, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (141, b"")


class started:
    """A command that reads a log of which the end is still to come."""

    def __init__(self, folder: Path, *words: str) -> None:
        os.mkfifo(folder / "log")
        self._process = subprocess.Popen(
            [*COMMAND, *words, "log"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._log = (folder / "log").open("wb")

    def __enter__(self) -> subprocess.Popen[bytes]:
        # More than is on the way at a time, so that both are at work when it is written. A send takes longer than an idle line.
        self._log.write((IDLE * 30_000 + REFUSED * 4_000).encode())
        self._log.flush()
        return self._process

    def __exit__(self, *__: object) -> None:
        self._log.close()


def children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()]


@pytest.mark.parametrize("left", [0, 1])
@pytest.mark.parametrize(
    "command",
    [
        "parse --format json big.log",
        "parse -j 3 --format jsonl small.log small.log big.log small.log",
        "classify -f texts",
    ],
)
def test_where_no_process_can_be_started_the_result_is_the_same(
    command: str, left: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reading, "processors", lambda: 2)
    monkeypatch.setattr(classify, "processors", lambda: 2)
    monkeypatch.setattr(sorted_log, "_LARGE", 10_000)
    (tmp_path / "small.log").write_text(REFUSED, encoding="utf-8")
    (tmp_path / "big.log").write_text(REFUSED * 200, encoding="utf-8")
    (tmp_path / "texts").write_text("535 5.7.8 no\n" * 5000, encoding="utf-8")
    status = main(command.split())
    expected = capsys.readouterr()
    assert expected.err == ""

    fork, forks = os.fork, iter(range(left))

    def full() -> int:
        if next(forks, None) is None:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
        return fork()

    monkeypatch.setattr(os, "fork", full)
    assert main(command.split()) == status
    printed = capsys.readouterr()
    assert printed.out == expected.out
    assert ("(Cannot allocate memory)" in printed.err and printed.err.count("\n") == 1) or (
        left and "-j" not in command
    )
