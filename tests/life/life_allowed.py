"""Which moves are open: those whose smallest request would be taken, and change something."""

import pickle

from life_sums import No
from model import Model


def is_open(model, action):
    """True when the smallest request of this kind would be taken, and change something."""
    return action in open_for(model, [action])


def open_for(model, actions):
    """Those of the actions that are open."""
    kept, smallest = pickle.dumps(model), _smallest(model)
    return {action for action in actions if any(_takes(model, kept, command) for command in smallest[action])}


def _takes(model, kept, command):
    new = pickle.loads(kept)
    try:
        command(new)
    except No:
        return False
    return vars(new) != vars(model)


def _smallest(model):
    lines, shipments = range(len(model.lines)), range(len(model.shipments))
    return {
        "edit": [lambda m: m.edit(f"not {m.note}")],
        "authorize": [lambda m: m.pay("authorization")],
        "pay": [Model.mark_as_paid],
        "capture": [lambda m, n=n: m.capture(n) for n in model.holds],
        "void": [lambda m, n=n: m.void(n) for n in model.holds],
        "ship": [Model.ship],
        "cancel_shipment": [lambda m, n=n: m.unship(n) for n in shipments],
        "update_tracking": [lambda m, n=n: m.track(n, "other") for n in shipments],
        "refund": [lambda m, n=n: m.refund({n: (1, "no_restock")}, amount=0) for n in lines]
        + [lambda m, n=n, r=r: m.refund({n: (1, "")}, ret=r, amount=0) for r, n in _came(model)]
        + [lambda m: m.refund(amount=1), lambda m: m.refund(shipping=None, amount=0)],
        "return": [lambda m, n=n: m.ask_return({n: 1}) for n in lines],
        "cancel": [Model.cancel],
        "confirm": [Model.confirm],
        "close": [Model.close],
        "reopen": [Model.reopen],
        "delete": [Model.delete],
    }


def _came(model):
    """The lines of which a return brought units."""
    return [(r, n) for r, each in enumerate(model.returns) for n in each["units"]]
