# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix with Dovecot, and Exim, in namespaces of their own: every listener of the proofs, on one loopback address."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import re
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from . import namespace
from .certificates import write_certificates
from .loopback import unused_address

SERVERS = Path(__file__).parent / "servers"
USER, PASSWORD = "alerts", "relay-password-for-proofs"
_START_SECONDS = 60
_SCRIPTS = "etc/postfix"
# System users the packages would make; numbers that Debian gives to nobody.
_USERS = {"postfix": 64801, "postdrop": 64802, "Debian-exim": 64803}
_EXIM = (
    "submission",
    "smtps",
    "plain",
    "broken-tls",
    "tls-1.2-only",
    "tls-required",
    "auth-required",
    "sender-verified",
    "small",
    "blocked",
    "strict",
    "client-certificate",
)
# 127.0.0.1 has no name, and no name server is asked.
_ETC = {
    "hosts": "",
    "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
_START = """
cd "$1"
postfix -c "$1/postfix/etc" start || { cat "$1/postfix/mail.log"; exit 1; }
dovecot -c "$1/dovecot.conf" || exit 1
# A child of process 1 takes itself for a daemon already: hence another shell between.
(exim4 -C "$1/exim.conf" -bd; exit $?) || exit 1
echo started
exec cat >/dev/null
"""


class ServersError(Exception):
    """The mail servers did not start; the message has what they said."""


@dataclass(frozen=True)
class RealServers:
    """What runs. places: a name such as `postfix/submission` -> `address:port`; trusted: the CA's certificate in PEM."""

    places: Mapping[str, str]
    trusted: str
    certificates: Path


@contextmanager
def real_servers(packages: Path) -> Iterator[RealServers]:
    """Start everything, and kill it at the end of the block. Raises ServersError."""
    if os.geteuid() != 0:
        raise ServersError("Postfix, Dovecot and Exim change between several users: run these proofs as root")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="mail-servers-")))
        address = unused_address()
        trusted = _prepare_certificates(directory)
        postfix = _number(_listeners(), address, 10025)
        exim = _number(_EXIM, address, 11025)
        imap, imaps = f"{address}:12143", f"{address}:12993"
        words = {
            "DIRECTORY": str(directory),
            "CERTIFICATES": str(directory / "certificates"),
            "ADDRESS": address,
            "IMAP_PORT": "12143",
            "IMAPS_PORT": "12993",
            "POSTFIX_USER": str(_numbers("postfix")[0]),
            "POSTFIX_GROUP": str(_numbers("postfix")[1]),
            "USER": USER,
            "PASSWORD": PASSWORD,
            "PORTS": " : ".join(place.rpartition(":")[2] for place in exim.values()),
            **{re.sub(r"\W", "_", name).upper(): place.rpartition(":")[2] for name, place in exim.items()},
        }
        _prepare_postfix(directory, packages, postfix, words)
        _prepare_dovecot(directory, words)
        _prepare_exim(directory, words)
        running = stack.enter_context(
            namespace.process(["sh", "-c", _START, "sh", directory], packages, etc={**_ETC, **_system_users()})
        )
        _wait_for_start(running)
        for name, row in _listeners().items():
            for __ in range(row.get("used", 0)):
                _greeting(postfix[name])
        yield RealServers(
            places={
                **{f"postfix/{name}": place for name, place in postfix.items()},
                **{f"exim/{name}": place for name, place in exim.items()},
                "dovecot/imap": imap,
                "dovecot/imaps": imaps,
            },
            trusted=trusted,
            certificates=directory / "certificates",
        )


def _wait_for_start(running: subprocess.Popen[bytes]) -> None:
    assert running.stdout is not None
    said = b""
    deadline = time.monotonic() + _START_SECONDS
    while b"started\n" not in said:
        ready, __, __ = select.select([running.stdout], [], [], max(0.0, deadline - time.monotonic()))
        chunk = os.read(running.stdout.fileno(), 4096) if ready else b""
        if not chunk:
            reason = "ended" if ready else f"are not up after {_START_SECONDS} s"
            raise ServersError(f"the mail servers {reason}: {said.decode('utf-8', 'replace')[-3000:]}")
        said += chunk


def _listeners() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = yaml.safe_load((SERVERS / "listeners.yml").read_text(encoding="utf-8"))
    return rows


def _number(names: Iterable[str], address: str, first: int) -> dict[str, str]:
    return {name: f"{address}:{port}" for port, name in enumerate(names, first)}


def _prepare_certificates(directory: Path) -> str:
    directory.chmod(0o755)
    (directory / "certificates").mkdir()
    trusted = write_certificates(directory / "certificates")
    for file in (directory / "certificates").iterdir():
        file.chmod(0o644)
    return trusted


def _prepare_postfix(directory: Path, packages: Path, places: Mapping[str, str], words: Mapping[str, str]) -> None:
    home = directory / "postfix"
    for name in ("etc", "spool", "data"):
        (home / name).mkdir(parents=True)
    _give(home / "data", "postfix")
    # The scripts that start Postfix lie beside its configuration.
    for name in ("postfix-script", "post-install", "postfix-files"):
        shutil.copy(
            next(each for each in (packages, Path("/")) if (each / _SCRIPTS / name).exists()) / _SCRIPTS / name,
            home / "etc",
        )
    (home / "etc" / "main.cf").write_text(_filled_in("main.cf", words), encoding="utf-8")
    rows = [_filled_in("master.cf", words)]
    for name, row in _listeners().items():
        options = list(row.get("options", []))
        if "certificate" in row:
            file = f"@CERTIFICATES@/{row['certificate']}.pem"
            options += [f"smtpd_tls_cert_file={file}", f"smtpd_tls_key_file={file}"]
        rows.append(f"{places[name]} inet n - n - - smtpd")
        rows += [f"  -o {_fill(each, words)}" for each in options]
    (home / "etc" / "master.cf").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (home / "etc" / "header_checks").write_text("/^Subject:/ REJECT this looks like spam\n", encoding="utf-8")


def _prepare_dovecot(directory: Path, words: Mapping[str, str]) -> None:
    for name in ("run", "state"):
        (directory / "dovecot" / name).mkdir(parents=True)
    (directory / "mailboxes").mkdir()
    _give(directory / "mailboxes", "postfix")
    accounts = "".join(f"{user}:{PASSWORD}\n" for user in (USER, "alice", "reader"))
    (directory / "dovecot" / "accounts").write_text(accounts, encoding="utf-8")
    (directory / "dovecot.conf").write_text(_filled_in("dovecot.conf", words), encoding="utf-8")


def _prepare_exim(directory: Path, words: Mapping[str, str]) -> None:
    for name in ("", "spool", "log"):
        (directory / "exim" / name).mkdir()
        _give(directory / "exim" / name, "Debian-exim")
    (directory / "exim.conf").write_text(_filled_in("exim.conf", words), encoding="utf-8")


def _filled_in(name: str, words: Mapping[str, str]) -> str:
    return _fill((SERVERS / name).read_text(encoding="utf-8"), words)


def _fill(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"@([A-Z0-9_]+)@", lambda match: words[match[1]], text)


def _system_users() -> dict[str, str]:
    """The files of this machine, with the users that the packages would have made."""
    added = {name: number for name, number in _USERS.items() if _known(name) is None}
    return {
        "passwd": Path("/etc/passwd").read_text(encoding="utf-8")
        + "".join(f"{name}:x:{number}:{number}::/:/bin/false\n" for name, number in added.items()),
        "group": Path("/etc/group").read_text(encoding="utf-8")
        + "".join(f"{name}:x:{number}:\n" for name, number in added.items()),
    }


def _give(path: Path, user: str) -> None:
    os.chown(path, *_numbers(user))


def _numbers(user: str) -> tuple[int, int]:
    return _known(user) or (_USERS[user], _USERS[user])


def _known(name: str) -> tuple[int, int] | None:
    """The numbers of a user or group that this machine has: a mail server may be installed here."""
    with contextlib.suppress(KeyError):
        user = pwd.getpwnam(name)
        return user.pw_uid, user.pw_gid
    with contextlib.suppress(KeyError):
        return 0, grp.getgrnam(name).gr_gid
    return None


def _greeting(place: str) -> None:
    """Connect once, so that the next connection is one too many."""
    host, __, port = place.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.recv(512)
