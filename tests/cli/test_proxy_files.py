"""The files of `till proxy`, its life as a process, and what it says."""

import asyncio
import os
import socket
import ssl
import stat
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest

from proxied import HOST, proxy
from running import PATIENCE, till
from till.cli.proxy import lines
from till.proxying.certificates import make_trust
from till.proxying.conversation import Behind
from till.proxying.names import Place
from till.proxying.proxy import Patience, Proxy, listening

NOWHERE = "http://127.0.0.1:1"


def names(bundle):
    """The issuers of the certificates in a bundle."""
    texts = bundle.read_text(encoding="utf-8").split("-----BEGIN CERTIFICATE-----")[1:]
    return [
        subprocess.run(
            ["openssl", "x509", "-noout", "-subject"],
            input=f"-----BEGIN CERTIFICATE-----{text}",
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for text in texts
    ]


def test_no_one_else_may_write_the_files_and_no_key_is_in_them(tmp_path):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    with proxy(NOWHERE, tmp_path / "files", TMPDIR=str(temporary)) as found:
        bundle, own, node = sorted(found.folder.iterdir())
        assert list(temporary.iterdir()) == []
    for file in (bundle, own, node):
        assert stat.S_IMODE(file.stat().st_mode) == 0o644
        assert b"PRIVATE" not in file.read_bytes()
    assert not stat.S_IMODE(found.folder.stat().st_mode) & 0o022
    assert "till-proxy-" in bundle.name
    assert bundle.read_bytes().endswith(own.read_bytes())


def test_the_bundle_holds_the_systems_certificates_and_ours_once(tmp_path):
    with proxy(NOWHERE, tmp_path / "files") as found:
        bundle = found.folder / "till-proxy-bundle.pem"
        first = bundle.read_bytes()
    # Started anew in a terminal whose variables name the bundle of before.
    with proxy(NOWHERE, tmp_path / "files", SSL_CERT_FILE=str(bundle)):
        assert bundle.read_bytes() != first
        issuers = names(bundle)
    assert len([issuer for issuer in issuers if "Till proxy" in issuer]) == 1
    assert len(issuers) > 50


def test_each_start_has_an_authority_of_its_own(tmp_path):
    with proxy(NOWHERE, tmp_path / "one") as one, proxy(NOWHERE, tmp_path / "two") as two:
        with one.secure() as link:
            assert link.version() == "TLSv1.3"
        trusting_one = ssl.create_default_context(cafile=one.said["environment"]["SSL_CERT_FILE"])
        with pytest.raises(ssl.SSLError), two.tunnel() as raw:
            trusting_one.wrap_socket(raw, server_hostname=HOST)


def test_a_folder_that_others_may_write_into_is_refused(tmp_path):
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    done = till("proxy", "--port", "0", "--folder", folder, check=False)
    assert done.returncode == 1
    assert "Others may write into" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(folder.iterdir()) == []


def test_a_link_in_the_folder_is_replaced_and_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "till-proxy-ca.pem").symlink_to(victim)
    with proxy(NOWHERE, folder):
        assert victim.read_text() == "precious"
        assert not (folder / "till-proxy-ca.pem").is_symlink()


def test_only_this_machine_can_reach_it(tmp_path):
    with proxy(NOWHERE, tmp_path / "files") as found, pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", found.port), timeout=PATIENCE)


def test_a_port_that_is_taken_is_refused_in_one_sentence(tmp_path):
    with proxy(NOWHERE, tmp_path / "files") as found:
        done = till("proxy", "--port", found.port, "--folder", tmp_path / "more", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"till: Port {found.port} of 127.0.0.1 cannot be had")
    assert len(done.stderr.splitlines()) == 1


def test_an_address_that_is_none_is_wrong_usage(tmp_path):
    assert till("proxy", "--to", "nonsense", "--folder", tmp_path / "f", check=False).returncode == 2


def test_it_stops_in_good_order_with_clients_on_it(tmp_path):
    with proxy(NOWHERE, tmp_path / "files") as found, found.secure():
        found.process.terminate()
        assert found.process.wait(PATIENCE) == 0
        assert found.told() == ""


@pytest.mark.parametrize(
    ("said", "patience"),
    [
        (b"", Patience(head=0.2)),
        (b"GET http://", Patience(head=0.2)),
        (f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\n".encode(), Patience(head=0.2)),
        (f"CONNECT {HOST}:80 HTTP/1.1\r\n\r\n".encode(), Patience(silence=0.2)),
        (b"CONNECT {silent} HTTP/1.1\r\n\r\n", Patience(silence=0.2)),
        (b"GET http://{silent}/ HTTP/1.1\r\n\r\n", Patience(silence=0.2)),
    ],
)
def test_nobody_is_waited_for_for_ever(tmp_path, said, patience):
    async def meet():
        tls, _ = make_trust(tmp_path)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            place = f"127.0.0.1:{silent.getsockname()[1]}".encode()
            served = Proxy(Behind(Place("127.0.0.1", 1)), tls, print, patience)
            async with listening(served, 0) as port:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(said.replace(b"{silent}", place))
                async with asyncio.timeout(30):
                    heard = await reader.read()
                writer.close()
                async with asyncio.timeout(30):
                    while served.connections:  # noqa: ASYNC110 - it has no event, and needs none
                        await asyncio.sleep(0.01)
                return heard

    heard = asyncio.run(meet())
    assert heard.startswith((b"HTTP/1.1 200", b"HTTP/1.1 502")) or heard == b""


@pytest.mark.parametrize("shell", ["/bin/bash", "/usr/bin/fish", ""])
def test_the_lines_are_of_the_shell(shell):
    named = {"HTTPS_PROXY": "http://127.0.0.1:1", "A": "/a b", "B": "b", "C": "c", "D": "d"}
    found = lines(named, shell)
    assert len(found) == 3
    if shell.endswith("fish"):
        assert found[0] == "set -gx HTTPS_PROXY http://127.0.0.1:1"
        assert found[1] == "set -gx A '/a b'; set -gx B b; set -gx C c"
    else:
        script = "\n".join([*found, 'echo "$A$D"'])
        assert subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout == b"/a bd\n"


def test_the_lines_can_be_pasted_also_where_the_folder_has_a_blank_in_its_name(tmp_path):
    out = tmp_path / "out"
    with out.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "till", "proxy", "--port", "0", "--folder", tmp_path / "a b"],
            stdout=file,
            env=os.environ | {"SHELL": "/bin/sh", "PYTHONUNBUFFERED": "1"},
        )
    until = time.monotonic() + PATIENCE
    while "Ctrl-C" not in out.read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    process.terminate()
    process.wait(PATIENCE)
    exported = [line for line in out.read_text().splitlines() if line.startswith("export ")]
    assert len(exported) == 3
    script = "\n".join([*exported, "node -p 'process.env.HTTPS_PROXY'"])
    shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert urlsplit(shown.stdout.strip()).hostname == "127.0.0.1"
