from __future__ import annotations

import socket

from scripts.devtools.http.ports import free_port

FIRST_EPHEMERAL = 32_768


def test_free_ports_differ_and_are_none_of_those_given_to_connections() -> None:
    ports = [free_port() for _ in range(50)]

    assert len({*ports}) == 50
    assert all(1_024 < port < FIRST_EPHEMERAL for port in ports)


def test_a_free_port_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as listener:
        assert listener.getsockname()[1] < FIRST_EPHEMERAL
