"""The way to the compiled graph for a process that admits runs and executes none (ADR 0141)."""

import asyncio
import importlib
import importlib.util
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.agents.graph import Graph

GRAPH = "backend.agents.graph"
ENGINE = "langgraph.graph"


class GraphDoor:
    """The graph, compiled when it is first asked for: LangGraph is 40 MB and a quarter of a start."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._graph: Graph | None = None
        self.ready = importlib.util.find_spec(ENGINE) is not None
        """Whether what compiles it is installed."""

    async def graph(self) -> "Graph":
        """The compiled graph, the same one each time. The first call takes a second, in a thread."""
        async with self._turn:
            if self._graph is None:
                self._graph = await asyncio.to_thread(_compile)
            return self._graph


def _compile() -> "Graph":
    graph: Graph = importlib.import_module(GRAPH).create_raptorflow_graph()
    return graph
