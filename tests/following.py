"""Where a page goes on to by itself, without a script: what browsers make of its meta refresh."""

import html
import re

REFRESH = re.compile(r'<meta http-equiv="refresh" content="0;url=([^"]*)">')


def led_on(text):
    """The URL that a page leads on to; it fails where there is not exactly one, or no link to it as well."""
    (url,) = REFRESH.findall(text)
    assert f'<a href="{url}">' in text
    return html.unescape(url)
