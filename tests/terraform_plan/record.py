"""Plans and states of a small module, made by the real Terraform.

`python -m tests.terraform_plan.record` writes them to `tests/terraform_plan/recorded/`, for machines without Terraform.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

RECORDED = Path(__file__).parent / "recorded"
TERRAFORM = shutil.which("terraform")
SECRET = "correct-horse-battery"

BEFORE = {
    "main.tf": f"""
variable "secret" {{
  default   = "{SECRET}"
  sensitive = true
}}
variable "size" {{ default = 2 }}
resource "terraform_data" "first" {{
  input = {{ x = 1, list = [1, 2.5], s = var.secret }}
}}
resource "terraform_data" "counted" {{
  count = var.size
  input = "${{terraform_data.first.id}}-${{count.index}}"
}}
resource "terraform_data" "keyed" {{
  for_each         = {{ "a b" = 1, "q\\"x" = 2 }}
  input            = [each.key, terraform_data.first.output, "known"]
  triggers_replace = [terraform_data.counted[0].id]
}}
resource "terraform_data" "old" {{ input = "moves" }}
resource "terraform_data" "replaced" {{ triggers_replace = "one" }}
module "child" {{
  source   = "./child"
  for_each = toset(["x"])
  from     = terraform_data.first.id
  key      = each.key
}}
data "terraform_remote_state" "read" {{
  backend = "local"
  config  = {{ path = "${{path.module}}/other.tfstate" }}
}}
data "terraform_remote_state" "later" {{
  backend = "local"
  config  = {{ path = "${{path.module}}/other.tfstate" }}
  defaults = {{ from = terraform_data.first.id }}
}}
""",
    "child/main.tf": """
variable "from" {}
variable "key" {}
resource "terraform_data" "in" {
  input = { from = var.from, key = var.key }
}
output "out" { value = terraform_data.in.output }
""",
    "other.tfstate": '{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": {"o": {"value": "v", "type": "string"}}, "resources": []}',
}
AFTER = {
    **BEFORE,
    "main.tf": BEFORE["main.tf"]
    .replace("default = 2 }", "default = 1 }")
    .replace('"terraform_data" "old"', '"terraform_data" "new"')
    .replace('triggers_replace = "one"', 'triggers_replace = "two"')
    .replace("x = 1,", "x = 3,")
    + "moved {\n  from = terraform_data.old\n  to   = terraform_data.new\n}\n",
}
NAMES = ("create.json", "terraform.tfstate", "state.json", "update.json")


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def make(folder: Path) -> dict[str, str]:
    """The four files, by name."""
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}

    def run(*arguments: str) -> str:
        assert TERRAFORM is not None
        done = subprocess.run(
            [TERRAFORM, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    made: dict[str, str] = {}
    write(folder, BEFORE)
    run("init")
    run("plan", "-out=p")
    made["create.json"] = run("show", "-json", "p")
    run("apply", "p")
    made["terraform.tfstate"] = (folder / "terraform.tfstate").read_text()
    made["state.json"] = run("show", "-json")
    write(folder, AFTER)
    run("plan", "-out=p")
    made["update.json"] = run("show", "-json", "p")
    return made


if __name__ == "__main__":
    RECORDED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as there:
        for name, text in make(Path(there)).items():
            (RECORDED / name).write_text(text)
