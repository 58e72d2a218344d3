"""Data that ships beside the code, as YAML.

Parsed by libyaml: the parser in Python takes nine times as long, a second and a half for all there is.
"""

from pathlib import Path
from typing import Any

import yaml

YAMLError = yaml.YAMLError


def parsed(text: str) -> Any:
    """Plain values from YAML. Raises YAMLError."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


def read(path: Path) -> Any:
    """What the file holds. Raises YAMLError, OSError."""
    return parsed(path.read_text(encoding="utf-8"))
