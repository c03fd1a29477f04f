"""One shop that pushes without end holds up no other."""

import asyncio

from theme_asking import add

THEMES = frozenset({"read_themes", "write_themes"})
SLOW = "{% if a %}{{ b | append: 'x' }}{% endif %}" * 2_000


async def put(till, theme, token):
    path = f"/themes/{theme['shopThemeId']}/assets?assetName=snippets/small.liquid"
    return await till.ask("PUT", path, {"asset": {"context": "{{ a }}"}}, token=token)


def test_the_templates_of_a_shop_that_pushes_too_much_wait_and_those_of_another_do_not(till):
    mine, my_token = add(till), till.token
    other = till.found("other")
    token = till.token = till.install(other, scopes=THEMES)
    theirs = add(till)
    parse = till.parts.api._lent.parse

    async def ask_while_crowded():
        lane = str(till.shop.id)
        files = [{"snippets/a.liquid": f"{number}{SLOW}"} for number in range(80)]
        flood = [asyncio.create_task(parse(each, lane=lane)) for each in files]
        await asyncio.sleep(0)
        found = await asyncio.gather(put(till, mine, my_token), put(till, theirs, token))
        for each in flood:
            each.cancel()
        await asyncio.gather(*flood, return_exceptions=True)
        return [each.status for each in found]

    assert till.run(ask_while_crowded()) == [503, 200]
