"""Faults that are not the receiver's, and the limits that the sender keeps."""

import asyncio
import contextlib
import resource
import socket

import pytest

from byte_receiver import FINE, a_post, never, receiving, sending
from till.deliveries.outcome import ErrorClass


def test_a_closed_port_is_no_connection(run):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

        async def main():
            async with sending() as sender:
                return await sender.post(a_post(f"http://127.0.0.1:{port}/"))

        outcome = run(main())
    assert (outcome.error, outcome.dialled) == (ErrorClass.CONNECT, f"127.0.0.1:{port}")
    assert outcome.sentence == f"No connection to 127.0.0.1:{port}: Connection refused."


def test_no_file_handle_is_a_fault_of_ours(run):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def main():
        async with receiving() as receiver, sending(look_up=lambda _: ["127.0.0.1"]) as sender:
            await asyncio.get_running_loop().run_in_executor(None, lambda: None)
            held = []
            resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
            try:
                with contextlib.suppress(OSError):
                    while True:
                        held.append(socket.socket())
                outcome = await sender.post(a_post(receiver.url()))
            finally:
                for each in held:
                    each.close()
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            return outcome, await sender.post(a_post(receiver.url()))

    outcome, after = run(main())
    assert outcome.error is ErrorClass.OURS
    assert "Too many open files" in outcome.sentence
    assert after.is_delivered


def test_what_is_cut_off_by_a_stop_is_a_fault_of_ours(run):
    async def main():
        async with receiving(never) as receiver, sending() as sender:
            sent = asyncio.create_task(sender.post(a_post(receiver.url())))
            await receiver.asked.wait()
            await sender.close()
            return await sent, await sender.post(a_post(receiver.url()))

    cut, late = run(main())
    assert (cut.error, late.error) == (ErrorClass.OURS, ErrorClass.OURS)
    assert "stopped" in cut.sentence


def test_a_cancellation_is_the_one_thing_that_is_raised(run):
    async def main():
        async with receiving(never) as receiver, sending() as sender:
            sent = asyncio.create_task(sender.post(a_post(receiver.url())))
            await receiver.asked.wait()
            sent.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sent

    run(main())


def test_no_more_than_sixteen_connections_go_to_one_host(run):
    most = now = 0

    async def slow(request, writer, receiver):
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        writer.write(FINE)

    async def main():
        async with receiving(slow) as receiver, sending() as sender:
            return await asyncio.gather(*(sender.post(a_post(receiver.url())) for _ in range(64)))

    assert all(each.is_delivered for each in run(main()))
    assert most == 16


def test_who_waits_for_a_connection_until_the_end_has_not_failed(run):
    async def main():
        async with receiving(never) as receiver, sending() as sender:
            full = [asyncio.create_task(sender.post(a_post(receiver.url(), timeout=10))) for _ in range(16)]
            while len(receiver.requests) < 16:  # noqa: ASYNC110 - they are another's
                await asyncio.sleep(0.01)
            late = await sender.post(a_post(receiver.url(), timeout=1))
            return late, await asyncio.gather(*full), len(receiver.requests)

    late, full, asked = run(main())
    assert (late.error, asked) == (ErrorClass.OURS, 16)
    assert late.sentence == "No connection was free for 1 s. The attempt is not counted."
    assert {each.error for each in full} == {ErrorClass.TIMEOUT}
