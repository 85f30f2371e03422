"""Runs the examples of rules while they are being written: `python tools/try_rules.py [ID or FOLDER OF rules/ ...]`."""

import os
import sys

from compliance_scan.compiled import source_folder
from compliance_scan.errors import ScanError
from compliance_scan.ruleset.build import rule_files
from compliance_scan.selftest import run_folder


def main(arguments: list[str]) -> int:
    """Prints each rule's problems; 1 where there is any."""
    folder = source_folder("rules")
    names: list[str] = []
    for argument in arguments:
        below = [f for f in rule_files(folder) if f.startswith(argument.removeprefix("rules/").rstrip("/") + "/")]
        names.extend([os.path.splitext(os.path.basename(f))[0] for f in below] or [argument])
    try:
        results = list(run_folder(folder, names, builtin=True))
    except ScanError as error:
        print(error.message, error.hint, sep="\n")
        return 1
    for result in results:
        print(f"{'ok  ' if not result.problems else 'FAIL'} {result.rule} ({result.examples} examples)")
        for problem in result.problems:
            print(f"     rules/{problem.file}:{problem.line}: {problem.example or 'rule'}: {problem.message}")
    bad = sum(bool(result.problems) for result in results)
    print(f"{len(results)} rules, {bad} with problems")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
