"""What a process of the API loads before it is ready: nothing that no request of its first second uses."""

import subprocess
import sys

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from backend.agents import graph_door
from backend.agents.graph import create_raptorflow_graph
from backend.agents.graph_door import GraphDoor
from backend.agents.specialists import SPECIALISTS
from backend.agents.wishes import WISHES
from backend.core.config import Settings
from tests.workers import environment

START = """
import asyncio, sys
from backend.main import create_app, lifespan
import httpx

async def start():
    app = create_app()
    async with lifespan(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as http:
            (await http.get("/ready")).raise_for_status()
            print(*sys.modules)

asyncio.run(start())
"""
NEVER_BEFORE_READY = {
    "backend.agents.specialists": "workers do what was asked; the API knows the wishes",
    "backend.agents.tools": "a list of tools brings them",
    "backend.services.llm": "workers ask the model",
    "backend.skills.registry": "a list of skills brings it",
    "feedparser": "the first feed that is followed",
    "jsonschema_rs": "the skill cards bring it",
    "langchain_core": "the graph and the models, which are the workers'",
    "langgraph.graph": "the graph, which workers walk",
    "langsmith": "the graph brings it",
    "lxml": "a feed or a document brings it",
    "markdown_it": "the first asset as HTML",
    "mcp": "made for the first agent that asks",
    "nh3": "the first asset as HTML",
    "numpy": "the embedder, which a search brings",
    "opentelemetry.sdk": "a collector of traces, where one is set",
    "pygments": "a terminal's",
    "rich": "a terminal's",
    "onnxruntime": "the embedder, which a search brings",
    "reportlab": "an invoice brings it",
    "sentencex": "the claim check brings it",
    "storage3": "the first file that is stored",
    "supabase": "the first file that is stored",
    "tokenizers": "the embedder, which a search brings",
}


def test_an_api_that_is_ready_has_loaded_nothing_that_waits_for_its_use(settings: Settings) -> None:
    command = [sys.executable, "-c", START]
    told = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment(settings)
    )
    loaded = set(told.stdout.split())
    assert "backend.api.v1.moves" in loaded
    assert sorted(loaded & set(NEVER_BEFORE_READY)) == []


def test_what_is_admitted_is_what_the_specialists_take() -> None:
    assert {name: specialist.wish for name, specialist in SPECIALISTS.items()} == WISHES


async def test_the_graph_behind_the_door_is_the_workers_and_made_once() -> None:
    door = GraphDoor()
    assert door.ready
    graph = await door.graph()
    assert graph.nodes.keys() == create_raptorflow_graph().nodes.keys()
    assert await door.graph() is graph


async def test_without_langgraph_no_readiness_is_claimed(
    http: AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_door, "ENGINE", "a_package_that_nobody_installed")
    monkeypatch.setattr(app.state.raptorflow_graph, "ready", GraphDoor().ready)
    assert (await http.get("/health")).json()["graph_ready"] is False
    ready = await http.get("/ready")
    assert (ready.status_code, ready.json()["graph"]) == (503, "down")
