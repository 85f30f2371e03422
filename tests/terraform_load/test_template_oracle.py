# ruff: noqa: W293, E101 - white space is what is tested
"""Templates, heredocs and splats against Terraform's own answers.

The answers were given by Terraform 1.11: `MODULE` and `WINDOWS` in a folder, then `terraform init`, `terraform apply
-auto-approve` and `terraform output -json`.
"""

from pathlib import Path
from typing import Any

from compliance_scan.inputs.terraform.convert import to_model
from compliance_scan.workspace import Workspace
from tests.terraform_load.test_module_oracle import instance, plain

WINDOWS = """output "crlf" {
  value = <<EOT
  a
  b
EOT
}
output "crlf2" {
  value = <<-EOT
    a

      b
    EOT
}
"""
"""Written with line ends of Windows."""

MODULE = r"""
output "a" {
  value = <<-EOT
    x
  %{ if true ~}
      y
  %{ endif ~}
    z
    EOT
}
output "b" {
  value = <<EOT
  a ${~ " q " ~}   b
  $${c} %%{d} $ % $$${"e"}
EOT
}
output "c" { value = "a $${ ${~ "x" ~}  \n  ${~ "y" }" }
output "d" {
  value = <<-EOT
  ${"x"}
    y
   
  z
  EOT
}
output "e" {
  value = <<-EOT
	tab
	  more
	EOT
}
output "f" { value = "%{ for x in ["a","b"] ~}  ${x}, %{ endfor ~} end" }
output "g" {
  value = <<EOT
%{ for x in ["a","b"] ~}
- ${x}
%{ endfor ~}
done
EOT
}
output "h" { value = "\u00e9 \U0001F600 \"q\"" }
output "i" { value = [1e3, 0.1, 1.50, 12345678901234567890] }
output "j" { value = { "a b" = 1, (upper("x")) = 2, c : 3 } }
output "k" { value = [for x in [{a=[1,2]},{a=[3]}] : x][*].a[0] }
output "l" { value = [{a=[1,2]},{a=[3]}].*.a[0] }
output "m" { value = false ? 1 : false ? 2 : 3 }
output "n" { value = !true || true }
output "o" { value = -1 + 2 * 3 % 4 }
output "p" {
  value = <<-EOT
    a
      ${~ "b" }
    c ${"d" ~}

    e
  EOT
}
output "q" {
  value = <<-EOT

    first

    second
  EOT
}
output "r" { value = "%{ if false }a%{ else }b%{ endif }" }
"""

ANSWERS: dict[str, Any] = {
    "a": "  x\n      y\n    z\n",
    "b": '  a q b\n  ${c} %{d} $ % $${"e"}\n',
    "c": "a ${xy",
    "crlf": "  a\r\n  b\r\n",
    "crlf2": "a\r\n\r\n  b\r\n",
    "d": "x\n  y\n   \nz\n",
    "e": "tab\n  more\n",
    "f": "a, b, end",
    "g": "- a\n- b\ndone\n",
    "h": 'é 😀 "q"',
    "i": [1000, 0.1, 1.5, 12345678901234567890],
    "j": {"X": 2, "a b": 1, "c": 3},
    "k": [1, 3],
    "l": [1, 2],
    "m": 3,
    "n": True,
    "o": 1,
    "p": "    a\nb\n    c d\n    e\n",
    "q": "\nfirst\n\nsecond\n",
    "r": "b",
}


def test_templates(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(MODULE)
    (tmp_path / "windows.tf").write_bytes(WINDOWS.replace("\n", "\r\n").encode())
    workspace = Workspace(str(tmp_path))
    root = instance(workspace, ".")
    assert {name: plain(to_model(root.output(name))) for name in ANSWERS} == ANSWERS
    assert not workspace.incomplete
