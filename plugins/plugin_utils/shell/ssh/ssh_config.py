# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What OpenSSH knows of a host from its configuration file (ssh_config(5)) and from arguments of the command `ssh`.

Read is what says where a host is and how to get there: HostName, Port, User, IdentityFile, ProxyJump and ProxyCommand. What
cannot be kept of that is refused: a connection that leaves the way somebody has set up sends the password past a bastion.
"""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path

from ...libraries import paramiko
from ...whole_file import read_whole
from ..errors import ConnectError

_READ = ("hostname", "port", "user", "identityfile", "proxyjump", "proxycommand")
_FLAGS = {"-J": "proxyjump", "-p": "port", "-l": "user", "-i": "identityfile", "-F": "file"}
# They choose a way that is not ours to take.
_REFUSED = {"-b": "bindaddress", "-B": "bindinterface"}
_WITH_VALUE = "BbcDEeFIiJLlmOoPpQRSWw"
_INCLUDE = re.compile(r"include[\s=]+(.+)", re.IGNORECASE)
_SECTION = re.compile(r"(host|match)[\s=]", re.IGNORECASE)
_EXEC = re.compile(r"match\s.*\bexec\b", re.IGNORECASE)
# What a shell would act upon; ProxyCommand has one in OpenSSH.
_NEEDS_SHELL = re.compile(r"[|&;<>`$()]")
_MOST_INCLUDES = 16


@dataclass(frozen=True)
class HostSettings:
    """Where a host is and how to get there; None for what nobody said. jumps: the hosts on the way, the first one first.

    Empty `jumps` and an empty `proxy_command` say that there is nothing in between.
    """

    host: str | None = None
    port: int | None = None
    user: str | None = None
    key_file: Path | None = None
    jumps: tuple[str, ...] | None = None
    proxy_command: str | None = None

    def over(self, other: HostSettings) -> HostSettings:
        """Return these settings, and the other ones where these say nothing. A way is one thing: jump hosts or a command."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        if self.jumps is None and self.proxy_command is None:
            values.update(jumps=other.jumps, proxy_command=other.proxy_command)
        for name in ("host", "port", "user", "key_file"):
            if values[name] is None:
                values[name] = getattr(other, name)
        return HostSettings(**values)


@dataclass(frozen=True)
class SshConfig:
    """A configuration file, None for no file. Raises ConnectError with the cause `option` for one that cannot be kept."""

    file: Path | None = None
    _config: paramiko.SSHConfig | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if self.file is not None:
            object.__setattr__(self, "_config", _parsed(self.file))

    def of(self, name: str) -> HostSettings:
        """Return what the file says of a host by the name that is given to ssh."""
        if self._config is None:
            return HostSettings()
        try:
            found = self._config.lookup(name)
        except (paramiko.ConfigParseError, paramiko.CouldNotCanonicalize, KeyError, ValueError) as error:
            raise ConnectError(f"ssh_config {self.file} cannot be applied to {name!r}: {error}", "option") from error
        keys: list[str] = found.get("identityfile", [])  # type: ignore[assignment]
        values = {
            key: str(value) for key, value in found.items() if key in _READ and (key, value) != ("hostname", name)
        }
        return _settings(values, list(keys), f"ssh_config {self.file}")


def arguments(text: str, option: str) -> tuple[HostSettings, Path | None]:
    """Return what arguments of `ssh` say of the host, and the configuration file they name.

    option: where they are set, for messages. Arguments that are about something else, such as ControlPersist, are passed
    over. Raises ConnectError with the cause `option`.
    """
    values: dict[str, str] = {}
    keys: list[str] = []
    file = None
    for flag, value in _flags(text, option):
        name = _FLAGS.get(flag, _REFUSED.get(flag, ""))
        if flag == "-o":
            name, __, value = (
                part.strip() for part in re.sub(r"\s*=\s*|\s+", "\0", value.strip(), count=1).partition("\0")
            )
            name = name.lower()
        if name in _REFUSED.values():
            raise ConnectError(
                f"{option} holds {flag} {name if flag == '-o' else value}, which this connection cannot do; expected ProxyJump, "
                "ProxyCommand, HostName, Port, User or IdentityFile of ssh",
                "option",
            )
        if name == "file":
            file = Path(value).expanduser()
        elif name == "identityfile":
            keys.append(value)
        elif name in _READ:
            values.setdefault(name, value)
    return _settings(values, keys, option), file


def _flags(text: str, option: str) -> Iterator[tuple[str, str]]:
    """Yield the flags that have a value, with it."""
    try:
        words = iter(shlex.split(text))
    except ValueError as error:
        raise ConnectError(f"{option} cannot be split into words: {error}", "option") from error
    for word in words:
        for place, letter in enumerate(word[1:], 1) if word.startswith("-") else ():
            if letter in _WITH_VALUE:
                value = word[place + 1 :] or next(words, None)
                if value is None:
                    raise ConnectError(f"{option}: -{letter} has no value", "option")
                yield f"-{letter}", value
                break


def _settings(values: dict[str, str], keys: list[str], source: str) -> HostSettings:
    command, jumps = (values.get(name) for name in ("proxycommand", "proxyjump"))
    if _set(command) and _set(jumps):
        raise ConnectError(
            f"{source} names a ProxyCommand and a ProxyJump for one host; expected one of them", "option"
        )
    port = values.get("port")
    if port is not None and not re.fullmatch("[0-9]{1,6}", port):
        raise ConnectError(f"{source}: the port {port[:60]!r} is no number", "option")
    files = [Path(key).expanduser() for key in keys]
    return HostSettings(
        values.get("hostname"),
        None if port is None else int(port),
        values.get("user"),
        next((file for file in files if file.exists()), files[0] if files else None),
        None if jumps is None else tuple(jumps.split(",")) if _set(jumps) else (),
        None if command is None else _without_shell(command, source) if _set(command) else "",
    )


def _set(value: str | None) -> bool:
    return value is not None and value.strip().lower() != "none"


def _without_shell(command: str, source: str) -> str:
    if found := _NEEDS_SHELL.search(re.sub(r"'[^']*'", "", command)):
        raise ConnectError(
            f"{source}: the ProxyCommand holds {found[0]!r}, but is run without a shell; expected words only, or sh -c '...'",
            "option",
        )
    return re.sub(r"^\s*exec\s+", "", command)


class _Config(paramiko.SSHConfig):
    """Without what is put in the place of tokens in ways: that is done where a command is split into words."""

    def __init__(self) -> None:
        super().__init__()
        self.TOKENS_BY_CONFIG_KEY = {**self.TOKENS_BY_CONFIG_KEY, "proxycommand": []}


def _parsed(file: Path) -> paramiko.SSHConfig:
    text = "\n".join(_lines(file, 0))
    if any(_EXEC.match(line.strip()) for line in text.splitlines()):
        raise ConnectError(
            f"ssh_config {file} holds `Match exec`, which is not run here; expected other criteria", "option"
        )
    config = _Config()
    try:
        config.parse(io.StringIO(text))
    except (paramiko.ConfigParseError, ValueError) as error:
        raise ConnectError(f"ssh_config {file} cannot be read: {error}", "option") from error
    return config


def _lines(file: Path, depth: int) -> Iterator[str]:
    """Yield the lines of a file, with those of the files it includes in their place."""
    try:
        text = read_whole(file).decode("utf-8", "replace")
    except OSError as error:
        raise ConnectError(f"ssh_config {file} cannot be read: {error.strerror or error}", "option") from error
    inside = False
    for line in text.splitlines():
        include = _INCLUDE.fullmatch(line.strip())
        inside = inside or _SECTION.match(line.strip()) is not None
        if include is None:
            yield line
            continue
        if depth == _MOST_INCLUDES:
            raise ConnectError(f"ssh_config {file} includes files more than {_MOST_INCLUDES} levels deep", "option")
        try:
            patterns = shlex.split(include[1])
        except ValueError as error:
            raise ConnectError(
                f"ssh_config {file}: {line.strip()!r} cannot be split into words: {error}", "option"
            ) from error
        for pattern in patterns:
            path = Path(pattern).expanduser()
            # As ssh does for the files of a user.
            start, rest = (
                (Path(path.anchor), path.relative_to(path.anchor))
                if path.is_absolute()
                else (Path("~/.ssh").expanduser(), path)
            )
            for each in sorted(start.glob(str(rest))):
                included = list(_lines(each, depth + 1))
                if inside and any(_SECTION.match(part.strip()) for part in included):
                    raise ConnectError(
                        f"ssh_config {file} includes {each} for some hosts only, and that has Host or Match lines of its own; "
                        "include it before the first Host line",
                        "option",
                    )
                yield from included
