"""Pages of the site that are made from their one home: the settings, from .env.example."""

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
HEAD = """# Settings

Made from `.env.example`, which a test compares with the code. Each is a variable of the environment or a line
of `.env`; what is empty is off, embedded, or has the default that is shown. A wrong one is named at start.

| Setting | Default | What it is |
|---|---|---|
"""


def on_files(files: Any, config: Any) -> Any:
    """Called by mkdocs."""
    from mkdocs.structure.files import File  # here, so that a test reads the rest without mkdocs

    files.append(File.generated(config, "settings.md", content=settings()))
    return files


def settings() -> str:
    """A row for each setting; settings under one comment share it."""
    rows, comment, used = [], [], False
    for line in (ROOT / ".env.example").read_text().splitlines():
        if not line:
            comment = []
        elif line.startswith("# "):
            comment, used = ([] if used else comment) + [line[2:]], False
        elif found := re.fullmatch(r"([A-Z][A-Z0-9_]+)=(.*)", line):
            text = " ".join(comment).replace("|", "\\|").replace("<", "&lt;")
            rows.append(f"| `{found[1]}` | {f'`{found[2]}`' if found[2] else ''} | {text} |")
            used = True
    return HEAD + "\n".join(rows) + "\n"
