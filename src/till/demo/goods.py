"""What the demo shop sells: coffee, and what one drinks it from."""

from typing import NamedTuple


class Goods(NamedTuple):
    """One thing to buy in several variants; prices are cents."""

    product_id: str
    title: str
    variants: tuple[tuple[str, int], ...]
    grams: int


def _sizes(small: int, large: int) -> tuple[tuple[str, int], ...]:
    return (("250 g", small), ("1 kg", large))


GOODS = (
    Goods("7010001", "House Blend", _sizes(1150, 3900), 260),
    Goods("7010002", "Ethiopia Guji", _sizes(1480, 5200), 260),
    Goods("7010003", "Colombia Huila", _sizes(1390, 4890), 260),
    Goods("7010004", "Night Shift Decaf", _sizes(1290, 4490), 260),
    Goods("7010005", "Espresso No. 4", _sizes(1250, 4290), 260),
    Goods("7010006", "Sumatra Gayo", _sizes(1420, 4990), 260),
    Goods("7020001", "Stoneware Mug", (("Chalk", 1800), ("Moss", 1800), ("Ink", 1800)), 410),
    Goods("7020002", "Espresso Cup, set of 4", (("White", 3200), ("Terracotta", 3400)), 720),
    Goods("7020003", "Travel Tumbler", (("350 ml", 2900), ("500 ml", 3300)), 330),
    Goods("7020004", "Glass Server", (("400 ml", 2400), ("800 ml", 3100)), 480),
    Goods("7030001", "Pour-over Dripper", (("1 cup", 2200), ("4 cups", 2700)), 390),
    Goods("7030002", "Paper Filters, 100", (("Size 01", 650), ("Size 02", 750)), 140),
    Goods("7030003", "Gooseneck Kettle", (("Steel", 6900), ("Black", 7400)), 1150),
    Goods("7030004", "Hand Grinder", (("Slim", 8900), ("Wide", 10900)), 690),
    Goods("7030005", "Kitchen Scale", (("Black", 4500),), 420),
    Goods("7030006", "French Press", (("350 ml", 2800), ("1 l", 4200)), 850),
    Goods("7040001", "Tasting Box, 6 x 60 g", (("Filter", 2690), ("Espresso", 2690)), 450),
    Goods("7040002", "Linen Tea Towel", (("Stripe", 1400), ("Plain", 1200)), 120),
    Goods("7040003", "Barista Apron", (("Navy", 5900), ("Sand", 5900)), 520),
    Goods("7040004", "Gift Card", (("25", 2500), ("50", 5000), ("100", 10000)), 0),
)
