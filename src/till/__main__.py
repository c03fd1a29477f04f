"""`python -m till` is the command line."""

from till.cli.main import run

run()
