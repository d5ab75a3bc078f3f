# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes in Linux namespaces of their own: they see the unpacked packages as if installed, and die with the tests.

A process here has its own mounts (the packages lie over /usr, some files over /etc) and its own process numbers, so that
the end of its first process is the end of all; with `network` it has nothing but a loopback of its own, too.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

_PREPARE = """
set -e
mount -t overlay overlay -o "lowerdir=$1:/usr" /usr
mount -t overlay overlay -o "lowerdir=$2:/etc" /etc
if [ "$3" = network ]; then ip link set lo up mtu 1500; fi
shift 3
exec "$@"
"""
_STOP_SECONDS = 5


class NamespaceError(Exception):
    """The namespace cannot be made."""


@contextmanager
def process(
    command: Sequence[str | Path],
    packages: Path,
    *,
    network: bool = False,
    etc: Mapping[str, str] | None = None,
    output: IO[bytes] | int = subprocess.PIPE,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command; kill it, and all it has started, at the end of the block, however that ends.

    packages: their files as below `/`. etc: files to see in /etc. Its standard input stays open as long as this process
    lives: a command that reads it to the end ends with us, also when we are killed.
    """
    with TemporaryDirectory() as over:
        for name, text in (etc or {}).items():
            Path(over, name).write_text(text, encoding="utf-8")
        Path(over).chmod(0o755)
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        running = subprocess.Popen(
            [
                *("unshare", *as_root, "--mount", "--pid", "--fork", "--kill-child"),
                *(["--net"] if network else []),
                *("sh", "-c", _PREPARE, "sh", _layer(packages / "usr"), _layer(Path(over))),
                "network" if network else "same",
                *map(str, command),
            ],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield running
        finally:
            running.kill()
            running.communicate(timeout=_STOP_SECONDS)


def run(command: Sequence[str | Path], packages: Path, *, seconds: float, network: bool = False) -> str:
    """Run a command to its end and return what it printed. Raises NamespaceError with that when it fails."""
    with process(command, packages, network=network) as running:
        try:
            printed, __ = running.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            running.kill()
            printed, __ = running.communicate(timeout=_STOP_SECONDS)
            raise NamespaceError(f"{command[0]} took more than {seconds} s: {printed.decode()[-1000:]}") from None
    text = printed.decode("utf-8", "replace")
    if running.returncode:
        raise NamespaceError(
            f"{' '.join(map(str, command))} in namespaces of its own ended with {running.returncode}: {text[-2000:]} "
            "(needs Linux 5.11 or newer, and the right to make namespaces: run as root, or allow `unshare -rn`)"
        )
    return text


def _layer(directory: Path) -> str:
    """A folder as a layer of an overlay, where colons and commas separate."""
    return str(directory).replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,")
