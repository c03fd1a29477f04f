"""The pages of docs/reference are what the code says, and `--check` notices when they are not."""

import subprocess
import sys
from pathlib import Path

from running import till
from till.cli.docs import reference

ROOT = Path(__file__).parent.parent.parent


def test_the_committed_pages_are_as_the_code_says():
    for name, text in reference().items():
        assert (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") == text, "run `till docs`"


def test_check_passes_on_fresh_pages_and_names_one_that_differs(tmp_path):
    till("docs", "--folder", tmp_path)
    till("docs", "--check", "--folder", tmp_path)
    page = tmp_path / "errors.md"
    page.write_text(page.read_text(encoding="utf-8") + "More.\n", encoding="utf-8")
    done = till("docs", "--check", "--folder", tmp_path, check=False)
    assert done.returncode == 1
    assert done.stderr == f"till: {page} differs from the code: run `till docs` and commit what it wrote.\n"
    page.unlink()
    assert "is missing" in till("docs", "--check", "--folder", tmp_path, check=False).stderr


def test_every_code_that_the_matrix_met_is_on_the_page():
    codes = "invalid_token missing_scope unknown_version unknown_path bad_page_token order_not_found bad_key"
    page = reference()["errors.md"]
    assert [code for code in codes.split() if f"`{code}`" not in page] == []


def test_the_pages_are_the_same_in_a_fresh_process(tmp_path):
    program = "from till.cli.docs import reference; print(hash(tuple(reference().values())))"
    fresh = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": "0", "PATH": ""},
        ).stdout
        for _ in range(2)
    ]
    assert fresh[0] == fresh[1]
