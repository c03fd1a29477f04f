"""Themes as a pipeline meets them: their files read and listed, many pushed at once, one pushed again."""

import contextlib
import itertools
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.bare import spelled
from bench.cluster import Cluster
from bench.delivering import fresh
from bench.load import load, request
from bench.measure import answered
from bench.moves import API
from bench.paced import api
from bench.progress import Shown
from bench.servers import ROOT, Server, at_work, bare, seeded
from bench.table import Row, Target
from till.db.port import Dialect

sys.path.insert(0, str(ROOT / "tests"))

import themer  # type: ignore[import-not-found]  # the tests' modules are found at run time

NAME = "till_bench_themes"
READ = "layout/theme.liquid"
LINES = 20
MANY, ONE = "push of many", "push of one"
TARGETS = {MANY: Target(5, unit="s"), ONE: Target(0.5, unit="s")}
UNITS = {"asset read": "/s", "asset list": "/s", MANY: "s", ONE: "s"}


class Theming:
    """All rounds on one store, with a theme of so many `files`."""

    def __init__(self, dialect: Dialect, *, seconds: float, rounds: int, files: int, shown: Shown) -> None:
        self._dialect, self._seconds, self._rounds, self._shown = dialect, seconds, rounds, shown
        self._files = _files(files)
        self._ours: dict[str, list[float]] = defaultdict(list)
        self._limits: dict[str, list[float]] = defaultdict(list)

    def run(self, cache: Path, cluster: Cluster | None) -> list[Row]:
        self._shown.begin(self._rounds * len(UNITS))
        with contextlib.ExitStack() as stack:
            work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            pipeline = Pipeline(*stack.enter_context(self._served(cache, cluster)))
            mine = themer.Themer(pipeline.server.url, pipeline.token, work / "theme", self._files)
            theme = ""
            for number in range(self._rounds):
                pipeline.delete(theme)
                theme = self._push(mine, pipeline, number)
            self._read(stack, work / "answers", pipeline, theme)
        return [self._row(what, unit) for what, unit in UNITS.items()]

    def _row(self, what: str, unit: str) -> Row:
        size = f"{1 if what == ONE else len(self._files)} files"
        ours, limits = self._ours[what], self._limits[what]
        return Row(what, self._dialect, 1, size, ours, limits, unit, TARGETS.get(what))

    def _push(self, mine: Any, pipeline: "Pipeline", number: int) -> str:
        """Push a folder as a draft, and once more with one file changed; the draft's id."""
        other = pipeline.make(f"Limit {number}")
        changed = {READ: f"{self._files[READ]}\n{number}"}
        self._step(f"push of {len(self._files)} files")
        mine.write(self._files)
        self._ours[MANY].append(took(lambda: mine.json("push", "--unpublished")))
        self._limits[MANY].append(took(lambda: pipeline.batch(other, _unlike(self._files))))
        self._step("push of one file")
        mine.write(changed)
        self._ours[ONE].append(took(lambda: mine.json("push")))
        self._limits[ONE].append(took(lambda: pipeline.batch(other, changed)))
        pipeline.delete(other)
        return str(mine.json("push")["theme"]["shopThemeId"])

    def _read(self, stack: contextlib.ExitStack, answers: Path, pipeline: "Pipeline", theme: str) -> None:
        list_path = f"{API}/themes/{theme}/assets"
        paths = {"asset read": f"{list_path}?assetName={READ}", "asset list": list_path}
        bare_paths = {what: f"/{what.replace(' ', '-')}" for what in paths}
        answers.write_text(
            spelled(
                {bare_paths[what]: answered(pipeline.server, paths[what], pipeline.token) for what in paths}
            )
        )
        limit = stack.enter_context(bare(answers, 1))
        for what in itertools.chain.from_iterable(itertools.repeat(list(paths), self._rounds)):
            self._step(what)
            for url, path, found in (
                (pipeline.server.url, paths[what], self._ours),
                (limit.url, bare_paths[what], self._limits),
            ):
                asked = cycle([request("GET", path, pipeline.token)])
                found[what].append(load(url, asked, seconds=self._seconds).rate)

    def _step(self, what: str) -> None:
        self._shown.step(f"{self._dialect}: {what}")

    @contextlib.contextmanager
    def _served(self, cache: Path, cluster: Cluster | None) -> Iterator[tuple[Server, str]]:
        folder = cache / f"{self._dialect}-{NAME}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        place: Any = folder if cluster is None else fresh(cluster, NAME)
        token = seeded(place, themer.SCOPES, **({} if cluster is None else {"key": folder}))
        with at_work(place, *([] if cluster is None else ["--data", str(folder)])) as server:
            yield server, token


class Pipeline:
    """The limit of a push: the same batch by one call, without a command that looks for what changed."""

    def __init__(self, server: Server, token: str) -> None:
        self.server, self.token = server, token

    def make(self, name: str) -> str:
        made = api(self.server.url, self.token, "POST", "/themes", {"theme": {"shopThemeName": name}})
        return str(made["theme"]["shopThemeId"])

    def batch(self, theme: str, files: dict[str, str]) -> None:
        assets = [{"assetName": name, "context": text} for name, text in files.items()]
        api(self.server.url, self.token, "POST", f"/themes/{theme}/assets", {"assets": assets})

    def delete(self, theme: str) -> None:
        if theme:
            api(self.server.url, self.token, "DELETE", f"/themes/{theme}")


def took(deed: Callable[[], object]) -> float:
    """The seconds that something takes."""
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def _unlike(files: dict[str, str]) -> dict[str, str]:
    """The same files with other content, which a server cannot know already."""
    return {name: text + "\n" * name.endswith(".liquid") for name, text in files.items()}


def _files(count: int) -> dict[str, str]:
    """A theme of so many files, each of some kilobytes of Liquid."""
    line = "<p class='{{ section.id }}'>{{ product.title | escape }}: {{ product.price | money }}</p>\n"
    own = {name: text for name, text in themer.SMALL.items() if isinstance(text, str)}
    snippets = {
        f"snippets/part-{number}.liquid": f"{{% comment %}}{number}{{% endcomment %}}\n{line * LINES}"
        for number in range(count - len(own))
    }
    return own | snippets


def explained() -> str:
    return """
Themes are pushed by the command, its start included; the limit of a push is the same files in one call of
the API by a program that runs already. The limits of their reads are the bare server's."""
