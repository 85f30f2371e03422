"""`python -m compliance_scan`."""

from compliance_scan.cli import entry

if __name__ == "__main__":
    entry()
