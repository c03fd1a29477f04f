"""Which faults of Liquid keep a file from being taken: those that are said to be fatal, and no others."""

from typing import get_args

import pytest

from till.liquid.faults import FATAL, Fault, Kind
from till.themes.files import BadThemeFiles
from till.themes.preparing import prepared


def test_the_fatal_kinds_are_refused_and_no_others(run):
    files = {f"snippets/{kind}.liquid": b"a" for kind in get_args(Kind)}

    async def parse(files, *, lane):
        assert lane == "7"
        return [Fault(name, 3, name[9:-7], "wrong") for name in files]

    with pytest.raises(BadThemeFiles) as refused:
        run(prepared(files, parse, shop_id=7, at=0))
    assert refused.value.fields == {
        f"snippets/{kind}.liquid": ["cannot be read, line 3: wrong"] for kind in FATAL
    }
