"""Real servers on loopback ports, each in a thread of its own."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import uvicorn
from starlette.types import ASGIApp


@contextlib.contextmanager
def serving(make: Callable[[str], ASGIApp]) -> Iterator[str]:
    """Serve an application until the block ends, and give its address; `make` gets that address too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(make(url), log_config=None, access_log=False))
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, daemon=True, name=url
        )
        thread.start()
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join()


@contextlib.asynccontextmanager
async def serving_here(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application that is open already, in this loop."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving
