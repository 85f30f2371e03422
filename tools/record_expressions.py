"""Records what the real Terraform says of expressions: `tools/record_expressions.py EXPRESSIONS.txt ANSWERS.jsonl`.

EXPRESSIONS.txt holds one expression a line (a literal `\\n` in it is written as in Terraform; lines with `#` first are
comments). Each becomes an output of one throw-away configuration, wrapped in `try`, so that one `terraform apply`
answers thousands; what Terraform cannot even load is asked for alone. A line `TYPE <= VALUE` asks what a variable of
that type makes of a default. An answer is `{"expr", "value", "type"}` or
`{"expr", "error": true}`; numbers in values are text, so that no digit is lost. Needs `terraform` 1.11 on PATH.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from typing import Any

FILES = {
    "data.txt": b"hello\nworld\n",
    "greet.tftpl": b"Hello ${name}!%{ if loud ~}\n LOUD%{ endif }\n%{ for x in items ~}\n- ${x}\n%{ endfor ~}\n",
    "alone.tftpl": b"${x}",
    "bad.bin": b"\xff\xfe\x00",
    "sub/a.json": b'{"a": [1, 2.50, null]}',
    "sub/deep/b.json": b"[]",
    "sub/c.txt": b"",
}
"""Files that the expressions may read."""


TYPE = re.compile(r"(?:string|number|bool|any|list|set|map|tuple|object|optional|nothing)\b")
"""What a line that asks for a conversion starts with."""


def record(expressions: list[str]) -> list[dict[str, Any]]:
    """Terraform's answers, in order."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in FILES.items():
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            with open(os.path.join(folder, name), "wb") as handle:
                handle.write(data)
        return _answers(folder, expressions)


def _answers(folder: str, expressions: list[str]) -> list[dict[str, Any]]:
    outputs = _apply(folder, expressions)
    if outputs is None:
        if len(expressions) == 1:
            return [{"expr": expressions[0], "error": True}]
        half = len(expressions) // 2
        return _answers(folder, expressions[:half]) + _answers(folder, expressions[half:])
    found = []
    for index, expr in enumerate(expressions):
        output = outputs[f"e{index}"]
        if output["type"] == "bool" or output["value"] is None:
            if output["type"] != "bool":
                print(expr, output)
            found.append({"expr": expr, "error": True})
        else:
            found.append({"expr": expr, "value": output["value"]["ok"], "type": output["type"][1]["ok"]})
    return found


def _apply(folder: str, expressions: list[str]) -> dict[str, Any] | None:
    with open(os.path.join(folder, "main.tf"), "w", encoding="utf-8", newline="") as handle:
        handle.writelines(_block(index, expr) for index, expr in enumerate(expressions))
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    state = os.path.join(folder, "terraform.tfstate")
    if os.path.exists(state):
        os.unlink(state)
    command = ["terraform", "apply", "-auto-approve", "-no-color", "-input=false"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    if done.returncode != 0:
        return None
    shown = subprocess.run(
        ["terraform", "output", "-json"], cwd=folder, env=environment, capture_output=True, check=True
    )
    outputs: dict[str, Any] = json.loads(shown.stdout, parse_int=_text, parse_float=_text)
    return outputs if len(outputs) == len(expressions) else None


def _block(index: int, expr: str) -> str:
    constraint, arrow, value = expr.partition(" <= ")
    if arrow and TYPE.match(constraint):
        given = f'variable "v{index}" {{\n  type = {constraint}\n  default = {value}\n}}\n'
        return given + f'output "e{index}" {{\n  value = {{ ok = var.v{index} }}\n}}\n'
    return f'output "e{index}" {{\n  sensitive = true\n  value = try({{ ok = (\n{expr}\n) }}, false)\n}}\n'


def _text(number: str) -> dict[str, str]:
    return {"number": number}


def main(source: str, target: str) -> None:
    """Reads the expressions and writes the answers."""
    with open(source, encoding="utf-8") as handle:
        lines = [line.rstrip("\n") for line in handle]
    expressions = [line for line in lines if line.strip() and not line.startswith("#")]
    with open(target, "w", encoding="utf-8") as handle:
        answers = record(expressions)
        handle.writelines(json.dumps(answer, ensure_ascii=False, sort_keys=True) + "\n" for answer in answers)


if __name__ == "__main__":
    main(*sys.argv[1:3])
