"""Cold starts: `--version`, and a scan of one file, as a pre-commit hook meets them.

python bench/cold.py [--rounds N]
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from peers import measure

FILE = """\
resource "aws_s3_bucket" "data" {
  bucket = "data"
}

resource "aws_db_instance" "db" {
  engine            = "postgres"
  instance_class    = "db.t4g.micro"
  storage_encrypted = false
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    program = shutil.which("compliance-scan", path=str(Path(sys.executable).parent)) or "compliance-scan"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.tf").write_text(FILE)
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "--version": [program, "--version"],
            "--help": [program, "--help"],
            "scan one file": [program, "scan", f"{folder}/main.tf", "--root", folder],
        }
        print("| command | median s | fastest s | peak MB |")
        print("|---|---|---|---|")
        for name, command in commands.items():
            measure(command, 60)
            runs = [sample for _ in range(args.rounds) if (sample := measure(command, 60))]
            seconds = [sample.seconds for sample in runs]
            peak = max(sample.megabytes for sample in runs)
            print(f"| {name} | {statistics.median(seconds):.3f} | {min(seconds):.3f} | {peak:.0f} |")


if __name__ == "__main__":
    main()
