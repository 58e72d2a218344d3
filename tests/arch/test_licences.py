"""What we ship may be shipped: permissive licences and a few reviewed others, as installed."""

import importlib.metadata
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement

LOCK = Path(__file__).parents[2] / "frontend" / "package-lock.json"
EXTRAS = ("vertexai", "google", "models", "otlp")
PERMISSIVE = re.compile(
    r"(the )?(mit|mit-0|mit-cmu|apache|bsd|simplified bsd|3-clause bsd|isc|0bsd|psf|unlicense|zlib|cc0|cnri"
    r"|python software|dual license$)",
    re.IGNORECASE,
)
REVIEWED = {
    "psycopg": "LGPL: used as it is, as a library that anyone can replace",
    "psycopg-binary": "LGPL: the same",
    "psycopg-pool": "LGPL: the same",
    "certifi": "MPL: a list of certificates, unchanged",
    "orjson": "MPL in part: unchanged",
    "tqdm": "MPL in part: unchanged",
    "tld": "MPL, by our choice of its three: unchanged",
}
REVIEWED_WEB = {
    "caniuse-lite": "CC-BY: data for building, named here",
    "@img/sharp": "LGPL: libvips, which Next may load to shrink pictures, unchanged",
}


def distributions(
    name: str, extras: Iterable[str], seen: set[tuple[str, str]]
) -> Iterator[importlib.metadata.Distribution]:
    """A package and everything it needs here, each once."""
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return  # for another system
    wanted = [extra for extra in ("", *extras) if (plain(name), extra) not in seen]
    seen.update((plain(name), extra) for extra in wanted)
    if "" in wanted:
        yield found
    for line in found.requires or ():
        needed = Requirement(line)
        marker = needed.marker
        if wanted and (
            marker is None or any(marker.evaluate({"extra": extra}) for extra in wanted)
        ):
            yield from distributions(needed.name, needed.extras, seen)


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def said(found: importlib.metadata.Distribution) -> list[str]:
    """The licence, as the expression, the first line of the text, or the classifiers have it."""
    about = found.metadata
    if "License-Expression" in about:
        return re.split(r"\s+(?:AND|OR)\s+|[()]", about["License-Expression"])
    classified = [
        line.split("::")[-1].strip()
        for line in about.get_all("Classifier") or ()
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    text = (about.get("License") or "").strip().splitlines()[:1]
    return classified or re.split(r"\s+AND\s+", text[0] if text else "says nothing")


def test_python_packages_are_permissive_or_reviewed() -> None:
    found = {plain(d.name): said(d) for d in distributions("raptorflow", EXTRAS, set())}
    assert len(found) > 100
    others = {
        name: terms
        for name, terms in found.items()
        if name != "raptorflow" and not all(PERMISSIVE.match(term) for term in terms if term)
    }
    assert {name: terms for name, terms in others.items() if name not in REVIEWED} == {}


def test_the_web_apps_packages_are_permissive_or_reviewed() -> None:
    packages = json.loads(LOCK.read_text())["packages"]
    others = {
        name.rpartition("node_modules/")[2]: each.get("license", "says nothing")
        for name, each in packages.items()
        if name and not each.get("dev")
        and not all(
            PERMISSIVE.match(term)
            for term in re.split(r"\s+(?:AND|and)\s+|[()]", each.get("license", "-")) if term
        )
    }  # fmt: skip
    unknown = {n: t for n, t in others.items() if not n.startswith(tuple(REVIEWED_WEB))}
    assert unknown == {}
