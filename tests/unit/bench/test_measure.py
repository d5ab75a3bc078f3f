# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The helper that measures a process tree from outside."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

_FILE = Path(__file__).parents[3] / "bench" / "measure.py"


@pytest.fixture(scope="module")
def measuring():
    spec = importlib.util.spec_from_file_location("bench_measure", _FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_a_daemon_of_a_daemon_is_counted_and_ended(measuring, tmp_path):
    # The command ends at once; what it leaves behind holds memory and burns CPU in a session of its own.
    daemon = (
        "import time; held = bytes(range(256)) * 200_000; end = time.process_time() + 0.4\n"
        "while time.process_time() < end: pass\n"
        "print('done', flush=True); time.sleep(60)"
    )
    script = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {daemon!r}], start_new_session=True, stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
    )
    usage = measuring.measure([sys.executable, "-c", script], limit=20, log=tmp_path / "log")
    assert usage.code == 0
    assert not usage.late
    assert usage.left == 1
    assert usage.processes >= 2
    assert usage.cpu > 0.4
    assert usage.pss > 50
    assert usage.wall < 10


def test_a_command_that_hangs_is_ended_at_the_limit(measuring, tmp_path):
    usage = measuring.measure([sys.executable, "-c", "import time; time.sleep(60)"], limit=0.5, log=tmp_path / "log")
    assert usage.late
    assert usage.code == -9
    assert 0.5 <= usage.wall < 5


def test_output_and_exit_code_are_kept(measuring, tmp_path):
    command = [sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"]
    usage = measuring.measure(command, limit=10, log=tmp_path / "log")
    assert usage.code == 3
    assert (tmp_path / "log").read_text().split() == ["out", "err"] or (tmp_path / "log").read_text().split() == [
        "err",
        "out",
    ]


def test_a_command_that_does_not_exist_is_one_clear_error(measuring, tmp_path):
    with pytest.raises(OSError, match="cannot be measured"):
        measuring.measure(["/nonexistent/command"], limit=5, log=tmp_path / "log")
