import pytest
from filtering import refused, rendered, thing, written

from till.liquid.registers import Registers

FORMATS = {
    "{{amount}}": "1,134.65",
    "{{ amount }}": "1,134.65",
    "{{amount_no_decimals}}": "1,135",
    "{{amount_with_comma_separator}}": "1.134,65",
    "{{amount_no_decimals_with_comma_separator}}": "1.135",
    "{{amount_with_apostrophe_separator}}": "1'134.65",
    "{{amount_no_decimals_with_space_separator}}": "1 135",
    "{{amount_with_space_separator}}": "1 134,65",
    "{{amount_with_period_and_space_separator}}": "1 134.65",
    "{{amount_of_nothing_known}}": "1,134.65",
    "<b>{{amount}}</b> &euro;": "<b>1,134.65</b> &euro;",
}


@pytest.mark.parametrize(("form", "want"), FORMATS.items())
def test_each_placeholder_writes_the_number_its_way(form, want):
    assert written("{{ 113465 | money }}", registers=Registers(money_format=form)) == want


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("{{ 113465 | money }}", "€1.134,65"),
        ("{{ 113465 | money_with_currency }}", "€1.134,65 EUR"),
        ("{{ 113465 | money_without_currency }}", "1.134,65"),
        ("{{ 113465 | money_amount }}", "1134.65"),
        ("{{ 113400 | money_without_trailing_zeros }}", "€1.134"),
        ("{{ 113450 | money_without_trailing_zeros }}", "€1.134,50"),
        ("{{ 0 | money }}", "€0,00"),
        ("{{ 5 | money }}", "€0,05"),
        ("{{ -1999 | money }}", "€-19,99"),
        ("{{ '1999' | money }}", "€19,99"),
        ("{{ 1999.4 | money }}", "€19,99"),
        ("{{ nil | money }}", ""),
        ("{{ '' | money }}", ""),
        ("{{ 'free' | money }}", ""),
        ("{{ true | money }}", ""),
        ("{{ list | money }}", ""),
        ("{{ '<script>' | money_with_currency }}", ""),
        ("{{ nothing | money_amount }}", ""),
        ("{{ '9e99' | money }}", ""),
        ("{{ nil | money_without_currency }}", ""),
        ("{{ nil | money_without_trailing_zeros }}", ""),
    ],
)
def test_the_money_family(source, want):
    lent = Registers(
        money_format="€{{amount_with_comma_separator}}",
        money_with_currency_format="€{{amount_with_comma_separator}} EUR",
        currency="EUR",
    )
    assert written(source, registers=lent, list=[1, 2], nothing=None) == want


@pytest.mark.parametrize(("currency", "want"), [("JPY", "113,465"), ("KWD", "113.465"), ("???", "1,134.65")])
def test_minor_units_are_those_of_the_currency(currency, want):
    lent = Registers(money_format="{{amount}}", currency=currency)
    assert written("{{ 113465 | money }}", registers=lent) == want


def test_the_context_is_not_taken_from_the_template():
    assert refused("{{ 5 | money: context: 1 }}") == "money takes no argument named context"


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("{{ 500 | unit_price_with_measurement: per }}", "$5.00/100ml"),
        ("{{ 500 | money_with_currency | unit_price_with_measurement: per }}", "$5.00 USD/100ml"),
        ("{{ 500 | unit_price_with_measurement: one }}", "$5.00/kg"),
        ("{{ 500 | unit_price_with_measurement }}", "$5.00"),
        ("{{ nil | unit_price_with_measurement: per }}", ""),
        ("{{ '<b>' | unit_price_with_measurement: per }}", "&lt;b&gt;/100ml"),
        ("{{ 500 | unit_price_with_measurement: bad }}", "$5.00/&lt;i&gt;"),
    ],
)
def test_unit_prices(source, want):
    per = thing("unit_price_measurement", reference_value=100, reference_unit="ml")
    one = thing("unit_price_measurement", reference_value=1, reference_unit="kg")
    bad = thing("unit_price_measurement", reference_value=None, reference_unit="<i>")
    assert written(source, per=per, one=one, bad=bad) == want


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("{{ 2500 | weight_with_unit }}", "2.5 kg"),
        ("{{ 2500 | weight_with_unit: 'g' }}", "2500 g"),
        ("{{ 453.59237 | weight_with_unit: 'lb' }}", "1 lb"),
        ("{{ 1000 | weight_with_unit: 'oz' }}", "35.27 oz"),
        ("{{ 0 | weight_with_unit }}", "0 kg"),
        ("{{ 2500 | weight_with_unit: '<b>' }}", "2.5 kg"),
        ("{{ nil | weight_with_unit }}", ""),
        ("{{ 'heavy' | weight_with_unit }}", ""),
    ],
)
def test_weights_are_grams(source, want):
    assert written(source) == want


def test_the_shops_unit_of_weight_is_used_where_none_is_asked_for():
    assert written("{{ 453.59237 | weight_with_unit }}", shop=thing("shop", weight_unit="lb")) == "1 lb"


def test_a_number_of_a_thousand_digits_is_no_price():
    assert rendered("{{ '" + "9" * 1000 + "' | money }}") == ("", [])
