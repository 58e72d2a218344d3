"""Money under a bad gateway: TRUST M3 and M4, and how fast a webhook is answered.

`python -m benchmarks.money [--webhooks 1000] [--connections 16]`. A whole stack is started (API, worker,
Postgres, Valkey) and a simulated gateway beside it in this process. Prints its figures; exits 1 when one
falls short. Numbers on a busy machine are worthless: the load is printed with them.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from backend.local import address
from backend.local.phonepe import Merchant, Simulator
from backend.payments.webhook_auth import Digest

MERCHANT = Merchant("BENCH", "a-secret", "BENCHMERCHANT", "bencher", "letters1234", None)
GENUINE = Digest(MERCHANT.webhook_username, MERCHANT.webhook_password).header
DETAILS = {"name": "Buyer", "address": "1 Road", "pin": "560002", "state": "Karnataka"}
ACK_P99_SECONDS = 1.0
RECONCILED_SECONDS = 120.0
COPIES = 10
WARM_SECONDS = 20.0
"""Worker and API load their models after they say that they are ready."""


@contextlib.contextmanager
def gateway() -> Iterator[Simulator]:
    """The simulator on a port of this process; it calls nobody back."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        simulator = Simulator(MERCHANT, url, environment="test")
        server = uvicorn.Server(uvicorn.Config(simulator.app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield simulator
        finally:
            server.should_exit = True
            thread.join()


@contextlib.contextmanager
def stack(folder: Path, simulator: Simulator) -> Iterator[tuple[str, int]]:
    """The address of the API of a stack of its own, and its process."""
    settings = {
        "PHONEPE_CLIENT_ID": MERCHANT.client_id,
        "PHONEPE_CLIENT_SECRET": MERCHANT.client_secret,
        "PHONEPE_OAUTH_URL": f"{simulator.url}/apis",
        "PHONEPE_PG_URL": f"{simulator.url}/apis",
        "PHONEPE_WEBHOOK_USERNAME": MERCHANT.webhook_username,
        "PHONEPE_WEBHOOK_PASSWORD": MERCHANT.webhook_password,
        "RATE_LIMIT_API": "100000",
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "backend.cli", "up", "--port=0", "--workers=1", "--no-web"]
    process = subprocess.Popen(
        [*command, f"--data-dir={folder}"],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while (found := address.find(folder)) is None:
            assert process.poll() is None, "the stack did not start"
            time.sleep(0.2)
        yield found.api_url, process.pid
    finally:
        process.terminate()
        process.wait(30)


@dataclass
class Customer:
    http: httpx.AsyncClient
    simulator: Simulator

    async def buys(self, behaviour: str) -> str:
        """Subscribe and pay; the merchant's id of the order."""
        known = set(self.simulator.book.orders)
        body = {"plan_id": "growth", "billing_details": DETAILS}
        begun = (await self.http.post("/billing/subscription", json=body)).json()
        async with httpx.AsyncClient() as browser:
            form = {"outcome": "pay", "behaviour": behaviour}
            await browser.post(begun["payment_url"], data=form)
        (order_id,) = set(self.simulator.book.orders) - known
        return order_id

    async def plan(self) -> str:
        return str((await self.http.get("/billing/subscription")).json()["plan"])

    async def has_plan_within(self, seconds: float) -> float:
        """How long it took; infinity when it took longer."""
        began = time.perf_counter()
        while await self.plan() != "growth":
            if time.perf_counter() - began > seconds:
                return float("inf")
            await asyncio.sleep(0.25)
        return time.perf_counter() - began

    async def books(self) -> tuple[int, int]:
        """Activations and invoices."""
        history = (await self.http.get("/billing/subscription/history?limit=100")).json()
        invoices = (await self.http.get("/billing/invoices")).json()
        activations = sum(one["cause"] == "activated" for one in history["history"])
        return activations, invoices["total"]


@contextlib.asynccontextmanager
async def customer(api_url: str, folder: Path, simulator: Simulator, email: str) -> Any:
    command = [sys.executable, "-m", "backend.cli", "token", "--email", email]
    made = await asyncio.to_thread(
        subprocess.run,
        [*command, "--data-dir", str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    headers = {"authorization": f"Bearer {made.stdout.strip()}"}
    async with httpx.AsyncClient(base_url=f"{api_url}/api/v1", headers=headers, timeout=30) as http:
        yield Customer(http, simulator)


def news(simulator: Simulator, order_id: str, count: int) -> list[tuple[str, bytes]]:
    """(authorization, body): each ten times, a fifth forged, a fifth of another amount, shuffled."""
    order = simulator.book.orders[order_id].status()
    made = []
    for at in range(count // COPIES):
        attempt = {"transactionId": f"OM{at}", "state": "FAILED"}
        payload, event, header = {**order}, "checkout.order.completed", GENUINE
        if at % 5 == 1:
            payload |= {"state": "FAILED", "paymentDetails": [attempt]}
            event = "checkout.order.failed"
        elif at % 5 == 2:
            payload |= {"state": "FAILED", "paymentDetails": [attempt]}
            event = "checkout.transaction.attempt.failed"
        elif at % 5 == 3:
            payload |= {"amount": 100, "paymentDetails": [attempt | {"state": "COMPLETED"}]}
        elif at % 5 == 4:
            header = Digest("bencher", f"wrong{at}").header
        made += [(header, simulator.callbacks.body(event, payload))] * COPIES
    random.Random(6).shuffle(made)
    return made


async def send_all(
    api_url: str, made: list[tuple[str, bytes]], connections: int
) -> tuple[Counter[int], list[float]]:
    """Statuses, and the seconds that genuine ones took."""
    statuses: Counter[int] = Counter()
    seconds: list[float] = []
    waiting = iter(made)

    async def line(http: httpx.AsyncClient) -> None:
        for header, body in waiting:
            began = time.perf_counter()
            answer = await http.post(
                f"{api_url}/api/v1/webhooks/phonepe",
                content=body,
                headers={"authorization": header, "content-type": "application/json"},
            )
            statuses[answer.status_code] += 1
            if header == GENUINE:
                seconds.append(time.perf_counter() - began)

    limits = httpx.Limits(max_connections=connections)
    async with httpx.AsyncClient(timeout=30, limits=limits) as http:
        await asyncio.gather(*(line(http) for _ in range(connections)))
    return statuses, sorted(seconds)


def cpu_seconds(pid: int) -> float:
    """What a process has used so far; steadier than time on a shared machine."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(
    api_url: str, pid: int, folder: Path, simulator: Simulator, options: Any
) -> dict[str, Any]:
    async with customer(api_url, folder, simulator, "m3@example.com") as buyer:
        order_id = await buyer.buys("never")
        made = news(simulator, order_id, options.webhooks)
        await asyncio.sleep(WARM_SECONDS)
        load = os.getloadavg()[0]
        cpu = cpu_seconds(pid)
        statuses, seconds = await send_all(api_url, made, options.connections)
        cpu = cpu_seconds(pid) - cpu
        activated = await buyer.has_plan_within(60)
        await asyncio.sleep(5)  # for whatever would act twice
        activations, invoices = await buyer.books()
    async with customer(api_url, folder, simulator, "m4@example.com") as buyer:
        await buyer.buys("never")
        reconciled = await buyer.has_plan_within(RECONCILED_SECONDS)
        late_books = await buyer.books()
    forged = sum(header != GENUINE for header, _ in made)
    return {
        "load_before": round(load, 2),
        "webhooks": len(made),
        "connections": options.connections,
        "answered": dict(statuses),
        "forged": forged,
        "forged_accepted": forged - statuses[401],
        "ack_p50_ms": round(seconds[len(seconds) // 2] * 1000, 1),
        "ack_p99_ms": round(seconds[int(len(seconds) * 0.99)] * 1000, 1),
        "ack_max_ms": round(seconds[-1] * 1000, 1),
        "api_cpu_ms_each": round(cpu / len(made) * 1000, 2),
        "activated_after_s": round(activated, 1),
        "activations": activations,
        "invoices": invoices,
        "without_webhook_s": round(reconciled, 1),
        "without_webhook_books": late_books,
    }


def holds(found: dict[str, Any]) -> bool:
    return (
        found["activations"] == found["invoices"] == 1
        and found["forged_accepted"] == 0
        and set(found["answered"]) == {200, 401}
        and found["ack_p99_ms"] < ACK_P99_SECONDS * 1000
        and found["without_webhook_s"] <= RECONCILED_SECONDS
        and found["without_webhook_books"] == (1, 1)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--webhooks", type=int, default=1000)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, gateway() as simulator:
        home = Path(folder) / "stack"
        Path(folder).chmod(0o755)
        with stack(home, simulator) as (api_url, pid):
            found = asyncio.run(measure(api_url, pid, home, simulator, options))
    print(json.dumps(found, indent=2))
    return 0 if holds(found) else 1


if __name__ == "__main__":
    sys.exit(main())
