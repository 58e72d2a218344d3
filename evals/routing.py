"""How well free text is routed: `make eval-routing` (or `python -m evals.routing [--sealed] [--misses]`).

Top-1 accuracy among accepted sentences of the product's nine categories, how many of those were not accepted
(the engine asks back), and how many sentences from elsewhere were accepted though they should not be. Exits
non-zero below 92% or above 5%.
"""

import argparse
import asyncio
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from backend.core import data_files
from backend.core.config import Settings
from backend.routing import pipeline, semantic_router
from backend.routing.pipeline import Thresholds
from backend.routing.semantic_router import UNKNOWN

SETS = {
    "open": Path(__file__).with_name("routing.yaml"),
    "sealed": Path(__file__).with_name("routing_sealed.yaml"),
}
LEAST_ACCURACY, MOST_FOREIGN = 0.92, 0.05


@dataclass(frozen=True, slots=True)
class Case:
    """`found` is where the whole pipeline sends the sentence; `by_meaning` says that vectors alone did."""

    text: str
    wanted: str
    found: str
    by_meaning: bool

    @property
    def accepted(self) -> bool:
        return self.found != UNKNOWN


def defaults() -> Thresholds:
    """The thresholds as the settings have them when nobody sets them."""
    fields = Settings.model_fields
    return Thresholds(fields["routing_accept"].default, fields["routing_margin"].default)


async def cases(path: Path, thresholds: Thresholds) -> list[Case]:
    """Every sentence of a set, routed without a request type. Those that are also examples are left out."""
    known = {_plain(text) for texts in semantic_router.load_examples().values() for text in texts}
    found = []
    for wanted, texts in data_files.read(path).items():
        for text in (text for text in texts if _plain(text) not in known):
            routing = await pipeline.route(None, text, thresholds)
            by_meaning = bool(routing.semantic and routing.semantic["accepted"])
            found.append(Case(text, wanted, routing.category, by_meaning))
    return found


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def report(name: str, found: list[Case], *, misses: bool) -> bool:
    """Print the figures; True when they reach the aims."""
    ours = [case for case in found if case.wanted != UNKNOWN]
    foreign = [case for case in found if case.wanted == UNKNOWN]
    accepted = [case for case in ours if case.accepted]
    right = [case for case in accepted if case.found == case.wanted]
    let_in = [case for case in foreign if case.accepted]
    accuracy, strays = len(right) / max(len(accepted), 1), len(let_in) / max(len(foreign), 1)
    print(f"{name}: {len(found)} sentences, {len(ours)} ours, {len(foreign)} foreign")
    print(f"  top-1 among accepted   {accuracy:7.1%}  ({len(right)}/{len(accepted)})  aim 92%")
    print(f"  abstained              {1 - len(accepted) / max(len(ours), 1):7.1%}")
    print(f"  foreign accepted       {strays:7.1%}  ({len(let_in)}/{len(foreign)})  aim 5% at most")
    print(f"  decided by meaning     {sum(c.by_meaning for c in ours) / max(len(ours), 1):7.1%}")
    if misses:
        for case in (case for case in found if case.found != case.wanted):
            print(f"    {case.wanted} -> {case.found}: {case.text}")
    return accuracy >= LEAST_ACCURACY and strays <= MOST_FOREIGN


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sealed", action="store_true", help="the sealed third as well")
    parser.add_argument("--misses", action="store_true", help="show what went wrong")
    chosen = parser.parse_args()
    names = ["open", "sealed"] if chosen.sealed else ["open"]
    passed = [
        report(name, asyncio.run(cases(SETS[name], defaults())), misses=chosen.misses)
        for name in names
    ]
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
