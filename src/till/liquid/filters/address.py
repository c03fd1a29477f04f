"""Addresses in the order of their country."""

from till.liquid.filters.common import Filter, escaped, get, is_object, plain, tag, text

# Where the postal code stands behind the town; before it elsewhere. And where the province is written.
BEHIND = "AE AU BR CA CN EG GB HK ID IE IN KR MY NG NZ PH PK RU SA SG TH TR TW UA US VN ZA"
PROVINCE_NAMED = "AU BR CA CN IN MX US"
JAPAN = "JP"


def format_address(value: object) -> str:
    """The parts of an address as `<p>` with line breaks, ordered as in its country; nothing without one."""
    if not is_object(plain(value)):
        return ""
    lines = [escaped(line) for line in _lines(value) if line]
    return tag("p", {}, "<br>".join(lines)) if lines else ""


def _lines(address: object) -> list[str]:
    code = _part(address, "country_code").upper()
    name = _part(address, "name") or _joined(address, "first_name", "last_name")
    country = _part(address, "country")
    street = [_part(address, "address1"), _part(address, "address2")]
    if code == JAPAN:
        place = f"{_part(address, 'province')}{_part(address, 'city')}"
        return [
            country,
            f"〒{_part(address, 'zip')}" if _part(address, "zip") else "",
            place,
            *street,
            _part(address, "company"),
            name,
        ]
    province = _part(address, "province_code") or _part(address, "province")
    town = [_part(address, "city"), province if code in PROVINCE_NAMED.split() else "", _part(address, "zip")]
    if code not in BEHIND.split():
        town = [town[2], town[0], town[1]]
    return [name, _part(address, "company"), *street, " ".join(part for part in town if part), country]


def _part(address: object, name: str) -> str:
    return text(plain(get(address, name))).strip()


def _joined(address: object, *names: str) -> str:
    return " ".join(part for name in names if (part := _part(address, name)))


FILTERS: dict[str, Filter] = {"format_address": format_address}
