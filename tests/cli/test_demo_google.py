"""`raptorflow demo` with a Gemini key in the environment: the same journey, over Gemini's wire."""

import json
import subprocess
import sys
from pathlib import Path

from tests.cli.running import environment
from tests.fakes.gemini import Gemini
from tests.loopback import serving


def test_with_a_key_the_demo_asks_gemini_and_nothing_else_changes(tmp_path: Path) -> None:
    gemini = Gemini()
    with serving(gemini.app) as url:
        env = environment(GEMINI_API_KEY="a-key", MODEL_BASE_URL=url, RATE_LIMIT_AGENT="100")
        command = [sys.executable, "-m", "backend.cli", "demo", "--json", f"--data-dir={tmp_path}"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert len(result["move"]["execution"]) == 7
    assert result["facts"]
    assert result["icps"]
    assert result["usage"]["tokens"] > 0
    assert result["usage"]["cost_usd"] > 0
    models = {request["path"].rpartition("/")[2].split(":")[0] for request in gemini.requests}
    assert models == {
        "gemini-3.1-flash-lite",  # judges
        "gemini-3.5-flash-lite",
        "gemini-3.1-pro-preview",
    }
    assert {request["key"] for request in gemini.requests} == {"a-key"}
