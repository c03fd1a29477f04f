"""A certificate authority that lives as long as the proxy, and the files by which apps come to trust it."""

import datetime as dt
import os
import ssl
import stat
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import trustme

from till.errors import Invalid
from till.proxying.names import BASES

LEAF_LASTS = dt.timedelta(days=90)


class UnsafeFolder(Invalid):
    """Others could put a certificate of theirs into the folder."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The files: our certificate alone, the system's and ours in one, and what Node has to load first."""

    certificate: Path
    bundle: Path
    node: Path


def make_trust(folder: Path) -> tuple[ssl.SSLContext, Trust]:
    """A new authority: the TLS that speaks for Genstore's hosts by it, and its files in `folder`.

    The authority's key is in memory only, and forgotten when this returns: one certificate holds all names.
    """
    authority = trustme.CA(organization_name="Till proxy", organization_unit_name="throw-away, this run only")
    now = dt.datetime.now(dt.UTC)
    leaf = authority.issue_cert(
        *(name for base in BASES for name in (base, f"*.{base}")),
        not_before=now - dt.timedelta(days=1),
        not_after=now + LEAF_LASTS,
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.set_alpn_protocols(["http/1.1"])
    leaf.configure_cert(tls)
    return tls, _write(folder, authority.cert_pem.bytes())


def _write(folder: Path, own: bytes) -> Trust:
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    found = folder.stat()
    if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnsafeFolder(
            f"Others may write into {folder}, and could have apps trust them: name another with --folder."
        )
    trust = Trust(
        folder / "till-proxy-ca.pem", folder / "till-proxy-bundle.pem", folder / "till-proxy-node.cjs"
    )
    _put(trust.certificate, own)
    _put(trust.bundle, _of_the_system(trust.bundle) + b"\n" + own)
    _put(trust.node, (resources.files("till.proxying") / "node.cjs").read_bytes())
    return trust


def _put(path: Path, content: bytes) -> None:
    """Have the whole of `content` at `path`, or what was there before; never a part, never through a link."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(number, "wb") as file:
        file.write(content)
        os.fchmod(number, 0o644)
    Path(name).replace(path)


def _of_the_system(bundle: Path) -> bytes:
    """The certificates that this machine trusts, in PEM; a bundle of ours is none of its own."""
    paths = ssl.get_default_verify_paths()
    for name in (paths.cafile, paths.openssl_cafile):
        if name and Path(name).is_file() and Path(name).absolute() != bundle.absolute():
            return Path(name).read_bytes()
    held = ssl.create_default_context().get_ca_certs(binary_form=True)
    return "".join(map(ssl.DER_cert_to_PEM_cert, held)).encode()
