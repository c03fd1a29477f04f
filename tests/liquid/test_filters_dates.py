from datetime import UTC, date, datetime

import pytest
from filtering import NOON, refused, written

from till.liquid.registers import Registers

FILES = {
    "locales/en.default.json": '{"date_formats": {"month_year": "%B %Y", "date": "%d/%m"}}',
    "locales/de.json": """{"date": {
        "abbr_month_names": [null, "J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N.", "D"],
        "day_names": ["So!", "Mo!", "Di!", "Mi!", "Do!", "Fr!", "Sa!"]
    }}""",
}


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("'now' | date: '%Y-%m-%d %H:%M:%S'", "2025-11-11 12:00:00"),
        ("'today' | date: '%s'", "1762862400"),
        ("1152098955 | date: '%m/%d/%Y'", "07/05/2006"),
        ("'1152098955' | date: '%FT%T%:z'", "2006-07-05T11:29:15+00:00"),
        ("'-5' | date: '%Y'", "-5"),
        ("'1.5' | date: '%Y'", "1.5"),
        ("'2025-02-03T04:05:06+02:00' | date: '%FT%T'", "2025-02-03T02:05:06"),
        ("'2025-02-03 04:05 EST' | date: '%FT%T'", "2025-02-03T04:05:00"),
        ("'2025-02-03 04:05 UTC' | date: '%FT%T'", "2025-02-03T04:05:00"),
        ("'24.12.2025' | date: '%F'", "2025-12-24"),
        (
            "'2025-02-03T04:05:06.789Z' | date: '%-d %e %-m %k %l %I %p %P %L %N %j'",
            "3  3 2  4  4 04 AM am 789 789000000 034",
        ),
        ("'2025-02-03' | date: '%A %a %^a %B %b %h %^B'", "Monday Mon MON February Feb Feb FEBRUARY"),
        ("'2025-02-03' | date: '%C %y %G %g %V %U %W %u %w'", "20 25 2025 25 06 05 05 1 1"),
        (
            "'2025-02-03 15:06' | date: '%D|%x|%R|%r|%X|%c|%v'",
            "02/03/25|02/03/25|15:06|03:06:00 PM|15:06:00|Mon Feb  3 15:06:00 2025| 3-FEB-2025",
        ),
        ("'2025-02-03' | date: '%_m|%03d|%10Y|%n|%t|%%|%q|%'", " 2|003|0000002025|\n|\t|%|%q|%"),
        ("'2025-02-03' | date: '%z %Z %:z %+'", "+0000 UTC +00:00 Mon Feb  3 00:00:00 UTC 2025"),
        ("'2025-02-03' | date: '<b>%Y</b>'", "<b>2025</b>"),
        ("nil | date: '%Y'", ""),
        ("'' | date: '%Y'", ""),
        ("'tomorrow-ish' | date: '%Y'", "tomorrow-ish"),
        ("'<script>' | date: '%Y'", "<script>"),
        ("true | date: '%Y'", "true"),
        ("list | date: '%Y'", "12"),
        ("'2025-02-03' | date: nil", "2025-02-03"),
        ("999999999999999999 | date: '%Y'", "999999999999999999"),
        ("moment | date: '%Y-%m-%d %H:%M'", "2024-05-06 07:08"),
        ("day | date: '%Y-%m-%d %H:%M'", "2024-05-06 00:00"),
        ("'2025-02-03 15:06' | date: format: 'abbreviated_date'", "Feb 3, 2025"),
        ("'2025-02-03 15:06' | date: format: 'basic'", "2/3/2025"),
        ("'2025-02-03 15:06' | date: format: 'date_at_time'", "February 3, 2025 at 3:06 pm"),
        ("'2025-02-03 15:06' | date: format: 'on_date'", "on Feb 3, 2025"),
        (
            "'2025-02-03' | time_tag",
            '<time datetime="2025-02-03T00:00:00+00:00">Mon, Feb 3, 2025, 12:00 am +0000</time>',
        ),
        ("'2025-02-03' | time_tag: '<%Y>'", '<time datetime="2025-02-03T00:00:00+00:00">&lt;2025&gt;</time>'),
        ("'2025-02-03' | time_tag: '%Y', datetime: '%m\"'", '<time datetime="02&quot;">2025</time>'),
        (
            "'2025-02-03' | time_tag: format: 'date'",
            '<time datetime="2025-02-03T00:00:00+00:00">February 3, 2025</time>',
        ),
        ("nil | time_tag", ""),
        ("'<i>' | time_tag", "&lt;i&gt;"),
    ],
)
def test_dates(source, want):
    page = {
        "list": [1, 2],
        "moment": datetime(2024, 5, 6, 7, 8, tzinfo=UTC),
        "day": date(2024, 5, 6),
    }
    assert written("{{ " + source + " }}", **page) == want


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("'now' | date", "give a format such as"),
        ("'now' | date: format: 'basci'", "'basci' is the name of no date format; did you mean basic"),
        ("'now' | time_tag: format: 'x'", "is the name of no date format"),
        ("'now' | date: '%Y', '%m'", "positional arguments"),
    ],
)
def test_formats_that_are_not_there_are_refused(source, said):
    assert said in refused("{{ " + source + " }}")


def test_times_are_told_in_the_timezone_of_the_shop():
    lent = Registers(now=NOON, timezone="America/New_York")
    assert written("{{ 'now' | date: '%H:%M %z %Z' }}", registers=lent) == "07:00 -0500 EST"
    assert written("{{ '2025-07-01T00:00:00Z' | date: '%d %H' }}", registers=lent) == "30 20"
    assert written("{{ 'now' | date: '%H' }}", registers=Registers(now=NOON, timezone="Mars/Base")) == "12"


@pytest.mark.parametrize(
    ("locale", "form", "want"),
    [
        ("de-AT", "'%A, %-d. %B %Y'", "Dienstag, 11. November 2025"),
        ("de", "format: 'abbreviated_date'", "11. Nov 2025"),
        ("fr", "format: 'date'", "11 novembre 2025"),
        ("es", "'%a %b'", "mar nov"),
        ("it", "'%A'", "martedì"),
        ("nl", "'%B %b'", "november nov"),
        ("xx", "format: 'date'", "November 11, 2025"),
    ],
)
def test_dates_are_written_in_the_language_of_the_page(locale, form, want):
    lent = Registers(now=NOON, locale=locale)
    assert written("{{ 'now' | date: " + form + " }}", registers=lent) == want


def test_a_theme_has_formats_and_names_of_its_own():
    assert written("{{ 'now' | date: format: 'month_year' }}", files=FILES) == "November 2025"
    assert written("{{ 'now' | date: format: 'date' }}", files=FILES) == "11/11"
    german = Registers(now=NOON, locale="de")
    assert written("{{ 'now' | date: '%b %A %B' }}", files=FILES, registers=german) == "N. Di! November"


def test_a_format_that_repeats_itself_ends():
    assert len(written("{{ 'now' | date: form }}", form="%999A%999Y" * 5000)) < 30_000
