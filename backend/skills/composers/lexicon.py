"""Word lists and patterns of the composers, read from `skills/data` once a process."""

import functools
import re
from pathlib import Path

from backend.core import data_files

DATA = Path(__file__).resolve().parents[1] / "data"


@functools.lru_cache(maxsize=1)
def _lists() -> dict[str, str]:
    loaded: dict[str, str] = data_files.read(DATA / "lexicon.yaml")
    return loaded


@functools.lru_cache(maxsize=1)
def _alternatives() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = data_files.read(DATA / "patterns.yaml")
    return loaded


@functools.cache
def words(name: str) -> frozenset[str]:
    """The single words of a list, lower case. A name that is not in the file is a KeyError."""
    return frozenset(_lists()[name].lower().split())


@functools.cache
def phrases(name: str) -> tuple[str, ...]:
    """The entries of a comma-separated list, in the file's order and spelling."""
    return tuple(entry for part in _lists()[name].split(",") if (entry := " ".join(part.split())))


@functools.cache
def alternatives(name: str) -> str:
    """The alternatives of a pattern as one group, to be built into a larger one."""
    return "(?:" + "|".join(_alternatives()[name]) + ")"


@functools.cache
def pattern(name: str) -> re.Pattern[str]:
    """A pattern of the file, compiled without regard to case."""
    return re.compile(alternatives(name), re.I)
