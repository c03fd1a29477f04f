"""A door on each of the two stores."""

import pytest

from staffing import Place
from till.staff.passwords import Passwords


@pytest.fixture(scope="session")
def passwords():
    found = Passwords()
    yield found
    found.close()


@pytest.fixture
def place(run, db, passwords):
    return Place(run, db, passwords)
