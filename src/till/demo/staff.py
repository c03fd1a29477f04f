"""Who does something in the demo shop, and what customer service writes."""

from typing import NamedTuple


class Actor(NamedTuple):
    """Who acts, as a timeline names them: a person, the demo's app, or Till."""

    type: str
    id: str
    name: str


APP = Actor("app", "", "Till demo")  # its id is the client id that the app gets
TILL = Actor("system", "till", "Till")
KIM = Actor("person", "kim", "Kim Abara")
TOMAS = Actor("person", "tomas", "Tomás Rey")
JO = Actor("person", "jo", "Jo Lindqvist")
STAFF = (KIM, TOMAS, JO)

CALLS = (
    "Customer asked when it will be there; told them tomorrow.",
    "Customer wrote: wants the invoice without prices in the parcel.",
    "Called about the grind. It is for filter, no change.",
    "Neighbour takes the parcel if nobody is at home.",
    "Asked for a delivery on Saturday. Not possible with this carrier, they are fine with it.",
    "Checked the address with the customer: it is right.",
)
REFUNDS = (
    ("One cup was chipped", "damaged"),
    ("Parcel was a week late", "late"),
    ("The wrong grind was sent; customer keeps it", "wrong item"),
    ("Price was lower the day after", "price match"),
)
RETURNS = ("too bitter", "wrong colour", "does not fit", "bought twice", "arrived damaged", "changed my mind")
DECLINED = ("The bag was opened", "Longer than 30 days ago", "Gift cards cannot be sent back")
FAILURES = ("Insufficient funds", "Card declined by the issuer", "3-D Secure was not completed")
ADDRESS_NOTES = (
    "Please leave it with the neighbour at number 12.",
    "A present: no invoice in the parcel, please.",
    "Grind for filter.",
    "Ring twice, the bell is shy.",
    "Deliver after 17:00.",
)
