# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README says of Windows: the commands of `fazmail` need nothing that only POSIX systems have."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.fortiops.mail.plugins.plugin_utils.command import main
from ansible_collections.fortiops.mail.simulator.running import RunningDevice, running
from ansible_collections.fortiops.mail.simulator.specification.fleet import DeviceSpec, Fleet

from .readers import README

# What the product asks of an operating system is the same in each Python.
pytestmark = pytest.mark.once

SAMPLES = Path(__file__).parents[1] / "samples"
LOG = SAMPLES / "logs" / "debug_three_sends.log"
SHOW = next((SAMPLES / "show_system_mail").glob("*oauth2.raw"))
WITHOUT_POSIX = """
import builtins, os, signal

for name in ("chown", "fchmod", "fork", "geteuid", "getpgid", "getuid", "killpg", "mkfifo", "setsid"):
    delattr(os, name)
for name in ("SIGHUP", "SIGKILL", "SIGQUIT"):
    delattr(signal, name)
python_import = builtins.__import__

def import_module(name, globals=None, *rest, **named):
    ours = str((globals or {}).get("__name__")).startswith("ansible_collections.fortiops")
    if ours and name in ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return python_import(name, globals, *rest, **named)

builtins.__import__ = import_module
"""


@pytest.fixture(scope="module")
def device() -> Iterator[RunningDevice]:
    with running(Fleet((DeviceSpec("faz", "FAZ-HQ"),))) as fleet:
        yield fleet.devices["faz"]


def fazmail(directory: Path, *arguments: object, path: str = "") -> tuple[int, str, str]:
    done = subprocess.run(
        [Path(sys.executable).with_name("fazmail"), *map(str, arguments)],
        check=False,
        cwd=directory,
        env={**os.environ, "PYTHONPATH": path, "FAZMAIL_PASSWORD": "admin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


DEVICE = ("{host}", "--port", "{port}", "--fingerprint", "{fingerprint}", "--user", "admin")
COMMANDS = [
    ("parse", LOG),
    ("parse", "-j", 2, LOG, SAMPLES / "logs" / "putty_session.log"),
    ("parse", "--format", "json", "-o", "out", LOG),
    ("classify", "535 5.7.8 authentication failed"),
    ("explain", "--send", 1, "-f", LOG),
    ("templates", "list"),
    ("sample", "add", SHOW, "--template", "show_system_mail", "--directory", "out", "--firmware", "7.6.7"),
    ("check", SHOW),
    ("report", "out"),
    ("rules", "list"),
    ("gather", SHOW, "--directory", "out"),
    ("probe", "127.0.0.1", "--port", 1),
    ("doctor",),
    ("doctor", *DEVICE),
    ("run", *DEVICE, "get system status"),
    ("record", *DEVICE, "-o", "out", "get system status"),
    ("evidence", *DEVICE, "-o", "out"),
    ("completion", "bash"),
]
# What takes seconds, or shows the time.
CHANGING = ("probe", "run", "record", "evidence", "report")


@pytest.fixture
def without_posix(tmp_path: Path) -> str:
    """What the path of Python has where there is nothing that only POSIX systems have."""
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_POSIX, encoding="utf-8")
    return str(tmp_path)


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: " ".join(str(each) for each in arguments[:2]))
def test_a_command_does_the_same_without_what_only_posix_has(
    arguments: tuple[object, ...], device: RunningDevice, tmp_path: Path, without_posix: str
) -> None:
    place = {"host": device.address, "port": device.port, "fingerprint": device.fingerprint}
    filled = [each.format(**place) if isinstance(each, str) else each for each in arguments]
    found = []
    for name, path in (("with", ""), ("without", without_posix)):
        (tmp_path / name).mkdir()
        if arguments[0] == "report":
            fazmail(tmp_path / name, "check", SHOW, "--json", "out")
        status, printed, complained = fazmail(tmp_path / name, *filled, path=path)
        written = {
            file.relative_to(tmp_path / name): file.read_bytes()
            for file in (tmp_path / name).rglob("*")
            if file.is_file()
        }
        found.append((status, complained, sorted(written) if arguments[0] in CHANGING else (printed, written)))
    assert found[0] == found[1]
    assert found[0][0] in (0, 1, 3), found[0]


def test_each_command_that_runs_on_windows_is_tried() -> None:
    (row,) = re.findall(r"^\| Windows \| (.*) \|$", README, re.MULTILINE)
    left_out = set(re.findall(r"`(\w+)`", row.partition("without")[2]))
    assert {str(arguments[0]) for arguments in COMMANDS} == set(main.COMMANDS) - left_out


def test_what_needs_locks_says_so(device: RunningDevice, tmp_path: Path, without_posix: str) -> None:
    place = {"host": device.address, "port": device.port, "fingerprint": device.fingerprint}
    status, printed, complained = fazmail(
        tmp_path, "monitor", *(each.format(**place) for each in DEVICE), path=without_posix
    )
    assert (status, "WSL" in printed + complained, "Traceback" in complained) == (3, True, False)
