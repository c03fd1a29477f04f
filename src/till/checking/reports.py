"""What a check found, for machines: JSON of our own, and SARIF 2.1.0, which code hosts show."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from till.checking.finding import Finding, Severity
from till.checking.rules import Rule

SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def counted(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings of each severity there are, and how many can be mended."""
    every = Counter(finding.severity for finding in findings)
    return {
        "errors": every[Severity.ERROR],
        "warnings": every[Severity.WARNING],
        "infos": every[Severity.INFO],
        "fixable": sum(finding.is_fixable for finding in findings),
    }


def as_json(findings: Sequence[Finding], *, files: int) -> dict[str, Any]:
    """Findings and counts; `files` is how many were looked at."""
    shown = [
        {
            "file": finding.file,
            "line": finding.line,
            "column": finding.column,
            "rule": finding.rule,
            "severity": finding.severity.value,
            "message": finding.message,
            "fix": finding.fix,
            "fixable": finding.is_fixable,
        }
        for finding in findings
    ]
    return {"files": files, **counted(findings), "findings": shown}


def as_sarif(findings: Sequence[Finding], rules: Mapping[str, Rule], *, version: str) -> dict[str, Any]:
    """A SARIF 2.1.0 log of one run; `version` is of the tool."""
    names = list(rules)
    driver = {
        "name": "till theme check",
        "semanticVersion": version,
        "rules": [
            {
                "id": rule.name,
                "shortDescription": {"text": f"{rule.about}."},
                "defaultConfiguration": {"level": LEVELS[rule.severity]},
            }
            for rule in rules.values()
        ],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, names.index(finding.rule)) for finding in findings],
    }
    return {"$schema": SARIF, "version": "2.1.0", "runs": [run]}


def _result(finding: Finding, index: int) -> dict[str, Any]:
    fix = f" ({finding.fix})" if finding.fix else ""
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": f"{finding.message}{fix}."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(finding.file)},
                    "region": {"startLine": finding.line, "startColumn": finding.column},
                }
            }
        ],
    }
