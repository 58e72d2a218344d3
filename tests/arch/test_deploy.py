"""What is deployed beside the service speaks of what the service really has."""

import json
import re
from pathlib import Path

import yaml

from backend.api.metrics import Metrics
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
