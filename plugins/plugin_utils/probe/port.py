# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one port of a mail server offers, seen from here."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from ..smtp.knowledge import causes
from ..yaml_file import read_beside
from .certificate import describe, fault
from .dialogue import Dialogue, failing
from .failure import ProbeError, by_reply
from .names import local_name
from .reach import REACHABLE, UNREACHABLE, UNRESOLVED, Unreached, connect
from .request import Request
from .result import CertificateData, Limit, Login, Port, Tls
from .tls import VERSIONS, context, is_own_limit, only, version_of

_IMPLICIT = 465
# These ports always begin in clear text, and greetings are often delayed on purpose: the whole time is for waiting.
_CLEAR = (25, 587)
# The causes when a client speaks clear text where TLS is expected, and the other way round.
_OTHER_WAY = {
    "starttls": ("greeting_timeout", "connection_lost", "not_smtp_service"),
    "smtps": ("tls_mode_mismatch", "tls_handshake_failed"),
}


@dataclass
class View:
    """What was seen of a port. `security` is the mode that was used; `stage` the last one that was reached."""

    port: int
    security: str
    address: str | None = None
    state: str = UNREACHABLE
    stage: str = "tcp"
    failure: ProbeError | None = None
    greeting: str = ""
    extensions: tuple[str, ...] = ()
    starttls: bool | None = None
    before_tls: list[str] = field(default_factory=list)
    after_tls: list[str] = field(default_factory=list)
    login: Login | None = None
    tls: Tls | None = None
    certificate: CertificateData | None = None
    said: list[str] = field(default_factory=list)


def look(wanted: Request, port: int, addresses: Sequence[str], unresolved: ProbeError | None = None) -> Port:
    """Return what schemas/probe.json says of a port, within the time of the request. Never raises for what a server does."""
    started = time.monotonic()
    deadline = started + wanted.timeout
    ways = _ways(wanted.security, port)
    if unresolved is not None:
        view = View(port, ways[0], state=UNRESOLVED, stage="dns", failure=unresolved)
        return _as_data(view, wanted.host, started)
    # Half of the time for the first way, where there is a second one to try.
    view = _talk(wanted, port, addresses, ways[0], started + wanted.timeout / len(ways))
    if len(ways) > 1 and view.failure and view.failure.cause in _OTHER_WAY[ways[0]] and view.state == REACHABLE:
        other = _talk(wanted, port, addresses, ways[1], deadline)
        view = other if other.failure is None or other.tls or other.greeting else view
    if view.address and (view.tls or view.stage == "tls"):
        versions = _versions(wanted, view, deadline)
        if view.tls is None and "accepted" in versions.values():
            # Only versions that clients of today do not offer.
            view.tls = {"version": "", "cipher": "", "bits": 0, "versions": {}}
        if view.tls is not None:
            view.tls["versions"] = versions
    return _as_data(view, wanted.host, started)


def _ways(security: str, port: int) -> tuple[str, ...]:
    if security != "auto":
        return (security,)
    if port in _CLEAR:
        return ("starttls",)
    return ("smtps", "starttls") if port == _IMPLICIT else ("starttls", "smtps")


def _talk(wanted: Request, port: int, addresses: Sequence[str], way: str, deadline: float) -> View:
    """Run a session as a client would; a certificate that is not trusted is examined in a second one."""
    try:
        return _session(wanted, View(port, way), addresses, deadline, context(wanted.ca_file))
    except ssl.SSLCertVerificationError as error:
        return _session(
            wanted, View(port, way), addresses, deadline, context(verify=False), error.verify_message or str(error)
        )


def _session(
    wanted: Request,
    view: View,
    addresses: Sequence[str],
    deadline: float,
    tls: ssl.SSLContext,
    verify_error: str = "",
) -> View:
    try:
        with connect(addresses, view.port, deadline) as wire:
            view.address, view.state = str(wire.sock.getpeername()[0]), REACHABLE
            dialogue = Dialogue(wire)
            view.said = dialogue.said
            _go(wanted, view, dialogue, tls, verify_error)
            dialogue.leave()
    except Unreached as failure:
        view.address, view.state, view.stage, view.failure = failure.address, failure.state, failure.stage, failure
    except ProbeError as failure:
        view.stage, view.failure = failure.stage, failure
    return view


def _go(wanted: Request, view: View, dialogue: Dialogue, tls: ssl.SSLContext, verify_error: str) -> None:
    name = wanted.helo or local_name(str(dialogue.wire.sock.getsockname()[0]).partition("%")[0])

    def secured(sock: ssl.SSLSocket) -> None:
        view.tls = _negotiated(sock)
        view.certificate = describe(sock.getpeercert(binary_form=True) or b"", wanted.host, verify_error)

    if view.security == "smtps":
        secured(dialogue.secure(tls, wanted.host))
    view.greeting = " ".join(filter(None, ("220", *dialogue.greeting().lines)))[:500]
    view.extensions = dialogue.hello(name)
    view.stage = "ehlo"
    view.starttls = any(line.upper().split()[:1] == ["STARTTLS"] for line in view.extensions)
    if view.security == "smtps":
        view.after_tls = _mechanisms(view.extensions)
    else:
        view.before_tls = _mechanisms(view.extensions)
    if view.security == "starttls":
        if view.starttls:
            secured(dialogue.start_tls(tls, wanted.host))
            view.extensions = dialogue.hello(name)
            view.after_tls = _mechanisms(view.extensions)
        elif wanted.security == "starttls":
            raise ProbeError("starttls", "starttls_unavailable", "STARTTLS is not among the extensions")
        else:
            view.security = "none"
    if wanted.validate_certs and view.certificate and (reason := fault(view.certificate, wanted.host)):
        raise ProbeError("tls", "tls_cert_rejected", reason)
    _ask_more(wanted, view, dialogue)


def _ask_more(wanted: Request, view: View, dialogue: Dialogue) -> None:
    """Log in and name sender and recipient, as far as the request asks for it."""
    if wanted.user:
        if view.tls is None:
            raise ProbeError(
                "auth", "starttls_unavailable", "no TLS on this port, and a password is sent only over TLS"
            )
        mechanism = next((each for each in ("PLAIN", "LOGIN") if each in view.after_tls), "")
        if not mechanism:
            offered = " ".join(view.after_tls)
            cause = "auth_mechanism_unsupported" if offered else "auth_not_offered"
            raise ProbeError("auth", cause, f"AUTH offers {offered or 'nothing'}; expected PLAIN or LOGIN")
        reply = dialogue.log_in(mechanism, wanted.user, wanted.passwd)
        view.login = {"mechanism": mechanism, "accepted": reply.code == "235", "reply": reply.as_data()}
        if reply.code != "235":
            raise by_reply(reply, "auth")
        view.stage = "auth"
    if wanted.mail_from:
        dialogue.expect("mail_from", f"MAIL FROM:<{wanted.mail_from}>", "250")
        view.stage = "mail_from"
    if wanted.mail_to:
        reply = dialogue.ask("rcpt_to", f"RCPT TO:<{wanted.mail_to}>")
        if reply.code not in ("250", "251"):
            raise by_reply(reply, "rcpt_to")
        view.stage = "rcpt_to"


def _versions(wanted: Request, view: View, deadline: float) -> dict[str, str]:
    return {
        version: "accepted" if view.tls and view.tls["version"] == version else _takes(wanted, view, version, deadline)
        for version in VERSIONS
    }


def _takes(wanted: Request, view: View, version: str, deadline: float) -> str:
    """Return the outcome of a handshake that offers only this version, in a session of its own."""
    tls = only(version)
    if tls is None:
        return "not_offered_here"
    try:
        with connect([str(view.address)], view.port, deadline) as wire:
            dialogue = Dialogue(wire)
            if view.security != "smtps":
                dialogue.greeting()
                dialogue.hello(wanted.helo or local_name(str(wire.sock.getsockname()[0]).partition("%")[0]))
                dialogue.expect("starttls", "STARTTLS", "220")
            try:
                with failing("tls", ssl.SSLError):
                    sock = wire.start_tls(tls, wanted.host)
            except ssl.SSLError as error:
                return "not_offered_here" if is_own_limit(error) else "refused"
            if view.certificate is None:
                unverified = f"only examined over {version}"
                view.certificate = describe(sock.getpeercert(binary_form=True) or b"", wanted.host, unverified)
            return "accepted"
    except ProbeError as failure:
        return "refused" if failure.stage == "tls" and "timed out" not in failure.evidence else "not_tested"


def _negotiated(sock: ssl.SSLSocket) -> Tls:
    cipher, __, bits = sock.cipher() or ("", "", 0)
    return {"version": version_of(sock), "cipher": cipher, "bits": bits, "versions": {}}


def _mechanisms(extensions: Sequence[str]) -> list[str]:
    """The ways to log in, from `AUTH PLAIN LOGIN` and from `AUTH=PLAIN LOGIN`, which old servers send."""
    words = [line.replace("=", " ", 1).upper().split() for line in extensions]
    return list(dict.fromkeys(each for line in words if line[:1] == ["AUTH"] for each in line[1:]))


@cache
def _usable() -> frozenset[str]:
    rows = read_beside(__file__, "mechanisms.yml")
    return frozenset(row["name"] for row in rows if row["usable"])


def _limits(view: View, host: str) -> Iterator[Limit]:
    if view.starttls is None:
        return  # EHLO was not answered
    offered = view.after_tls if view.tls else view.before_tls
    if view.starttls is False and view.tls is None:
        yield {"cause": "starttls_unavailable", "detail": "STARTTLS is not among the extensions"}
    if view.failure and view.failure.stage in ("starttls", "tls") and not (view.tls and view.tls["version"]):
        return  # what is offered over TLS was not seen
    if not offered:
        yield {"cause": "auth_not_offered", "detail": "AUTH is not among the extensions"}
    elif not _usable() & set(offered):
        yield {"cause": "auth_mechanism_unsupported", "detail": f"AUTH offers only {' '.join(offered)}"}
    if view.certificate and (reason := fault(view.certificate, host)):
        yield {"cause": "tls_cert_rejected", "detail": reason}


def _as_data(view: View, host: str, started: float) -> Port:
    offered = view.after_tls if view.tls else view.before_tls
    return {
        "port": view.port,
        "address": view.address,
        "state": view.state,
        "security": view.security,
        "outcome": "failed" if view.failure else "ok",
        "stage": view.stage,
        "owner": causes()[view.failure.cause].owner if view.failure else "nobody",
        "cause": view.failure.cause if view.failure else None,
        "evidence": view.failure.evidence if view.failure else "",
        "reply": view.failure.reply.as_data() if view.failure and view.failure.reply else None,
        "greeting": view.greeting,
        "extensions": list(view.extensions),
        "starttls": view.starttls,
        "auth": {
            "before_tls": view.before_tls,
            "after_tls": view.after_tls,
            "usable": [each for each in offered if each in _usable()],
            "login": view.login,
        },
        "tls": view.tls,
        "certificate": view.certificate,
        "limits": list(_limits(view, host)),
        "dialogue": view.said,
        "seconds": round(time.monotonic() - started, 3),
    }
