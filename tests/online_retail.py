"""Runs the scripts of examples/online_retail, and reads what they write."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/online_retail"
SAMPLE = EXAMPLE / "sample.csv.gz"


def run(script, *arguments):
    return subprocess.run(
        [sys.executable, EXAMPLE / script, *arguments], capture_output=True, text=True, check=False
    )


def convert(source, folder):
    names = [folder / name for name in ("orders.jsonl", "cancellations.jsonl", "report.json")]
    flags = ("--orders", "--cancellations", "--report")
    done = run("convert.py", source, *(x for pair in zip(flags, names, strict=True) for x in pair))
    assert done.returncode == 0, done.stderr
    orders, cancellations, report = (name.read_text(encoding="utf-8") for name in names)
    return in_lines(orders), in_lines(cancellations), json.loads(report)


def in_lines(text):
    return [json.loads(line) for line in text.removesuffix("\n").split("\n")]


def contents(lines, code):
    goods = Counter()
    for line in lines:
        goods[line[code], line["price"]] += line["quantity"]
    return goods
