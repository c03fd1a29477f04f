#!/usr/bin/env bash
# Writes requirements/*.lock anew: exact versions and hashes for every platform, and no address of any index.
# Needs uv. A release must be a week old before it is taken (give another date as the first argument).
set -euo pipefail
cd "$(dirname "$0")/.."
before=${1:-$(date -u -d '7 days ago' +%Y-%m-%d 2>/dev/null || date -u -v-7d +%Y-%m-%d)}
lock() { uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
    --no-emit-index-url --exclude-newer "$before" "$@"; }
lock pyproject.toml --group build -o requirements/run.lock
lock pyproject.toml --group build --group dev -o requirements/dev.lock
