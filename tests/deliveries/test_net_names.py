"""Names and what they lead to at the moment of the dial (delivery.md §10: 17 and 18)."""

import asyncio
import socket
import threading
import time

import pytest

from byte_receiver import a_post, receiving, sending
from till.deliveries import dial, names
from till.deliveries.addresses import Allowed, read_address, read_networks
from till.deliveries.guard import Rules
from till.deliveries.outcome import ErrorClass

ONLY_ONE = Rules(plain_http=True, allow=read_networks(["127.0.0.1/32"]))
PUBLIC_HTTP = Rules(plain_http=True)


def failing(number):
    def look_up(name):
        raise socket.gaierror(number, "as told")

    return look_up


@pytest.fixture
def dialled(monkeypatch):
    """Where sockets would have been connected to; none is, whatever the address."""
    to = []

    class Stub(socket.socket):
        def bind(self, _):
            raise OSError(99, "no address of this host")

    async def connect(loop, exceptions, found, *rest):
        (rest[-1] or Stub)(found).close()
        to.append(found[-1][0])
        exceptions.append([error := OSError(111, "stubbed")])
        raise error

    monkeypatch.setattr(socket, "socket", Stub)
    monkeypatch.setattr("aiohappyeyeballs.impl._connect_sock", connect)
    return to


@pytest.mark.parametrize(
    "answers", [["127.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["::1", "1.1.1.1"], ["10.0.0.1"]]
)
def test_17_a_name_is_refused_if_any_of_its_answers_is_forbidden(run, dialled, answers):
    async def main():
        async with receiving() as receiver, sending(PUBLIC_HTTP, look_up=lambda _: answers) as sender:
            outcomes = [await sender.post(a_post(receiver.url(host="mixed.example"))) for _ in range(3)]
            return outcomes, receiver.connections

    outcomes, connections = run(main())
    assert {each.error for each in outcomes} == {ErrorClass.FORBIDDEN_ADDRESS}
    assert (connections, dialled) == (0, [])


def test_17_a_name_that_turns_inward_is_followed_to_neither(run, dialled, monkeypatch):
    """Public when the subscription is made, loopback when it is dialled: TTL 0, so to say."""
    monkeypatch.setattr(names, "REMEMBERED", 0.0)
    answers = iter([["1.1.1.1"], ["127.0.0.1"], ["127.0.0.1"], ["1.1.1.1"]])

    async def main():
        async with receiving() as receiver, sending(PUBLIC_HTTP, look_up=lambda _: next(answers)) as sender:
            outcomes = [await sender.post(a_post(receiver.url(host="turning.example"))) for _ in range(4)]
            return outcomes, receiver.connections

    outcomes, connections = run(main())
    assert [each.error for each in outcomes] == [
        *(ErrorClass.CONNECT, ErrorClass.FORBIDDEN_ADDRESS, ErrorClass.FORBIDDEN_ADDRESS, ErrorClass.CONNECT)
    ]
    assert (connections, dialled) == (0, ["1.1.1.1", "1.1.1.1"])


def test_17_what_was_resolved_is_what_is_dialled(run, dialled):
    """Nobody asks for the name again between the check and the connection."""
    asked = []

    def look_up(name):
        asked.append(name)
        return ["1.1.1.1", "2606:4700::1111", "1.0.0.1"]

    async def main():
        async with sending(PUBLIC_HTTP, look_up=look_up) as sender:
            return [await sender.post(a_post("http://many.example/")) for _ in range(2)]

    outcomes = run(main())
    assert {each.error for each in outcomes} == {ErrorClass.CONNECT}
    assert asked == ["many.example"]
    assert set(dialled) == {"1.1.1.1", "2606:4700::1111", "1.0.0.1"}


def test_18_what_the_allow_list_names_is_delivered_to_and_metadata_is_not(run):
    answers = {
        "inside.example": ["127.0.0.1"],
        "metadata.example": ["169.254.169.254"],
        "near.example": ["127.0.0.2"],
    }

    async def main():
        async with receiving() as receiver, sending(ONLY_ONE, look_up=answers.get) as sender:
            hosts = ["127.0.0.1", "inside.example", "metadata.example", "near.example", "169.254.169.254"]
            outcomes = [await sender.post(a_post(receiver.url(host=host))) for host in hosts]
            return outcomes, receiver.connections

    outcomes, connections = run(main())
    assert [each.error for each in outcomes] == [
        *(None, None, ErrorClass.FORBIDDEN_ADDRESS, ErrorClass.FORBIDDEN_ADDRESS, ErrorClass.REFUSED_ADDRESS)
    ]
    assert connections == 2


def test_an_address_of_this_host_is_forbidden_though_it_be_public(run, monkeypatch):
    """Loopback stands in for a public address of this host: the table is told that it is common."""
    monkeypatch.setattr(dial, "is_forbidden", lambda *_: False)
    monkeypatch.setattr(names, "is_forbidden", lambda *_: False)

    async def main():
        async with receiving() as receiver, sending(PUBLIC_HTTP, look_up=lambda _: ["127.0.0.1"]) as sender:
            return await sender.post(a_post(receiver.url(host="own.example"))), receiver.connections

    outcome, connections = run(main())
    assert (outcome.error, connections) == (ErrorClass.FORBIDDEN_ADDRESS, 0)
    assert "an address of this server itself" in outcome.sentence


def test_this_host_knows_its_own_addresses():
    assert dial.is_own(read_address("127.0.0.1"))
    assert not dial.is_own(read_address("192.0.2.1"))
    assert not dial.is_own(read_address("2001:db8::1"))


@pytest.mark.parametrize("number", [socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_FAIL])
def test_a_name_without_an_address_is_the_receivers_fault(run, number):
    async def main():
        async with sending(PUBLIC_HTTP, look_up=failing(number)) as sender:
            return await sender.post(a_post("http://typo.example/"))

    outcome = run(main())
    assert (outcome.error, outcome.timings.connect) == (ErrorClass.DNS, None)
    assert outcome.sentence == "The name typo.example has no address: check its spelling."
    assert outcome.timings.dns > 0


def test_a_resolver_that_answers_nobody_is_a_fault_of_ours(run):
    async def main():
        async with sending(PUBLIC_HTTP, look_up=failing(socket.EAI_AGAIN)) as sender:
            return await sender.post(a_post("http://any.example/"))

    outcome = run(main())
    assert outcome.error is ErrorClass.OURS
    assert outcome.sentence == "The resolver of this server does not answer. The attempt is not counted."


def test_a_name_that_stays_silent_where_others_do_not_is_the_receivers_fault(run, dialled):
    def look_up(name):
        return ["1.1.1.1"] if name == "well.example" else failing(socket.EAI_AGAIN)(name)

    async def main():
        async with sending(PUBLIC_HTTP, look_up=look_up) as sender:
            return [await sender.post(a_post(f"http://{name}.example/")) for name in ("well", "silent")]

    well, silent = run(main())
    assert well.error is ErrorClass.CONNECT
    assert silent.error is ErrorClass.DNS
    assert "its name servers do not answer" in silent.sentence


def test_a_look_up_is_given_up_after_two_seconds_and_others_go_on(run, dialled, monkeypatch):
    free = threading.Event()

    def look_up(name):
        if name != "well.example":
            free.wait(60)
        return ["1.1.1.1"]

    async def main():
        async with sending(PUBLIC_HTTP, look_up=look_up) as sender:
            with monkeypatch.context() as patient:
                patient.setattr(names, "BUDGET", 60)
                slower = asyncio.create_task(sender.post(a_post("http://slower.example/", timeout=60)))
                await asyncio.sleep(0)
                well = await sender.post(a_post("http://well.example/"))
                assert not slower.done()
            slower.cancel()
            return await sender.post(a_post("http://slow.example/", timeout=60)), well

    slow, well = run(main())
    free.set()
    assert well.error is ErrorClass.CONNECT
    assert slow.error is ErrorClass.DNS
    assert 1_900_000 < slow.timings.dns < 30_000_000


def test_no_thread_for_a_look_up_is_a_fault_of_ours(run, dialled):
    free = threading.Event()

    def look_up(name):
        free.wait(5)
        return ["1.1.1.1"]

    async def main():
        async with sending(PUBLIC_HTTP, look_up=look_up) as sender:
            posts = [a_post(f"http://name-{number}.example/") for number in range(names.THREADS + 1)]
            return await asyncio.gather(*map(sender.post, posts))

    *_, last = run(main())
    free.set()
    assert last.error is ErrorClass.OURS
    assert last.sentence == "No thread was free to look the name up. The attempt is not counted."


def test_a_name_is_looked_up_once_however_many_ask(run):
    asked = []

    def look_up(name):
        asked.append(name)
        time.sleep(0.05)
        return ["127.0.0.1"]

    async def main():
        async with receiving() as receiver, sending(ONLY_ONE, look_up=look_up) as sender:
            address = receiver.url(host="inside.example")
            first = await asyncio.gather(*(sender.post(a_post(address)) for _ in range(8)))
            return [*first, await sender.post(a_post(address))]

    assert all(each.is_delivered for each in run(main()))
    assert asked == ["inside.example"]


def test_names_are_forgotten_after_a_while_and_when_there_are_too_many(run, monkeypatch):
    asked = []

    def look_up(name):
        asked.append(name)
        return ["1.1.1.1"]

    async def main():
        monkeypatch.setattr(names, "MOST_NAMES", 2)
        found = names.Names(Allowed(), look_up)
        names.MARKS.set(names.Marks())
        for name in ("a", "b", "a", "c", "a"):
            await found.resolve(name)
        await asyncio.sleep(0)
        await found.resolve("b")
        later = time.monotonic() + names.REMEMBERED + 1
        monkeypatch.setattr(time, "monotonic", lambda: later)
        await found.resolve("b")
        await found.close()

    run(main())
    assert asked == ["a", "b", "c", "a", "b", "b"]


def test_the_systems_own_resolver_is_asked():
    assert "127.0.0.1" in names.system_look_up("localhost")
