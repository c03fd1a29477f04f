"""Receivers that do as they are told, byte by byte, and certificates for them."""

import asyncio
import contextlib
import datetime as dt
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from till.deliveries.guard import Rules
from till.deliveries.outcome import Post
from till.deliveries.sender import Sender

HERE = Rules(plain_http=True, loopback=True)
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Request:
    line: str
    headers: list
    body: bytes

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass
class Receiver:
    """What it was asked; `connections` counts those that were opened to it."""

    port: int = 0
    requests: list = field(default_factory=list)
    connections: int = 0
    written: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path="/hook", *, scheme="http", host="127.0.0.1"):
        return f"{scheme}://{host}:{self.port}{path}"


async def read_request(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = [tuple(line.split(": ", 1)) for line in head[1:] if line]
    request = Request(head[0], headers, b"")
    request.body = await reader.readexactly(int(request.header("content-length") or 0))
    return request


@contextlib.asynccontextmanager
async def receiving(answer=FINE, *, tls=None):
    """A receiver on loopback; `answer` is what it says to each request, or a coroutine that talks itself."""
    receiver, busy = Receiver(), set()

    async def talk(reader, writer):
        receiver.connections += 1
        busy.add(asyncio.current_task())
        try:
            while True:
                request = await read_request(reader)
                receiver.requests.append(request)
                receiver.asked.set()
                if callable(answer):
                    await answer(request, writer, receiver)
                else:
                    writer.write(answer)
                    await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            busy.discard(asyncio.current_task())
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in list(busy):
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


@contextlib.asynccontextmanager
async def sending(rules=HERE, **options):
    sender = Sender(rules, **options)
    try:
        yield sender
    finally:
        await sender.close()


def a_post(
    address, *, body=b'{"order":{"id":1}}', timeout=5.0, headers=(("X-Genstore-Topic", "orders/paid"),)
):
    return Post(address=address, headers=headers, body=body, timeout=timeout)


async def posted(answer=FINE, *, tls=None, rules=HERE, budget=5.0, **options):
    """One post to a receiver that answers so: the outcome, and the receiver."""
    async with receiving(answer, tls=tls) as receiver, sending(rules, **options) as sender:
        address = receiver.url(scheme="http" if tls is None else "https", host="localhost")
        return await sender.post(a_post(address, timeout=budget)), receiver


class Authority:
    """An authority of our own in `folder`; `ca` is its certificate's file."""

    def __init__(self, folder):
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        made = self._certificate(self.name, self.key.public_key())
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def server(self, *names, days=1, newest=ssl.TLSVersion.TLSv1_3):
        """The TLS of a server that goes by `names`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        made = self._certificate(subject, key.public_key(), days=days)
        spelled = [
            x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names
        ]
        made = made.add_extension(x509.SubjectAlternativeName(spelled), critical=False)
        path = self.folder / f"{names[0]}.pem"
        path.write_bytes(
            made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if newest < ssl.TLSVersion.TLSv1_2:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = newest
        context.maximum_version = newest
        context.load_cert_chain(path)
        return context

    def _certificate(self, subject, public, *, days=1):
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=9))
            .not_valid_after(now + dt.timedelta(days=days))
        )


async def never(request, writer, receiver):
    await asyncio.Event().wait()


async def for_ever(request, writer, receiver):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


def closing(said, *, pause=0):
    """A talk that says something, with a pause in it, and hangs up."""

    async def talk(request, writer, receiver):
        for piece in (said[:52], said[52:]) if pause else (said,):
            await asyncio.sleep(pause)
            writer.write(piece)
            await writer.drain()
        raise ConnectionAbortedError

    return talk
