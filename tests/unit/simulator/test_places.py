# Copyright (c) 2026 The fortiops.mail maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleets find free addresses and ports, beside other fleets and on machines that have one loopback address only."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from ansible_collections.fortiops.mail.simulator import places
from ansible_collections.fortiops.mail.simulator.places import Placed, SimulationError, listen, place
from ansible_collections.fortiops.mail.simulator.specification.fleet import (
    DeviceSpec,
    Fleet,
    MailServerSpec,
    read_fleet,
)

FLEET = read_fleet(
    {
        "hosts": {"mail.example.com:587": "mail", "slow.example.com": "smtps lossy", "closed.example.com": "refused"},
        "devices": [{"name": "faz"}, {"name": "fmg"}],
        "mail_servers": [{"name": "mail"}, {"name": "smtps", "kind": "smtps"}],
    }
)


@contextmanager
def placed(fleet: Fleet) -> Iterator[Placed]:
    with closing(place(fleet)) as result:
        yield result


def where(result: Placed) -> list[tuple[str, int]]:
    return [(spec.address, spec.port) for spec in (*result.fleet.devices, *result.fleet.mail_servers)]


def answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 1).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.fixture(params=["whole 127.0.0.0/8", "127.0.0.1 only"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The loopback addresses of this machine."""

    def listen_here(address: str, port: int) -> socket.socket:
        if address != "127.0.0.1":
            raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
        return listen(address, port)

    if request.param == "127.0.0.1 only":
        monkeypatch.setattr(places, "listen", listen_here)
    return request.param


@pytest.mark.usefixtures("machine")
def test_fleets_run_side_by_side() -> None:
    with placed(FLEET) as one, placed(FLEET) as two:
        everything = where(one) + where(two)
        assert len(set(everything)) == 8
        assert all(answers(*each) for each in everything)
    assert not any(answers(*each) for each in everything)


def test_each_device_has_an_address_of_its_own_where_there_are_many(machine: str) -> None:
    with placed(FLEET) as result:
        addresses = {address for address, __ in where(result)}
    assert len(addresses) == (3 if machine == "whole 127.0.0.0/8" else 1)


def test_names_lead_to_the_mail_servers_of_the_fleet() -> None:
    with placed(FLEET) as result:
        mail, smtps = result.fleet.mail_servers
        for device in result.fleet.devices:
            assert device.hosts == {
                "mail.example.com:587": f"{mail.address}:{mail.port}",
                "slow.example.com": f"{smtps.address}:{smtps.port} lossy",
                "closed.example.com": "refused",
            }


def test_what_the_fleet_names_is_taken_or_refused_and_nothing_is_left_listening() -> None:
    with closing(listen("127.0.0.1", 0)) as used:
        port = used.getsockname()[1]
        fleet = Fleet((DeviceSpec("free", "FREE"), DeviceSpec("faz", "FAZ", "127.0.0.1", port)))
        seen: list[socket.socket] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(places, "listen", lambda *place: seen.append(listen(*place)) or seen[-1])
            with pytest.raises(SimulationError, match=rf"^faz: cannot listen on 127\.0\.0\.1:{port}: .+"):
                place(fleet)
        assert [listener.fileno() for listener in seen] == [-1]
    with placed(fleet) as result:
        assert where(result)[1] == ("127.0.0.1", port)


def test_a_port_that_is_not_named_is_free_at_the_address_that_is() -> None:
    fleet = Fleet(
        (DeviceSpec("one", "ONE", "127.0.0.1"), DeviceSpec("two", "TWO", "127.0.0.1")),
        (MailServerSpec("mail", "127.0.0.1"),),
    )
    with placed(fleet) as result:
        assert {address for address, __ in where(result)} == {"127.0.0.1"}
        assert len({port for __, port in where(result)}) == 3
