"""The way to the compiled graph for a process that admits runs and executes none (ADR 0142)."""

import importlib
import importlib.util
from typing import TYPE_CHECKING

from backend.core.later import Later

if TYPE_CHECKING:
    from backend.agents.graph import Graph

GRAPH = "backend.agents.graph"
ENGINE = "langgraph.graph"


class GraphDoor:
    """The graph, compiled when it is first asked for: LangGraph is 40 MB and a quarter of a start."""

    def __init__(self) -> None:
        self._graph = Later(_compile)
        self.ready = importlib.util.find_spec(ENGINE) is not None
        """Whether what compiles it is installed."""

    async def graph(self) -> "Graph":
        """The compiled graph, the same one each time. The first call takes a second."""
        return await self._graph.get()


def _compile() -> "Graph":
    graph: Graph = importlib.import_module(GRAPH).create_raptorflow_graph()
    return graph
