"""Run ``python -m kbook``."""

from kbook.cli import main

main()
