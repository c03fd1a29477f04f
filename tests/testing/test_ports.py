"""Ports for servers of tests."""

import socket

from till.testing.ports import LOWEST, RANGE, USUAL, free_port


def test_a_free_port_can_be_listened_at_and_is_none_that_is_given_to_connections():
    given_from = int(RANGE.read_text().split()[0]) if RANGE.exists() else USUAL
    for _ in range(50):
        port = free_port()
        assert port >= LOWEST
        assert port < given_from or given_from <= 2 * LOWEST
        socket.create_server(("127.0.0.1", port)).close()


def test_a_port_that_somebody_listens_at_is_not_answered(monkeypatch):
    with socket.create_server(("127.0.0.1", free_port())) as taken, socket.socket() as probe:
        other, drawn = free_port(), iter([taken.getsockname()[1]])
        monkeypatch.setattr("random.SystemRandom.randrange", lambda *_: next(drawn, other))
        assert free_port() == other
        probe.bind(("127.0.0.1", other))
