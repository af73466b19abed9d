"""The command line: one file per command. Exit codes: 0 done, 1 failed, 2 wrong usage."""

from .main import main

__all__ = ["main"]
