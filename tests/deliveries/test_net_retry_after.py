"""Retry-After in all its forms (delivery.md §10: 21)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.clock import SECOND
from till.deliveries.retry_after import read_retry_after

AT = 784_111_777 * SECOND  # Sun, 06 Nov 1994 08:49:37 GMT
NOW = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *(("120", 120), ("0", 0), (" 7 ", 7), ("0000000010", 10), ("1000000000", 1_000_000_000)),
        ("Sun, 06 Nov 1994 08:51:37 GMT", 120),
        ("Sunday, 06-Nov-94 08:51:37 GMT", 120),
        ("Sun Nov  6 08:51:37 1994", 120),
        ("Mon, 07 Nov 1994 08:49:37 GMT", 86_400),
    ],
)
def test_21_seconds_and_dates_are_read(value, seconds):
    assert read_retry_after(value, date=None, at=AT) == seconds


@pytest.mark.parametrize(
    "value",
    [
        *("-1", "1e9", "abc", "", " ", "1.5", "+5", "0x10", "10 s", "120, 240", "٣", "9" * 11, "9" * 5_000),
        *(NOW, "Sun, 06 Nov 1994 08:49:36 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"),
        *("Sun, 99 Nov 1994 08:51:37 GMT", "Sun, 06 Foo 1994 08:51:37 GMT", "Sun, 06 Nov 99999 08:51:37 GMT"),
        *(
            "06 Nov 1994 08:51:37 GMT",
            "1994-11-06T08:51:37Z",
            "tomorrow",
            "Sun,",
            "Sunny with a chance of rain",
        ),
    ],
)
def test_21_nonsense_and_what_is_past_is_ignored(value):
    assert read_retry_after(value, date=None, at=AT) is None


def test_21_a_date_is_counted_from_the_answers_own_clock():
    until = "Sun, 06 Nov 1994 08:51:37 GMT"
    assert read_retry_after(until, date="Sun, 06 Nov 1994 08:50:37 GMT", at=AT) == 60
    assert read_retry_after(until, date="nonsense", at=AT) == 120
    assert read_retry_after(until, date=until, at=AT) is None


def test_21_a_part_of_a_second_is_waited_for_whole():
    assert read_retry_after("Sun, 06 Nov 1994 08:49:38 GMT", date=None, at=AT + 1) == 1
    assert read_retry_after("Sun, 06 Nov 1994 08:49:39 GMT", date=None, at=AT + 1) == 2


@given(st.text(max_size=60), st.none() | st.text(max_size=40))
def test_21_any_text_is_a_wait_or_none(value, date):
    found = read_retry_after(value, date=date, at=AT)
    assert found is None or 0 <= found < 10**12
