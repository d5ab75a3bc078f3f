# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private key in a file, in every form that `cryptography` reads: OpenSSH, PKCS#8 and the older PEM, DER; encrypted or not."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ...libraries import paramiko
from ...whole_file import read_whole
from ..errors import LoginError
from .target import Target

_CERTIFICATE = "-cert.pub"
_CLASSES: dict[type[Any], type[paramiko.PKey]] = {
    ed25519.Ed25519PrivateKey: paramiko.Ed25519Key,
    ec.EllipticCurvePrivateKey: paramiko.ECDSAKey,
    rsa.RSAPrivateKey: paramiko.RSAKey,
}
_PUTTY = b"PuTTY-User-Key-File-"


def private_key(target: Target) -> paramiko.PKey:
    """Read the key file. Where it names a certificate (`...-cert.pub`), that is used with the key beside it.

    Raises LoginError with the cause `key_file`.
    """
    named = target.key_file or Path()
    certified = named.name.endswith(_CERTIFICATE)
    file = named.with_name(named.name.removesuffix(_CERTIFICATE)) if certified else named
    key = _usable(_loaded(file, target), file)
    if certified:
        _read(named)
        try:
            key.load_certificate(str(named))
        except Exception as error:  # ValueError, IndexError, binascii.Error: paramiko reads it as it comes
            raise LoginError(f"certificate file {named} holds no certificate for {file}", "key_file") from error
    return key


def _loaded(file: Path, target: Target) -> Any:
    """Return the key of a file as `cryptography` has it."""
    data = _read(file)
    if data.startswith(_PUTTY):
        raise LoginError(
            f"private key file {file} is in the form of PuTTY; convert it: puttygen {file} -O private-openssh -o NEW_FILE",
            "key_file",
        )
    load = _loader(data)
    try:
        return load(data, None)
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        problem = error
    if not _may_be_encrypted(problem):
        raise _no_key(file, target, problem) from problem
    if not target.passphrase:
        raise LoginError(
            f"private key file {file} is encrypted; set {target.option('passphrase')}", "key_file"
        ) from problem
    try:
        return load(data, target.passphrase.encode())
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise _no_key(file, target, error) from error


def _loader(data: bytes) -> Callable[[bytes, bytes | None], Any]:
    if b"-----BEGIN OPENSSH PRIVATE KEY-----" in data:
        return serialization.load_ssh_private_key
    if b"-----BEGIN " in data:
        return serialization.load_pem_private_key
    return serialization.load_der_private_key


def _may_be_encrypted(error: Exception) -> bool:
    # Each loader says so with a TypeError, which it has for nothing else when no passphrase is given.
    return isinstance(error, TypeError)


def _no_key(file: Path, target: Target, error: Exception) -> LoginError:
    if isinstance(error, UnsupportedAlgorithm):
        return LoginError(
            f"private key file {file} needs what this Python has not ({error}); keys of FIDO tokens are used through an SSH agent",
            "key_file",
        )
    wrong = ", or its passphrase is wrong" if target.passphrase else ""
    return LoginError(f"private key file {file} holds no Ed25519, ECDSA or RSA key{wrong}", "key_file")


def _usable(key: Any, file: Path) -> paramiko.PKey:
    """Return the key as paramiko takes it: OpenSSH's form is the one that all its classes read."""
    for kind, ours in _CLASSES.items():
        if isinstance(key, kind):
            text = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
            ).decode("ascii")
            return ours.from_private_key(io.StringIO(text))
    raise LoginError(f"private key file {file} holds no Ed25519, ECDSA or RSA key", "key_file")


def _read(file: Path) -> bytes:
    try:
        return read_whole(file)
    except OSError as error:
        raise LoginError(f"private key file {file} cannot be read: {error.strerror or error}", "key_file") from error
