"""`python -m compliance_scan`."""

import sys

from compliance_scan.cli import main

if __name__ == "__main__":
    sys.exit(main())
