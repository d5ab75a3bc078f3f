# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of simulated devices and the mail servers around it, as data: read from YAML, or made by number.

Each mistake is one FleetError that names the file, the key and what is expected there.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ...plugins.plugin_utils.errors import UserFileError
from ...plugins.plugin_utils.shell.recording import Recording, RecordingError, load
from ...plugins.plugin_utils.yaml_file import read_of_user, read_text_of_user
from ..device.models import models, zones
from ..mail.dialects import dialects
from ..network.hosts import FAULTS, HostMap, HostMapError, with_servers
from .faults import NONE, Faults, read_faults
from .reading import FleetError, Reader

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
KINDS = ("submission", "smtps", "plain", "no-auth")
# What can become of a login, after the right credential but for the first three, and where the device says why.
LOGIN_FAULTS = {
    "none": "nothing",
    "drop": "the connection is cut at a login attempt",
    "disconnect": "it is ended with a message at a login attempt",
    "banner": "a banner, then the credential is refused",
    "change-request": "SSH's demand for a new password (message 60) answers the password",
    "first-question": "keyboard-interactive begins with the text, its last line as the question",
    "question": "keyboard-interactive goes on with it",
    "no-terminal": "the terminal is refused",
    "no-shell": "the shell is refused",
    "shell": "the text comes instead of a prompt, and waits",
    "shell-closed": "the text comes instead of a prompt, and the session ends",
}
# Where a device listens if its fleet names no port and this one is free.
DEVICE_PORT = 2222
# Of the addresses for documentation (RFC 5737): names are looked up in the host map, and nobody is asked.
NAME_SERVER = {"primary": "192.0.2.53"}


@dataclass(frozen=True)
class Switches:
    """How a device behaves; each may be set in `defaults` and for one device. Times are in seconds.

    debug_secrets: whether debug shows credentials in base64 (`clear`) or not (`masked`). max_sessions: 0 for no limit.
    login_methods: what the SSH server offers beside public keys; authorized_keys: public keys of the administrator, one a
    line. login_fault: what becomes of a login attempt, with `login_text` as what the device says (LOGIN_FAULTS).
    login_grace: seconds a client has to log in, as `admin-ssh-grace-time`.
    retransmit_interval: until a packet that got no answer is sent again; each further time it takes twice as long.
    trusted_certificates: in PEM, to check those of mail servers against; none are checked when empty.
    """

    dialect: str = "function"
    debug_secrets: str = "clear"
    console_output: str = "standard"
    prelogin_banner: str = ""
    post_login_banner: bool = False
    login_delay: float = 0.0
    max_sessions: int = 0
    idle_line_interval: float = 5.0
    smtp_timeout: float = 10.0
    debug_delay: float = 0.05
    trusted_certificates: str = ""
    ping_interval: float = 0.02
    retransmit_interval: float = 1.0
    utc_offset: int = 0
    ssh_algorithms: str = "modern"
    host_key: str = "ed25519"
    login_methods: str = "both"
    authorized_keys: str = ""
    login_fault: str = "none"
    login_text: str = "Too many logins, try later"
    login_grace: float = 120.0
    allow_forwarding: bool = False


@dataclass(frozen=True)
class DeviceSpec:
    """One device. `mail` is its table at the start: options by device name below each id. `alert_event` are its alert events:
    the destinations of each by number, `alertemail` and `dns` the options of those objects.

    Without an address or with port 0 it gets free ones when it starts. `hosts` may name mail servers of the fleet.
    ha: `primary` or `secondary` in a cluster of two; ha_peer: the host name of the other unit.
    `variables` (in YAML: `vars`) are copied into the inventory. A device with a `recording` (in YAML: a file) repeats that
    and does nothing else.
    """

    name: str
    hostname: str
    address: str = ""
    port: int = 0
    model: str = "faz-7.4.2"
    username: str = "admin"
    password: str = "admin"
    serial: str = ""
    ha: str = ""
    ha_peer: str = "FAZ-PEER"
    mail: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    alert_event: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    alertemail: Mapping[str, str] = field(default_factory=dict)
    approval_matrix: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    global_settings: Mapping[str, str] = field(default_factory=dict)
    dns: Mapping[str, str] = field(default_factory=lambda: dict(NAME_SERVER))
    hosts: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    switches: Switches = field(default_factory=Switches)
    faults: Faults = NONE
    recording: Recording | None = None


@dataclass(frozen=True)
class MailServerSpec:
    """One listener. Without an address or with port 0 it gets free ones when it starts.

    kind: `submission` (STARTTLS, then AUTH), `smtps` (TLS from the start, AUTH), `plain` (neither), `no-auth`
    (STARTTLS, no AUTH). auth: mechanisms offered. domains: where mail is for without login; anything else is relaying.
    recipients: the only ones that exist there, all when empty. tls_min, tls_max: device words such as `tlsv1.2`.
    """

    name: str
    address: str = ""
    port: int = 0
    kind: str = "submission"
    hostname: str = "mail.example.com"
    users: Mapping[str, str] = field(default_factory=dict)
    auth: tuple[str, ...] = ("LOGIN", "PLAIN")
    auth_required: bool = False
    domains: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    relay: bool = False
    tls_min: str = ""
    tls_max: str = ""


@dataclass(frozen=True)
class Fleet:
    """Everything one process simulates."""

    devices: tuple[DeviceSpec, ...] = ()
    mail_servers: tuple[MailServerSpec, ...] = ()


def load_fleet(path: Path) -> Fleet:
    """Read a fleet from YAML. Raises FleetError."""
    try:
        return read_fleet(read_of_user(path, "a fleet in YAML"), str(path))
    except UserFileError as error:
        raise FleetError(str(error)) from None


def read_fleet(data: Any, source: str = "fleet") -> Fleet:
    """Read a fleet from plain data. `source` is what errors call the place. Raises FleetError."""
    top = Reader.of(data, source)
    mail_servers = tuple(_mail_server(each) for each in top.items("mail_servers"))
    servers = [server.name for server in mail_servers]
    hosts = _hosts(top, servers)
    defaults = top.below("defaults")
    switches = _switches(defaults, Switches())
    faults = read_faults(defaults.below("faults"), NONE)
    common: dict[str, Any] = {
        key: defaults.text(key, "") for key in ("username", "password", "model") if defaults.has(key)
    }
    if defaults.has("port"):
        common["port"] = defaults.port("port", 0)
    defaults.finish()
    fleet = Fleet(
        devices=tuple(_device(each, hosts, servers, switches, faults, common) for each in top.items("devices")),
        mail_servers=mail_servers,
    )
    top.finish()
    _unique(fleet, source)
    return fleet


def make_fleet(count: int, *, like: Fleet | None = None) -> Fleet:
    """Make a fleet of `count` healthy devices, with models and dialects taken in turn.

    `like` gives the mail servers, and the host map, the alert events and the variables of its first device.
    """
    names, voices = list(models()), list(dialects())
    first = like.devices[0] if like and like.devices else DeviceSpec("", "")
    devices = []
    for number in range(count):
        model = names[number % len(names)]
        name = f"{model[:3]}-{number + 1:03d}"
        devices.append(
            DeviceSpec(
                name,
                name.upper(),
                model=model,
                alert_event=first.alert_event,
                hosts=first.hosts,
                variables=first.variables,
                switches=Switches(dialect=voices[number % len(voices)]),
            )
        )
    return Fleet(tuple(devices), like.mail_servers if like else ())


def at_address(fleet: Fleet, address: str | None, port: int | None) -> Fleet:
    """Return the fleet with its devices moved to consecutive addresses and one port, where given.

    Raises FleetError when the addresses would leave 127.0.0.0/8.
    """
    devices = fleet.devices
    if address is not None:
        try:
            base = ipaddress.IPv4Address(address)
        except ValueError:
            raise FleetError(f"{address}: expected an IPv4 address within 127.0.0.0/8") from None
        if not base.is_loopback or not (base + max(0, len(devices) - 1)).is_loopback:
            raise FleetError(f"{address}: {len(devices)} addresses from here do not lie within 127.0.0.0/8")
        devices = tuple(replace(each, address=str(base + number)) for number, each in enumerate(devices))
    if port is not None:
        devices = tuple(replace(each, port=port) for each in devices)
    return replace(fleet, devices=devices)


# -- sections ------------------------------------------------------------------------------------------------------


def _device(
    reader: Reader,
    hosts: Mapping[str, str],
    servers: Sequence[str],
    switches: Switches,
    faults: Faults,
    common: Mapping[str, Any],
) -> DeviceSpec:
    known = {"username": "admin", "password": "admin", "model": "faz-7.4.2", "port": 0, **common}
    name = _name(reader, "name")
    device = DeviceSpec(
        name=name,
        hostname=reader.text("hostname", name.upper()),
        address=reader.loopback("address"),
        port=reader.port("port", known["port"]),
        model=reader.word("model", list(models()), known["model"]),
        username=reader.text("username", known["username"]),
        password=reader.text("password", known["password"]),
        serial=reader.text("serial", ""),
        ha="" if (role := reader.word("ha", ["none", "primary", "secondary"], "none")) == "none" else role,
        ha_peer=reader.text("ha_peer", "FAZ-PEER"),
        mail=_entries(reader.below("mail")),
        alert_event=_alert_events(reader.below("alert_event")),
        alertemail=reader.below("alertemail").texts(),
        approval_matrix=_entries(reader.below("approval_matrix")),
        global_settings=reader.below("global").texts(),
        dns={**NAME_SERVER, **reader.below("dns").texts()},
        hosts={**hosts, **_hosts(reader, servers)},
        variables=reader.below("vars").anything(),
        switches=_switches(reader, switches),
        faults=read_faults(reader.below("faults"), faults),
        recording=_recording(reader),
    )
    reader.finish()
    return device


def _recording(reader: Reader) -> Recording | None:
    name = reader.text("recording", "")
    if not name:
        return None
    try:
        return load(read_text_of_user(Path(name), "a recording"), name)
    except (UserFileError, RecordingError) as error:
        raise reader.error("recording", str(error)) from None


def _entries(reader: Reader) -> dict[str, dict[str, str]]:
    """A table is checked by the device itself when it starts, with the options its firmware has."""
    return {key: reader.below(key).texts() for key in reader.names()}


def _alert_events(reader: Reader) -> dict[str, dict[str, dict[str, str]]]:
    return {key: _entries(reader.below(key)) for key in reader.names()}


def _hosts(reader: Reader, servers: Sequence[str]) -> dict[str, str]:
    section = reader.below("hosts")
    hosts = section.texts()
    for key, value in hosts.items():
        try:
            HostMap(with_servers({key: value}, dict.fromkeys(servers, "127.0.0.1:25")))
        except HostMapError as error:
            raise section.error(key, str(error)) from None
    return hosts


def _switches(reader: Reader, known: Switches) -> Switches:
    words = {
        "dialect": list(dialects()),
        "debug_secrets": ["clear", "masked"],
        "console_output": ["standard", "more"],
        "ssh_algorithms": ["modern", "legacy-kex", "legacy-hostkey", "legacy-userkey"],
        "host_key": ["ed25519", "ecdsa", "rsa", "all"],
        "login_methods": ["both", "password", "keyboard-interactive", "publickey"],
        "login_fault": list(LOGIN_FAULTS),
    }
    values: dict[str, Any] = {}
    for each in fields(Switches):
        default = getattr(known, each.name)
        if each.name in words:
            values[each.name] = reader.word(each.name, words[each.name], default)
        elif each.name == "utc_offset":
            values[each.name] = int(reader.word(each.name, [str(hours) for hours in zones()], str(default)))
        elif isinstance(default, bool):
            values[each.name] = reader.boolean(each.name, default)
        elif isinstance(default, int):
            values[each.name] = reader.integer(each.name, default, 0, 1000)
        elif isinstance(default, float):
            values[each.name] = reader.seconds(each.name, default)
        else:
            values[each.name] = reader.text(each.name, default)
    if values["trusted_certificates"]:
        try:
            ssl.create_default_context(cadata=values["trusted_certificates"])
        except (ssl.SSLError, ValueError) as error:
            raise reader.error("trusted_certificates", f"{error}, expected certificates in PEM") from None
    return Switches(**values)


def _mail_server(reader: Reader) -> MailServerSpec:
    versions = ["", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3"]
    server = MailServerSpec(
        name=reader.text("name"),
        address=reader.loopback("address"),
        port=reader.port("port", 0),
        kind=reader.word("kind", list(KINDS), "submission"),
        hostname=_name(reader, "hostname", "mail.example.com"),
        users=reader.below("users").texts(),
        auth=reader.list_of_texts("auth", ("LOGIN", "PLAIN")),
        auth_required=reader.boolean("auth_required", False),
        domains=reader.list_of_texts("domains", ()),
        recipients=reader.list_of_texts("recipients", ()),
        relay=reader.boolean("relay", False),
        tls_min=reader.word("tls_min", versions, ""),
        tls_max=reader.word("tls_max", versions, ""),
    )
    reader.finish()
    if server.name in FAULTS:
        raise reader.error("name", f"is {server.name!r}, which is a fault in host maps; expected another one")
    return server


def _name(reader: Reader, key: str, default: str | None = None) -> str:
    name = reader.text(key, default)
    if not _NAME.fullmatch(name):
        raise reader.error(key, f"is {name!r}, expected letters, digits, dots, dashes and underlines")
    return name


def _unique(fleet: Fleet, source: str) -> None:
    seen: dict[str, str] = {}
    everything: list[DeviceSpec | MailServerSpec] = [*fleet.devices, *fleet.mail_servers]
    for each in everything:
        taken = [f"the name {each.name}"]
        if each.address and each.port:
            taken.append(f"{each.address}:{each.port}")
        for what in taken:
            if what in seen:
                raise FleetError(f"{source}: {each.name}: {what} is taken by {seen[what]}; expected another one")
            seen[what] = each.name
