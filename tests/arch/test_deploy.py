"""What is deployed beside the service speaks of what the service really has."""

import json
import re
from pathlib import Path

import yaml

from backend.api import health
from backend.api.metrics import Metrics
from backend.cli.commands import app as cli
from backend.domain.vital_signs import SIGNS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def told() -> set[str]:
    """Names of the series that /metrics has."""
    metrics = Metrics()
    metrics.requests.labels("GET", "/", 200).inc()
    metrics.seconds.labels("GET", "/").observe(1)
    text = metrics.text(dict.fromkeys(SIGNS, 0.0)).decode()
    return set(re.findall(r"^(raptorflow_\w+)", text, re.MULTILINE))


def test_dashboard_and_alerts_ask_for_series_that_exist() -> None:
    for name in ("grafana/raptorflow.json", "prometheus/alerts.yml"):
        asked = set(re.findall(r"\braptorflow_\w+", (DEPLOY / name).read_text()))
        assert asked
        assert asked - told() == set(), name


def test_every_vital_sign_is_on_the_dashboard() -> None:
    text = (DEPLOY / "grafana" / "raptorflow.json").read_text()
    assert [name for name in SIGNS if f"raptorflow_{name}" not in text] == []
    panels = json.loads(text)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_every_alert_has_a_runbook() -> None:
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]:
        assert (ROOT / rule["annotations"]["runbook"]).exists(), rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_kubernetes_runs_our_commands_and_keeps_the_owner_to_the_job() -> None:
    objects = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "raptorflow.yaml").read_text()))
    pods = {
        each["metadata"]["name"]: each["spec"]["template"]["spec"]["containers"][0]
        for each in objects
        if each["kind"] in ("Job", "Deployment")
    }
    commands = {info.name or info.callback.__name__ for info in cli.registered_commands}  # type: ignore[union-attr]
    for name, pod in pods.items():
        command = pod.get("command", ["raptorflow", "migrate"])
        assert command[0] == "raptorflow"
        assert command[1] in commands
        assert pod["securityContext"]["runAsNonRoot"] is True
        owner = [each["name"] for each in pod.get("env", ())]
        assert owner == (["MIGRATION_DATABASE_URL"] if name == "raptorflow-migrate" else [])
    probes = {
        pods["raptorflow-api"][f"{kind}Probe"]["httpGet"]["path"]
        for kind in ("liveness", "readiness")
    }
    assert probes <= {route.path for route in health.router.routes}  # type: ignore[attr-defined]
