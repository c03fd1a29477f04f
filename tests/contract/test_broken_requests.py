"""Every operation of the table against everything that is not a request, and what that costs."""

import gzip
from itertools import pairwise
from pathlib import Path

import pytest
from matrix import READS, WRITES, body_of, named, path_of

from till.slices import ENDPOINTS

MOST_GROWTH = 5 * 1024 * 1024


def resident(pid):
    """How much memory a process holds, in bytes."""
    with Path(f"/proc/{pid}/smaps_rollup").open(encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Rss:"))


BROKEN = {
    "nested 100,000 deep": b"[" * 100_000,
    "objects nested 100,000 deep": b'{"order":' * 100_000 + b"1" + b"}" * 100_000,
    "nested deep in a list's string": b'{"order":{"lineItems":"' + b"[" * 100_000 + b'"}}',
    "NaN": b'{"order":{"totalPrice":NaN}}',
    "Infinity": b'{"order":{"totalPrice":-Infinity}}',
    "a name twice": b'{"order":{"note":"a","note":"b"}}',
    "UTF-16": '{"order":{}}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"order":{}}',
    "half a surrogate pair": rb'{"order":{"note":"\ud800"}}',
    "a raw surrogate": b'{"order":{"note":"\xed\xa0\x80"}}',
    "bytes after the end": b'{"order":{}} {}',
    "Latin-1": '{"order":{"note":"café"}}'.encode("latin-1"),
    "a number of a million digits": b'{"order":{"totalPrice":' + b"9" * 1_000_000 + b"}}",
    "a fraction of a million digits": b'{"order":{"totalPrice":1.' + b"9" * 1_000_000 + b"}}",
    "a huge exponent": b'{"order":{"totalPrice":1e999999999}}',
    "half a document": b'{"order":{"note":"',
    "a form": b"order[note]=a",
    "a list": b"[]",
    "a word": b'"order"',
    "a million unknown names": b'{"order":{' + b",".join(b'"n%d":1' % n for n in range(100_000)) + b"}}",
}


def bare(path):
    """A path without its query."""
    return path.partition("?")[0]


# A megabyte that would be a gigabyte.
BOMB = gzip.compress(bytes(1 << 24)) * 64


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("endpoint", WRITES, ids=named)
def test_34_a_broken_body_is_refused(ask, people, own, endpoint, name):
    path = path_of(endpoint, own)
    reply = ask(endpoint.method, path, token=people.good, raw=BROKEN[name])
    assert reply.status in (400, 422)
    assert len(reply.body) < 20_000_000


@pytest.mark.parametrize("endpoint", WRITES, ids=named)
def test_34_a_body_of_ten_megabytes_is_too_large(ask, people, own, endpoint):
    raw = b'{"order":{"note":"' + b"a" * 10_000_000 + b'"}}'
    reply = ask(endpoint.method, path_of(endpoint, own), token=people.good, raw=raw)
    # The files of a theme may be as long, but are no order.
    assert reply.status == (413 if endpoint.longest is None else 422)


@pytest.mark.parametrize("endpoint", [each for each in WRITES if each.longest], ids=named)
def test_34_what_may_be_long_may_not_be_longer(ask, people, own, endpoint):
    path, length = path_of(endpoint, own), str(endpoint.longest + 1)
    reply = ask(endpoint.method, path, token=people.good, raw=b"", Content_Length=length)
    assert reply.status == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Type": "application/json; charset=utf-16"},
        {"Content_Encoding": "gzip"},
        {"Content_Encoding": "br"},
    ],
)
@pytest.mark.parametrize("endpoint", WRITES, ids=named)
def test_34_only_plain_json_is_taken(ask, people, own, endpoint, headers):
    raw = gzip.compress(b"{}") if "Content_Encoding" in headers else b"{}"
    reply = ask(endpoint.method, path_of(endpoint, own), token=people.good, raw=raw, **headers)
    assert reply.status == 415


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_another_method_is_told_which_there_are(ask, people, endpoint):
    there = sorted(each.method for each in ENDPOINTS if each.path == endpoint.path)
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - set(there):
        reply = ask(method, path_of(endpoint), token=people.good)
        assert (reply.status, reply.headers["allow"]) == (405, ", ".join(there))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_an_unknown_version_and_an_unknown_path_say_which_it_is(ask, people, endpoint):
    version = ask(endpoint.method, path_of(endpoint).replace("202412", "209901"), token=people.good)
    path = ask(endpoint.method, bare(path_of(endpoint)) + "/none/none", token=people.good)
    assert (version.status, version.json["code"]) == (404, "unknown_version")
    assert (path.status, path.json["code"]) == (404, "unknown_path")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_an_unknown_query_parameter_is_named_with_the_nearest(ask, people, own, endpoint):
    path = bare(path_of(endpoint, own))
    reply = ask(endpoint.method, f"{path}?finacialStatus=paid", token=people.good, body=body_of(endpoint))
    assert (reply.status, set(reply.json["errors"])) == (400, {"finacialStatus"})
    has_it = "financial_status" in getattr(endpoint.query, "__struct_fields__", ())
    assert has_it is ("'financialStatus'" in reply.json["error"])


@pytest.mark.parametrize(
    "query", ["status=open&status=open", "status=%ff", "&".join(f"p{n}=1" for n in range(200))]
)
@pytest.mark.parametrize("endpoint", READS, ids=named)
def test_a_query_that_is_none_is_refused(ask, people, own, endpoint, query):
    assert ask("GET", f"{bare(path_of(endpoint, own))}?{query}", token=people.good).status == 400


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_a_header_that_cannot_be_read_is_refused(ask, people, own, endpoint):
    path = path_of(endpoint, own)
    wrong = [{"X_Genstore_Fidelity": "loud"}]
    wrong += [{"Idempotency_Key": "k" * 256}, {"Idempotency_Key": "\xe9"}] if endpoint.writes else []
    for headers in wrong:
        reply = ask(endpoint.method, path, token=people.good, body=body_of(endpoint), **headers)
        assert reply.status == 400, headers


def test_34_the_server_keeps_nothing_of_all_that(ask, people, own, server):
    def lot():
        for endpoint in WRITES:
            path = path_of(endpoint, own)
            for raw in BROKEN.values():
                ask(endpoint.method, path, token=people.good, raw=raw)
            raw = b'{"order":{"note":"' + b"a" * 10_000_000 + b'"}}'
            ask(endpoint.method, path, token=people.good, raw=raw)
            reply = ask(endpoint.method, path, token=people.good, raw=BOMB, Content_Encoding="gzip")
            assert reply.status == 415

    sizes = []
    for _ in range(5):
        lot()
        sizes.append(resident(server.pid))
    # What is kept is kept each time; how much the allocator holds goes up and down.
    assert min(after - before for before, after in pairwise(sizes)) < MOST_GROWTH, sizes
    assert ask("GET", "/api/202412/orders/count", token=people.good).status == 200
