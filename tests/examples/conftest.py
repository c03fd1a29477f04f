"""The sample of Online Retail, converted once for all tests; and the whole file, where there is one."""

import os
from pathlib import Path

import pytest

from online_retail import ROOT, SAMPLE, convert


@pytest.fixture(scope="session")
def converted(tmp_path_factory):
    return convert(SAMPLE, tmp_path_factory.mktemp("converted"))


@pytest.fixture(scope="session")
def full():
    """The whole year, where there is one; naming a file that is not there is a mistake."""
    named = os.environ.get("TILL_ONLINE_RETAIL")
    path = Path(named) if named else ROOT.parent / "shared/data/online-retail.csv.gz"
    if not path.exists() and not named:
        pytest.skip("the full Online Retail file is not here: set TILL_ONLINE_RETAIL to its path")
    return path
