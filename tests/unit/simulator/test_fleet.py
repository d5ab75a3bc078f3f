# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleet files and their errors, the inventory, and fleets made by number."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.fortiops.mail.simulator.command import DEMO_FLEET
from ansible_collections.fortiops.mail.simulator.device.models import models
from ansible_collections.fortiops.mail.simulator.mail.dialects import dialects
from ansible_collections.fortiops.mail.simulator.specification.fleet import (
    at_address,
    load_fleet,
    make_fleet,
    read_fleet,
)
from ansible_collections.fortiops.mail.simulator.specification.reading import FleetError
from ansible_collections.fortiops.mail.simulator.ssh.appliance import make_device
from ansible_collections.fortiops.mail.simulator.ssh.trace import Heard, without_secret


def fleet_of(**device):
    return {"devices": [{"name": "a", "address": "127.0.0.2", **device}]}


def test_the_demo_fleet():
    fleet = load_fleet(DEMO_FLEET)
    assert len(fleet.devices) >= 5
    assert len({device.model for device in fleet.devices}) == 5
    assert {device.switches.dialect for device in fleet.devices} == set(dialects())
    for spec in fleet.devices:
        make_device(spec)


def test_defaults_hold_for_every_device_that_says_nothing():
    fleet = read_fleet(
        {
            "hosts": {"mail.example:25": "127.0.0.1:2525"},
            "defaults": {"username": "u", "password": "p", "dialect": "terse", "port": 2200},
            "devices": [
                {"name": "a", "address": "127.0.0.2"},
                {"name": "b", "address": "127.0.0.3", "dialect": "curl", "port": 22, "hosts": {"x": "nxdomain"}},
            ],
        }
    )
    a, b = fleet.devices
    assert (a.hostname, a.username, a.password, a.port, a.switches.dialect) == ("A", "u", "p", 2200, "terse")
    assert (b.port, b.switches.dialect) == (22, "curl")
    assert b.hosts == {"mail.example:25": "127.0.0.1:2525", "x": "nxdomain"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "fleet: is [], expected a mapping of keys to values"),
        ({"devices": {}}, "fleet: devices: is {}, expected a list"),
        ({"device": []}, "fleet: device: is not a key here, expected one of defaults, devices, hosts, mail_servers"),
        ({"devices": [{}]}, "fleet: devices[0]: name: is missing, expected a text"),
        (fleet_of(address=""), "address: is '', expected an address within 127.0.0.0/8"),
        (fleet_of(address="10.0.0.1"), "address: is '10.0.0.1', expected an address within 127.0.0.0/8"),
        (fleet_of(address="::1"), "address: is '::1', expected an address within 127.0.0.0/8"),
        (fleet_of(name="../x"), "name: is '../x', expected letters, digits"),
        (fleet_of(port=0), "port: is 0, expected a number from 1 to 65535"),
        (fleet_of(port="22"), "port: is '22', expected a number"),
        (fleet_of(model="faz-1"), "model: is 'faz-1', expected one of faz-7.0.11"),
        (fleet_of(dialect="x"), "dialect: is 'x', expected one of function, curl"),
        (fleet_of(login_delay="slow"), "login_delay: is 'slow', expected a number of seconds"),
        (fleet_of(post_login_banner="yes"), "post_login_banner: is 'yes', expected true or false"),
        (
            fleet_of(hosts={"a:25": "10.0.0.1:25"}),
            "hosts: a:25: '10.0.0.1:25' is neither the name of a mail server, 127.x.y.z:port",
        ),
        (fleet_of(utc_offset=3), "utc_offset: is '3', expected one of"),
        (fleet_of(trusted_certificates="x"), "trusted_certificates: no start line"),
        (fleet_of(typo=1), "devices[0]: typo: is not a key here"),
        ({"defaults": {"nosuch": 1}}, "fleet: defaults: nosuch: is not a key here"),
        ({"defaults": {"nosuch": 1}}, "login_text, max_sessions, model, password, ping_interval"),
        ({"mail_servers": [{"name": "m", "address": "127.0.0.1", "port": 25, "kind": "x"}]}, "kind: is 'x', expected"),
        (
            {"mail_servers": [{"name": "m", "address": "127.0.0.1", "port": 25, "hostname": "m\u00fc"}]},
            "hostname: is 'm\u00fc', expected letters, digits",
        ),
        ({"mail_servers": [{"name": "refused"}]}, "name: is 'refused', which is a fault in host maps"),
        (
            {"defaults": {"port": 22}, "devices": [{"name": name, "address": "127.0.0.2"} for name in "ab"]},
            "fleet: b: 127.0.0.2:22 is taken by a; expected another one",
        ),
    ],
)
def test_mistakes_are_one_line_that_says_where_and_what(data, message):
    with pytest.raises(FleetError) as caught:
        read_fleet(data)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(FleetError, match="No such file"):
        load_fleet(tmp_path / "nosuch.yml")
    (tmp_path / "bad.yml").write_text("a: [")
    with pytest.raises(FleetError, match=r"bad\.yml: not YAML"):
        load_fleet(tmp_path / "bad.yml")


def test_a_mail_table_the_firmware_would_refuse():
    entry = {"1": {"ssl-protocol": "tlsv1.2"}}
    [spec] = read_fleet(fleet_of(mail=entry, model="faz-7.4.2")).devices
    with pytest.raises(FleetError, match="a: mail: 1: command parse error before 'ssl-protocol'"):
        make_device(spec)
    [spec] = read_fleet(fleet_of(mail=entry, model="faz-7.6.2")).devices
    assert make_device(spec).mail.entries == entry


def test_a_mail_table_may_name_options_in_any_order():
    entry = {"local-cert": "mine", "auth-type": "certificate", "port": 26}
    [spec] = read_fleet(fleet_of(mail={"1": entry})).devices
    assert make_device(spec).mail.entries == {"1": {**entry, "port": "26"}}


def test_made_fleets_take_models_and_dialects_in_turn():
    fleet = make_fleet(300)
    assert len({device.name for device in fleet.devices}) == 300
    assert [device.model for device in fleet.devices[:7]] == list(models())


def test_a_fleet_may_be_moved():
    fleet = at_address(load_fleet(DEMO_FLEET), "127.30.0.1", 2022)
    assert [(device.address, device.port) for device in fleet.devices[:2]] == [
        ("127.30.0.1", 2022),
        ("127.30.0.2", 2022),
    ]
    for address in ("127.255.255.254", "10.0.0.1", "here"):
        with pytest.raises(FleetError, match=r"127\.0\.0\.0/8"):
            at_address(fleet, address, None)


def test_made_fleets_bring_a_relay_and_what_a_playbook_needs_for_it():
    demo = load_fleet(DEMO_FLEET)
    fleet = make_fleet(2, like=demo)
    assert fleet.mail_servers == demo.mail_servers
    for device in fleet.devices:
        [entry] = device.variables["mail_servers"]
        server = device.hosts[f"{entry['server']}:{entry['port']}"]
        [relay] = [each for each in fleet.mail_servers if each.name == server]
        assert relay.users == {entry["user"]: entry["passwd"]}


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        ("set passwd canary", "set passwd ***"),
        ('  set "passwd" "canary x', '  set "passwd" ***'),
        ("set passwd ENC canary", "set passwd ***"),
        ("set oauth2-client-secret canary", "set oauth2-client-secret ***"),
        ("set server canary", "set server canary"),
        ("unset passwd", "unset passwd"),
    ],
)
def test_traces_hold_no_secret(command, kept):
    assert without_secret(command) == kept


def test_a_trace_line_is_json():
    line = Heard("faz", 1, 2.5, "FAZ # ", "get system status").as_json()
    assert yaml.safe_load(line) == {
        "device": "faz", "session": 1, "time": 2.5, "prompt": "FAZ # ", "command": "get system status",
    }  # fmt: skip
