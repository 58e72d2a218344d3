"""What Schemathesis knows of a furnished workspace: loaded in its own process by SCHEMATHESIS_HOOKS.

Generated requests alone meet only absences: nobody guesses an id. So an address that was generated as a right
one mostly names a row that is there: of the stage that `FUZZ_STAGE` holds, or seen in an answer since. A
right body is sometimes exchanged for one known to be taken. What was generated as a wrong one stays as it is.
"""

import json
import os
import random
from collections import defaultdict, deque
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import AuthContext, Case, HookContext, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation

STAGE: dict[str, Any] = json.loads(Path(os.environ["FUZZ_STAGE"]).read_text())
CALLS = Path(os.environ["FUZZ_CALLS"])
KEPT = 3
"""So many of the first rows of a noun are deleted only when there are no others; the very first never."""
OFTEN, SELDOM = 0.85, 0.35
IDS_IN_BODIES = {"target_icp_id": "icp_id", "output_id": "asset_id"}

Named = dict[str, str]
known: dict[str, deque[Named]] = defaultdict(lambda: deque(maxlen=40))
"""By path parameter: rows, each as the path parameters that lead to it."""
kept: dict[str, list[Named]] = defaultdict(list)
dice = random.Random(STAGE["seed"])


def learn(parameter: str, named: Named) -> None:
    if (
        named[parameter] in STAGE["reserved"]
    ):  # a list shows it; only its own operation may use it up
        return
    rows = kept[parameter] if len(kept[parameter]) < KEPT else known[parameter]
    if named not in kept[parameter] and named not in rows:
        rows.append(named)


for named in STAGE["rows"]:
    learn(next(iter(named)), named)
reached: set[str] = set()
"""Operations that have succeeded. Before, they are helped: right bodies, rows in the right state."""


def operation_of(case: Case) -> str:
    return str(case.operation.definition.raw["operationId"])


@schemathesis.auth(refresh_interval=None)
class Holder:
    """Whoever may: the owner of the stage, and for some operations somebody else."""

    def get(self, case: Case, _: AuthContext) -> str:
        people: dict[str, str] = STAGE["authorization"]
        return people.get(operation_of(case), people["*"])

    def set(self, case: Case, data: str, _: AuthContext) -> None:
        case.headers["Authorization"] = data


def is_right(case: Case, location: ParameterLocation) -> bool:
    meta = case.meta
    return meta is None or not meta.is_negative_at(location)


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    operation = operation_of(case)
    new = operation not in reached
    own = new or operation in STAGE["authorization"]
    asked = {**STAGE["asked"]["*"], **(STAGE["asked"].get(operation, {}) if own else {})}
    if new and is_right(case, ParameterLocation.HEADER):
        case.headers.pop("If-Match", None)
    if case.path_parameters and is_right(case, ParameterLocation.PATH):
        lead(case, asked, 1 if own else OFTEN)
    if case.query and is_right(case, ParameterLocation.QUERY):
        case.query.update({name: dice.choice(asked[name]) for name in case.query if name in asked})
    body_is_right = is_right(case, ParameterLocation.BODY)
    if operation == "upload_evidence" and body_is_right:  # what is generated has no file's name
        notes = f"We sell tea. {case.id}".encode()
        kwargs["files"] = {"file": ("notes.md", notes, "text/markdown")}
    elif case.body and body_is_right:
        rights = STAGE["bodies"].get(operation)
        if rights and (new or dice.random() < SELDOM):
            case.body = json.loads(json.dumps(dice.choice(rights)))
        refer(case.body)


def lead(case: Case, asked: dict[str, list[str]], likely: float) -> None:
    """Let the address name a row that is there."""
    given = case.path_parameters
    destroys = case.method == "DELETE"
    rest = list(given)
    for parameter in reversed(list(given)):
        if parameter not in rest or dice.random() > likely:
            continue
        rows = list(known[parameter])
        if not (destroys and rows):
            rows += kept[parameter][1 if destroys else 0 :]
        if parameter in asked:
            given[parameter] = dice.choice(asked[parameter])
        elif rows and not is_known(parameter, given[parameter]):
            found = dice.choice(rows)
            given.update({name: found[name] for name in found if name in given})
            rest = [name for name in rest if name not in found]


def is_known(parameter: str, value: Any) -> bool:
    return any(row[parameter] == value for row in (*known[parameter], *kept[parameter]))


def refer(value: Any) -> None:
    """Let ids in a body name rows too."""
    for name, part in list(value.items()) if isinstance(value, dict) else []:
        parameter = IDS_IN_BODIES.get(name, name)
        rows = [*known[parameter], *kept[parameter]]
        if isinstance(part, str) and rows and parameter.endswith("_id") and dice.random() < OFTEN:
            value[name] = dice.choice(rows)[parameter]
        else:
            refer(part)


@schemathesis.hook
def after_call(context: HookContext, case: Case, response: Response) -> None:
    operation = operation_of(case)
    with CALLS.open("a") as file:
        phase = case.meta.phase.name if case.meta else "probe"
        print(json.dumps([operation, case.method, response.status_code, str(phase)]), file=file)
    if response.status_code < 300:
        reached.add(operation)
    if response.status_code < 300 and operation not in STAGE["authorization"]:
        is_json = "application/json" in (response.headers.get("content-type") or [""])[0]
        for name, rows in response.json().items() if is_json else ():
            for row in rows if isinstance(rows, list) else [rows]:
                if isinstance(row, dict) and "id" in row:
                    remember(singular(name), row, case)


def singular(name: str) -> str:
    return STAGE["nouns"].get(name, name.removesuffix("s"))


def remember(noun: str, row: dict[str, Any], case: Case) -> None:
    """Note a row, with the row it hangs on."""
    above = STAGE["above"].get(f"{noun}_id")
    named = {f"{noun}_id": str(row["id"])}
    if above:
        if above not in row and above not in case.path_parameters:
            return
        named[above] = str(row.get(above) or case.path_parameters[above])
    learn(f"{noun}_id", named)


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """A wrong body is refused by whatever is looked at first: the budget, or the version it is meant for.

    And the gateway's webhook is not refused for its shape once it is genuine: it would be sent for days.
    """
    taken = isinstance(failure, AcceptedNegativeData)
    forgiven = response.status_code in (402, 412) or operation_of(case) == "receive_payment_event"
    return not (taken and forgiven)
