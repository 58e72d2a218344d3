"""Tools: what a run may look at beyond its request, each with a timeout, retries and its taint (PRODUCT 7).

Skills use them through `RunContext.tool`; which tool is used is decided by code, never by a text that was
read. What has no key is absent: `Toolbox.listed` says what is missing.
"""

from collections.abc import Mapping
from typing import Any

from backend.agents.tools import reading, search, workspace
from backend.agents.tools.toolbox import Tool, Toolbox
from backend.core.config import Settings
from backend.services.egress import Egress

__all__ = ["TOOLS", "Tool", "Toolbox", "make_toolbox"]

TOOLS: dict[str, Tool] = {
    tool.name: tool for tool in (*search.TOOLS, *reading.TOOLS, *workspace.TOOLS)
}


def make_toolbox(
    settings: Settings, egress: Egress, recorded: Mapping[str, dict[str, Any]] | None = None
) -> Toolbox:
    """All tools, on these settings."""
    return Toolbox(settings, egress, TOOLS, recorded)
