"""`make eval-claims`: how many lies the claim check catches, and how many true lines it takes for lies.

The open part is written by hand (first, second) or made by rule from those documents; the sealed part rests
on documents of its own (third) and is what to publish. Exits with 1 when the sealed part falls short.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.skills import made
from tests.skills.evidence import ClaimCase, claim_set

LEAST_CAUGHT, MOST_ALARMS = 0.93, 0.03
SEED = 20261126


@dataclass
class Result:
    lies: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    missed: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    @property
    def caught_share(self) -> float:
        return self.caught.total() / self.lies.total()

    @property
    def alarm_share(self) -> float:
        return len(self.alarms) / self.lines

    def add_lie(self, kind: str, text: str, found: bool) -> None:
        self.lies[kind] += 1
        self.caught[kind] += found
        if not found:
            self.missed.append(f"{kind}: {text}")

    def add_line(self, text: str, why: str | None) -> None:
        self.lines += 1
        if why:
            self.alarms.append(f"{text} ({why})")


def measure(cases: list[ClaimCase]) -> Result:
    """Hand-written and made, each text once."""
    result = Result()
    for case in cases:
        lies = {text: (kind, bool(found)) for kind, text, found in case.lies()}
        for lie in made.lies(case.facts, SEED):
            lies.setdefault(lie.text, (lie.kind, bool(case.checker.check(lie.text))))
        for text, (kind, found) in lies.items():
            result.add_lie(kind, text, found)
        for line, found in _lines(case):
            result.add_line(line, found)
    return result


def _lines(case: ClaimCase) -> Iterator[tuple[str, str | None]]:
    known = dict(case.true_lines())
    unsettled = [fact for fact in case.facts if fact.id not in case.frozen]
    for line in made.true_lines(unsettled):
        known.setdefault(line, case.checker.check(line))
    for line, violations in known.items():
        yield line, f"rule {violations[0].rule}: {violations[0].text}" if violations else None


def report(name: str, result: Result, *, shown: bool) -> None:
    print(f"{name}: {result.lies.total()} lies, {result.caught_share:.1%} caught; "
          f"{result.lines} true lines, {result.alarm_share:.1%} false alarms")  # fmt: skip
    for kind, count in sorted(result.lies.items()):
        print(f"  {kind:<12} {result.caught[kind]:>3} of {count}")
    if shown:
        print(
            "\n".join(
                [
                    *(f"  missed  {m}" for m in result.missed),
                    *(f"  alarm   {a}" for a in result.alarms),
                ]
            )
        )


def main() -> None:
    opened = measure([*claim_set("first"), *claim_set("second")])
    sealed = measure(claim_set("third"))
    report("open", opened, shown=True)
    report("sealed", sealed, shown="--unseal" in sys.argv)
    short = sealed.caught_share < LEAST_CAUGHT or sealed.alarm_share > MOST_ALARMS
    raise SystemExit(1 if short else 0)


if __name__ == "__main__":
    main()
