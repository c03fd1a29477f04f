"""The headers of a delivery, and those that an app may add."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byte_receiver import a_post, receiving, sending
from till.deliveries.envelope import (
    RESERVED,
    USER_AGENT,
    BadHeader,
    Envelope,
    check_own_headers,
    headers,
    spell_id,
    spell_moment,
)
from till.deliveries.signature import Secrets

NOON = 1_767_268_800_000_000
ENVELOPE = Envelope(
    topic="orders/paid",
    shop_domain="demo.genmystore.com",
    shop_id=271828182845904,
    api_version="202412",
    delivery_id=bytes.fromhex("019b6d2e7c007a318e5f3c2b1a098765"),
    event_id=bytes.fromhex("019b6d2e7bff7a318e5f3c2b1a098765"),
    triggered_at=NOON + 42,
    resource_version=7,
    attempt=2,
    secrets=Secrets(current="secret"),
    at=NOON + 999_999,
)


def test_every_header_that_was_promised_is_there():
    told = headers(ENVELOPE, b"{}")
    assert dict(told) == {
        "User-Agent": USER_AGENT,
        "Content-Type": "application/json; charset=utf-8",
        "X-Genstore-Topic": "orders/paid",
        "X-Genstore-Shop-Domain": "demo.genmystore.com",
        "X-Genstore-Shop-Id": "271828182845904",
        "X-Genstore-Api-Version": "202412",
        "X-Genstore-Webhook-Id": "019b6d2e-7c00-7a31-8e5f-3c2b1a098765",
        "X-Genstore-Event-Id": "019b6d2e-7bff-7a31-8e5f-3c2b1a098765",
        "X-Genstore-Triggered-At": "2026-01-01T12:00:00.000042Z",
        "X-Genstore-Delivery-Attempt": "2",
        "X-Genstore-Resource-Version": "7",
        "X-Genstore-Hmac-Sha256": "dzJZAsrKgS3CWXM6rNBGtzgXNyx3e42VtAJkdHRRbhM=",
        "webhook-id": "019b6d2e-7c00-7a31-8e5f-3c2b1a098765",
        "webhook-timestamp": "1767268800",
        "webhook-signature": "v1,nfdioMZbhh5owArKSIei4ZcOGq2wi5vLWGY5OsXeKJU=",
    }
    assert len(told) == len({name.lower() for name, _ in told})
    assert USER_AGENT.startswith("Till/")


def test_a_gap_is_told_only_where_there_is_one():
    gap = Envelope(**{name: getattr(ENVELOPE, name) for name in ENVELOPE.__struct_fields__} | {"gap": True})
    assert ("X-Genstore-Order-Gap", "1") in headers(gap, b"{}")
    assert not any(name == "X-Genstore-Order-Gap" for name, _ in headers(ENVELOPE, b"{}"))


@pytest.mark.parametrize(
    ("micros", "spelled"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (NOON, "2026-01-01T12:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_moments_are_told_to_the_microsecond(micros, spelled):
    assert spell_moment(micros) == spelled


@given(st.uuids())
def test_ids_are_spelled_with_dashes(uuid):
    assert spell_id(uuid.bytes) == str(uuid)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"Authorization": "Bearer abc"},
        {"X-Api-Key": "k", "x-shop": "a b\tc", "Cookie": "a=b", "Accept": "application/json"},
        {f"X-{number}": "" for number in range(20)},
        {"X": "~" * 1_024},
    ],
)
def test_own_headers_are_taken_as_they_are(given):
    assert dict(check_own_headers(given)) == given


@pytest.mark.parametrize(
    ("given", "field"),
    [
        *(({name: "v"}, f"webhook.headers.{name}") for name in sorted(RESERVED)),
        *(
            ({name: "v"}, f"webhook.headers.{name}")
            for name in (
                *("X-Genstore-Topic", "WEBHOOK-ID", "Proxy-Authorization"),
                *("x_genstore_topic", "Webhook_id", "X-Genstore_Shop-Id", "content_length"),
            )
        ),
        *(
            ({name: "v"}, "webhook.headers")
            for name in ("", " ", "a b", "a:b", "a\r\nb", "é", "a(b)", "x" * 129, "x_shop", "a.b", "a~")
        ),
        *(
            ({"X": value}, "webhook.headers.X")
            for value in ("a\r\nB: c", "a\nb", "a\0", " a", "a ", "é", "🧾", "\x7f")
        ),
        ({"X": "v" * 1_025}, "webhook.headers.X"),
        ({"X-A": "1", "x-a": "2"}, "webhook.headers.x-a"),
        ({f"X-{number}": "" for number in range(21)}, "webhook.headers"),
    ],
)
def test_own_headers_that_cannot_be_sent_are_refused(given, field):
    with pytest.raises(BadHeader) as refused:
        check_own_headers(given)
    assert list(refused.value.fields) == [field]
    assert refused.value.message.endswith(".")


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=20), max_size=3))
def test_whatever_is_taken_stays_one_line(given):
    try:
        taken = check_own_headers(given, field="f")
    except BadHeader:
        return
    for name, value in taken:
        assert name.isascii()
        assert not set(name + value) & set("\r\n\0:") - set(":" if ":" in value else "")


def test_own_headers_arrive_beside_tills(run):
    own = check_own_headers({"Authorization": "Bearer abc", "X-Shop": "a b"})
    told = headers(
        Envelope(**{name: getattr(ENVELOPE, name) for name in ENVELOPE.__struct_fields__} | {"own": own}),
        b"{}",
    )

    async def main():
        async with receiving() as receiver, sending() as sender:
            assert (await sender.post(a_post(receiver.url(), body=b"{}", headers=told))).is_delivered
            return receiver.requests[0]

    request = run(main())
    for name, value in told:
        assert [each for key, each in request.headers if key.lower() == name.lower()] == [value]
