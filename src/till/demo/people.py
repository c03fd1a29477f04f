"""The customers of the demo shop, who live in several countries and come back."""

from random import Random
from typing import Any, NamedTuple


class Country(NamedTuple):
    """Where people live, and what they are called there."""

    code: str
    name: str
    dial: str
    tax: int  # per cent
    tax_name: str
    tax_included: bool  # in the prices that are shown there
    freight: int  # cents
    carrier: str
    track: str  # where a parcel is followed; nobody's address
    weight: int
    cities: tuple[tuple[str, str, str, str], ...]  # city, province, its code, postcode
    streets: tuple[str, ...]
    first: tuple[str, ...]
    last: tuple[str, ...]


COUNTRIES = (
    Country(
        code="US",
        name="United States",
        dial="+1 202 555 ",
        tax=8,
        tax_name="Sales tax",
        tax_included=False,
        freight=590,
        carrier="UPS",
        track="https://ups.example.com/",
        weight=46,
        cities=(
            ("Portland", "Oregon", "OR", "97205"),
            ("Brooklyn", "New York", "NY", "11215"),
            ("Austin", "Texas", "TX", "78704"),
            ("Madison", "Wisconsin", "WI", "53703"),
            ("Asheville", "North Carolina", "NC", "28801"),
        ),
        streets=("Alder Street", "Maple Avenue", "Prospect Road", "Canal Street", "Juniper Lane"),
        first=("Maya", "Ethan", "Grace", "Noah", "Olivia", "Caleb", "Harper", "Isaac", "Zoe", "Marcus"),
        last=("Whitfield", "Okafor", "Delgado", "Brennan", "Nguyen", "Sutton", "Park", "Alvarez", "Hale"),
    ),
    Country(
        code="GB",
        name="United Kingdom",
        dial="+44 20 7946 0",
        tax=20,
        tax_name="VAT",
        tax_included=True,
        freight=1290,
        carrier="Royal Mail",
        track="https://royal-mail.example.com/",
        weight=16,
        cities=(
            ("Bristol", "England", "ENG", "BS1 4QA"),
            ("Leeds", "England", "ENG", "LS1 4AP"),
            ("Edinburgh", "Scotland", "SCT", "EH1 1BQ"),
        ),
        streets=("Orchard Row", "Station Road", "Kiln Lane", "Harbour Walk"),
        first=("Imogen", "Callum", "Priya", "Rhys", "Freya", "Tobias"),
        last=("Ashworth", "Mistry", "Kerr", "Pemberton", "Llewellyn", "Okoro"),
    ),
    Country(
        code="DE",
        name="Germany",
        dial="+49 30 23125 ",
        tax=19,
        tax_name="MwSt.",
        tax_included=True,
        freight=1290,
        carrier="DHL",
        track="https://dhl.example.com/",
        weight=14,
        cities=(
            ("Leipzig", "Sachsen", "SN", "04109"),
            ("Köln", "Nordrhein-Westfalen", "NW", "50667"),
            ("Hamburg", "Hamburg", "HH", "20095"),
        ),
        streets=("Lindenstraße", "Am Markt", "Gartenweg", "Mühlenstraße"),
        first=("Jonas", "Lea", "Emre", "Käthe", "Matthias", "Sönke"),
        last=("Brandt", "Öztürk", "Hoffmann", "Großmann", "Petersen", "Vogel"),
    ),
    Country(
        code="CA",
        name="Canada",
        dial="+1 613 555 ",
        tax=13,
        tax_name="HST",
        tax_included=False,
        freight=990,
        carrier="Canada Post",
        track="https://canada-post.example.com/",
        weight=10,
        cities=(("Toronto", "Ontario", "ON", "M5V 2T6"), ("Montréal", "Québec", "QC", "H2X 1Y4")),
        streets=("Elgin Street", "Rue Clark", "Bay Street"),
        first=("Amélie", "Liam", "Noor", "Étienne", "Sophie"),
        last=("Tremblay", "MacLeod", "Singh", "Gagnon", "Roy"),
    ),
    Country(
        code="FR",
        name="France",
        dial="+33 1 99 00 ",
        tax=20,
        tax_name="TVA",
        tax_included=True,
        freight=1290,
        carrier="La Poste",
        track="https://la-poste.example.com/",
        weight=8,
        cities=(
            ("Lyon", "Auvergne-Rhône-Alpes", "ARA", "69002"),
            ("Nantes", "Pays de la Loire", "PDL", "44000"),
        ),
        streets=("rue des Tanneurs", "quai de la Fosse", "avenue Foch"),
        first=("Chloé", "Antoine", "Inès", "Raphaël"),
        last=("Lefèvre", "Moreau", "Benali", "Garnier"),
    ),
    Country(
        code="AU",
        name="Australia",
        dial="+61 2 5550 ",
        tax=10,
        tax_name="GST",
        tax_included=True,
        freight=1690,
        carrier="Australia Post",
        track="https://australia-post.example.com/",
        weight=6,
        cities=(("Melbourne", "Victoria", "VIC", "3000"), ("Hobart", "Tasmania", "TAS", "7000")),
        streets=("Wattle Street", "Flinders Lane", "Battery Square"),
        first=("Matilda", "Jack", "Mei", "Cooper"),
        last=("Fitzgerald", "Chen", "Harrington", "Doyle"),
    ),
)


class Person(NamedTuple):
    """A customer, and the country that taxes what he buys."""

    customer: dict[str, Any]
    address: dict[str, Any]
    country: Country


def people(rng: Random, count: int) -> list[Person]:
    weights = [country.weight for country in COUNTRIES]
    homes = rng.choices(COUNTRIES, weights, k=count)
    return [_person(rng, home, 8_200_000 + 37 * index) for index, home in enumerate(homes)]


def _person(rng: Random, country: Country, number: int) -> Person:
    first, last = rng.choice(country.first), rng.choice(country.last)
    city, province, province_code, postcode = rng.choice(country.cities)
    phone = f"{country.dial}{rng.randrange(1000, 9999)}"
    address = {
        "firstName": first,
        "lastName": last,
        "name": f"{first} {last}",
        "address1": f"{rng.randrange(1, 240)} {rng.choice(country.streets)}",
        "address2": f"Flat {rng.randrange(1, 30)}" if rng.random() < 0.2 else None,
        "city": city,
        "province": province,
        "provinceCode": province_code,
        "country": country.name,
        "countryCode": country.code,
        "zip": postcode,
        "phone": phone,
    }
    customer = {
        "id": str(number),
        "firstName": first,
        "lastName": last,
        # example.com is nobody's, so nothing that is tried out here reaches anybody.
        "email": f"customer{number}@example.com",
        "phone": phone,
        "state": "enabled" if rng.random() < 0.6 else "disabled",
        "verifiedEmail": rng.random() < 0.8,
        "defaultAddress": address,
    }
    return Person(customer, address, country)
