"""`python -m backend.cli` is `raptorflow`."""

from backend.cli import main

main()
