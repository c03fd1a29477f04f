"""What a file knows of the files around it; and files that are meant to take long."""

from themes_to_check import HERO, files, found, rules

from till.checking.engine import check

S = "sections__hero_DOT_liquid"


def test_a_snippet_knows_what_it_is_given():
    given = files(
        **{S: HERO.replace("product: product", "product: product, tone: 1")},
        snippets__card_DOT_liquid="{{ tone }} {{ product.x }} {{ size }} {{ stated }}"
        "{% doc %}\n@param {string} stated - x\n{% enddoc %}",
    )
    assert [each[4] for each in found(given)] == ["nothing is called size here"]
    included = files(
        **{S: HERO.replace("{% render 'card', product: product %}", "{% include 'card' %}")},
        snippets__card_DOT_liquid="{{ size }}",
    )
    assert rules(included) == {"DeprecatedTag"}


def test_hostile_files_take_no_longer_than_others():
    hostile = {
        "snippets/card.liquid": "{% comment %}" * 20_000,
        "snippets/b.liquid": "<script>" * 32_000,
        "snippets/c.liquid": "{{ a" * 65_000,
        "snippets/d.liquid": "{{ a" + " | upcase" * 28_000 + " }}",
        "snippets/e.liquid": "<!--" * 65_000,
        "snippets/f.liquid": "<a b='" * 43_000,
        "locales/fr.json": "[" * 200_000,
        "locales/it.json": '{"a":' * 200_000,
        "templates/page.json": "1" * 500_000,
    }
    every = check(files() | {name: text.encode() for name, text in hostile.items()})
    assert {"LiquidHTMLSyntaxError", "JSONSyntaxError"} <= {each.rule for each in every}
