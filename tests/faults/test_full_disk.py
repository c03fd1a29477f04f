"""The disk is full: writes are refused with 503, reads go on, and all resumes once there is room again."""

import contextlib
import resource
import shutil
import subprocess
import time

import pytest
from checker import Evidence, check
from fault_clients import OrderLog, at_work
from fault_feed import getter, pages

from running import serve

SIZE = 6_000_000
PATIENCE = 60


@contextlib.contextmanager
def limited_files(server, folder):
    """No file of the server's grows any further, as if there were no room for more."""
    longest = max(each.stat().st_size for each in folder.iterdir())
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (longest + 8_192, resource.RLIM_INFINITY))
    yield
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextlib.contextmanager
def small_disk(server, folder):
    """What is left of a small disk is taken by another file."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))
    yield
    ballast.unlink()


@pytest.fixture(params=[limited_files, small_disk])
def full(request, stocked, tmp_path):
    """How the disk is full, and the folder on it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        if request.param is small_disk:
            mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder]
            if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
                pytest.skip("a small disk can be mounted by root alone")
            stack.callback(subprocess.run, ["umount", "-l", folder], check=True)
        shutil.copytree(stocked.folder, folder, dirs_exist_ok=True)
        yield request.param, folder


def until(holds):
    """Wait until something holds, which may take a while on a busy machine."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_05_a_full_disk_refuses_writes_and_is_survived(stocked, full):
    filled, folder = full
    shop, log = stocked.shop, OrderLog()
    with serve(folder) as server:
        get = getter(server.url, shop.accessToken)
        with at_work(server.url, shop.accessToken, log, "full", pause=0.005):
            until(lambda: log.acknowledged > 20)
            with filled(server, folder):
                until(lambda: log.refused[503, True] > 20)
                assert len(get("/orders")["orders"]) > 0
                assert get("/events?limit=1")["events"]
            before = log.acknowledged
            until(lambda: log.acknowledged > before + 20)
        assert {key for key in log.refused if key[0] != 422} == {(503, True)}
        found = check(Evidence(asked=log.all(), pages=pages(get)))
    assert found == []
    with serve(folder) as server:
        again = Evidence(asked=log.all(), pages=pages(getter(server.url, shop.accessToken)))
    assert check(again) == []
