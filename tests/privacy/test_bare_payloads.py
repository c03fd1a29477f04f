"""What was told is as valid without its people as it was with them, in every profile and form."""

import json
import re

import msgspec
import pytest

from builders import SHOP
from till.caller import Protected
from till.customers import compliance
from till.deliveries.catalog import KINDS
from till.deliveries.payloads import examples_of
from till.orders.topics import TOPICS
from till.orders.wire.part_examples import life
from till.privacy.forgetting import forgotten as bare_order
from till.privacy.payload import ERASED, forgotten
from till.shop import Fidelity

PERSONAL = re.compile(r"ada@|Ada|Bell|Mill Lane|555010|K2P", re.IGNORECASE)
SUMS = re.compile(r'"(?:total|current|sub)[A-Za-z]*":"?[0-9.]+"?')
ORDERS = [topic.name for topic in TOPICS]


@pytest.mark.parametrize("fidelity", Fidelity)
@pytest.mark.parametrize("topic", ORDERS)
def test_keys_and_sums_stay_and_people_go(topic, fidelity):
    for example in examples_of(topic):
        told = KINDS[topic].render(example, fidelity, frozenset())
        bare = forgotten(told)
        assert not PERSONAL.search(bare.decode())
        assert SUMS.findall(bare.decode()) == SUMS.findall(told.decode())
        (envelope,) = json.loads(told)
        assert json.loads(bare)[envelope].keys() == json.loads(told)[envelope].keys()
        assert forgotten(bare) == bare


@pytest.mark.parametrize("topic", ORDERS)
def test_nothing_is_spelled_as_its_profile_spells_it(topic):
    """Rewriting what was rendered comes to the same as rendering what was rewritten."""
    for example in examples_of(topic):
        for hidden in (frozenset(), frozenset(Protected)):
            rendered = KINDS[topic].render(example, Fidelity.DOCUMENTED, hidden)
            other = KINDS[topic].render(forgotten(example), Fidelity.DOCUMENTED, hidden)
            assert json.loads(forgotten(rendered)) == json.loads(other)


def test_what_was_cut_to_some_fields_is_read_by_what_is_left():
    assert forgotten(b'{"order":{"id":"1","email":"a@b"}}') == b'{"order":{"id":"1","email":null}}'
    documented = b'{"order":{"id":"1","email":"a@b","closedTime":"null"}}'
    assert forgotten(documented) == b'{"order":{"id":"1","email":"null","closedTime":"null"}}'


def test_a_note_says_that_it_was_erased():
    told = msgspec.json.encode({"entry": {"kind": "note", "text": "Ada", "author": "Kim", "history": []}})
    assert json.loads(forgotten(told))["entry"] == {
        "kind": "note",
        "text": ERASED,
        "author": None,
        "history": [],
    }


def test_an_order_is_bare_once_and_stays_the_same_in_money():
    for order in life():
        bare = bare_order(order, at=order.updated_at + 1)
        assert bare_order(bare, at=order.updated_at + 2) is bare
        assert (bare.financial_status, bare.payable, bare.reduction) == (
            order.financial_status,
            order.payable,
            order.reduction,
        )
        assert bare.line_items == order.line_items
        assert [each.amount for each in bare.transactions] == [each.amount for each in order.transactions]


def test_what_is_told_of_a_wish_can_lose_whom_it_is_about_in_either_profile():
    ada = compliance.Person(id="7", email="ada@example.com", phone="+16135550100")
    told = compliance.customer_redact(SHOP, ada, [1, 2])
    for fidelity, nothing in ((Fidelity.TYPED, None), (Fidelity.DOCUMENTED, "null")):
        bare = compliance.without_person(compliance.render(told, fidelity, frozenset()))
        assert json.loads(bare)["customerRedact"]["customer"] == {
            "id": "7",
            "email": nothing,
            "phone": nothing,
        }
