"""What axe-core finds on a page that bars somebody, looked for once the page is as it will be."""

from axe_playwright_python.sync_playwright import Axe

# What is only half there is paler than it will be; what turns for ever is not waited for.
SETTLED = """Promise.all(document.getAnimations()
  .filter((each) => Number.isFinite(each.effect.getComputedTiming().endTime))
  .map((each) => each.finished.catch(() => null))).then(() => null)"""


def looked_at(page, **options):
    """All that axe-core answers of `page`, its styles there and nothing moving."""
    page.wait_for_load_state()
    page.evaluate(SETTLED)
    return Axe().run(page, options=options or None).response


def barred(page, **options):
    """Each rule that `page` breaks, with the elements that break it: `[]` of a good page."""
    found = looked_at(page, **options)["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
