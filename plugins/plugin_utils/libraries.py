# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The libraries that `ansible-galaxy` does not install. One that is missing is an error where it is used, not where it is imported.

Ansible calls an import that fails a bug of its own, and ends the run for all hosts.
"""

from __future__ import annotations

import importlib
import shlex
import socket
import sys

from .errors import FazmailError

__all__ = ["MissingLibraryError", "clitable", "need", "textfsm"]

# As in pyproject.toml.
REQUIREMENTS = {"paramiko": "paramiko>=3.5,<6", "textfsm": "textfsm>=1.1.3"}


class MissingLibraryError(FazmailError):
    """A Python package is not installed where it is needed."""

    cause = "missing_library"

    def __init__(self, package: str) -> None:
        command = shlex.join([sys.executable, "-m", "pip", "install", REQUIREMENTS[package]])
        super().__init__(f"fortiops.mail needs the Python package {package} on {socket.gethostname()}; run: {command}")


class _Missing:
    """Stands for a library that is not installed: its classes can be named and inherited from, but not used."""

    def __init__(self, package: str) -> None:
        self._package = package

    def __getattr__(self, name: str) -> type[Exception]:
        package = self._package

        class Missing(Exception):
            def __init__(self, *_: object) -> None:
                raise MissingLibraryError(package)

        return Missing


try:
    import textfsm
    from textfsm import clitable
except ModuleNotFoundError as error:
    if error.name != "textfsm":
        raise
    textfsm = clitable = _Missing("textfsm")


def need(package: str) -> None:
    """Import a package ahead of a module that cannot be imported without it. Raises MissingLibraryError."""
    try:
        importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingLibraryError(package) from None
