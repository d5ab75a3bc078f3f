# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian packages the proofs run: fetched and unpacked into a cache of this checkout, never installed.

Exim and Postfix cannot be installed side by side, and a machine's own mail server is nobody's to replace. So packages
are only unpacked; namespace.py makes a process see them in their usual place. What is installed already is not fetched.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "proof"
# Each group is what could be installed together.
GROUPS = (
    ("postfix", "dovecot-core", "dovecot-imapd", "nftables", "iproute2", "openssh-server"),
    ("exim4-daemon-light",),
)
_SECONDS = 300


class PackagesError(Exception):
    """The packages cannot be had; the message says what to do."""


def unpacked() -> Path:
    """Return the folder that holds the packages' files, as below `/`. Raises PackagesError."""
    if shutil.which("apt-get") is None:
        raise PackagesError("the proofs run real mail servers out of Debian packages: run them on Debian or Ubuntu")
    # Named by what is in it, so that a cache from before a package was added is not taken.
    files = CACHE / f"files-{zlib.crc32(repr(GROUPS).encode()):08x}"
    if files.exists():
        return files
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not files.exists():
            fresh = CACHE / "unpacking"
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir()
            _fetch(fresh)
            for old in CACHE.glob("files*"):
                shutil.rmtree(old)
            fresh.rename(files)
    return files


def _fetch(directory: Path) -> None:
    try:
        names = _missing()
        _apt("download", *names, directory=directory)
    except PackagesError:
        # The lists of a machine just set up are empty or old; only root may renew them.
        if os.geteuid() != 0:
            raise
        _apt("update")
        names = _missing()
        _apt("download", *names, directory=directory)
    for package in directory.glob("*.deb"):
        _run(["dpkg-deb", "--extract", str(package), str(directory)])
        package.unlink()
    # Where /bin and /lib are links into /usr, packages may still use the old names.
    for old in ("bin", "sbin", "lib", "lib64"):
        if (directory / old).is_dir() and Path("/", old).is_symlink():
            shutil.copytree(directory / old, directory / "usr" / old, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(directory / old)
    (directory / "usr").mkdir(exist_ok=True)


def _missing() -> list[str]:
    """Return the packages that an installation would add, what they depend on included."""
    names = set()
    for group in GROUPS:
        plan = _apt("install", "--simulate", "--no-install-recommends", *group)
        names |= {line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")}
    return sorted(names)


def _apt(command: str, *arguments: str, directory: Path | None = None) -> str:
    return _run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", command, *arguments], directory)


def _run(command: list[str], directory: Path | None = None) -> str:
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PackagesError(f"{' '.join(command[:5])} took more than {_SECONDS} s; try again") from None
    if done.returncode:
        raise PackagesError(
            f"{' '.join(command)} failed: {done.stderr.strip()[-500:]}; the proofs need these packages, and `apt-get update` "
            "as root if their lists are missing"
        )
    return done.stdout


if __name__ == "__main__":
    try:
        print(unpacked())
    except PackagesError as error:
        sys.exit(str(error))
