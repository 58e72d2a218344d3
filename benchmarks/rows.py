"""What must hold and how fast it must be: a row, its bound, what shows it. One without a source is due."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    id: str
    tried: str
    holds_when: str
    shown_by: tuple[str, ...] = ()
    """Files of tests, or benchmarks as modules; all must pass."""
    measured_only: bool = False
    """It is printed and has no bound to keep."""


SMALL = {
    "benchmarks.engine_overhead": ("--runs", "3"),
    "benchmarks.money": ("--webhooks", "20", "--connections", "4"),
    "benchmarks.moves_list": ("--rounds", "1", "--seconds", "1", "--connections", "4"),
    "benchmarks.vector_search": ("--memories", "3000", "--workspaces", "20"),
    "benchmarks.lists": ("--rows", "300", "--rounds", "3"),
    "benchmarks.onboarding": (),
    "benchmarks.startup": ("--rounds", "1"),
    "benchmarks.scaling": ("--seconds", "1", "--runs", "5"),
}
"""Arguments that make a benchmark small."""

TRUST = (
    Row(
        "R1",
        "workers killed at every step boundary",
        "every run ends, no ledger row lost or doubled",
        ("tests/trust/test_workers.py", "tests/services/test_jobs.py"),
    ),
    Row(
        "R2",
        "the API killed under 500 open streams",
        "no usage lost, every client resumes without gap or double",
        ("tests/trust/test_streams.py",),
    ),
    Row(
        "R3",
        "500 streams of one process",
        "0 errors, first byte p95 < 500 ms, memory grows < 5%",
        ("tests/trust/test_streams.py",),
    ),
    Row(
        "R4",
        "clients that leave in the middle",
        "what was spent is recorded, none hangs",
        ("tests/trust/test_streams.py",),
    ),
    Row(
        "R5",
        "Postgres stopped hard and started under load",
        "serving within 10 s, only 503 meanwhile",
        ("tests/trust/test_postgres.py",),
    ),
    Row(
        "R6",
        "Redis down, slow, emptied",
        "added p95 < 50 ms, budgets unaffected",
        ("tests/trust/test_redis.py",),
    ),
    Row(
        "R7",
        "model, gateway and pages slow, cut off, dripping",
        "every call bounded, no run stuck",
        ("tests/trust/test_calls.py",),
    ),
    Row(
        "R8",
        "rolling restart under load, 20 times",
        "no failed request but streams",
        ("tests/trust/test_restarts.py",),
    ),
    Row(
        "R9",
        "worker, API, Postgres, Redis killed at random, ten minutes",
        "ledger, invoices, runs and papers right afterwards",
        ("tests/trust/test_chaos.py",),
    ),
    Row(
        "R10",
        "no room on the disk of Postgres, under load (as root: it mounts one)",
        "only 503s meanwhile; nothing acknowledged is lost",
        ("tests/trust/test_full_disk.py",),
    ),
    Row(
        "R11",
        "a worker's clock jumps by up to 40 days, 200 runs (needs libfaketime)",
        "all end, each call is bought once, the ledger is exact",
        ("tests/trust/test_clock.py",),
    ),
    Row(
        "M1",
        "100 runs at once with budget for 10",
        "spent and reserved never above the budget",
        ("tests/services/test_usage_tracker.py",),
    ),
    Row(
        "M2",
        "one Idempotency-Key many times at once",
        "one effect, one answer",
        ("tests/api/test_idempotency.py",),
    ),
    Row(
        "M3",
        "1,000 webhooks doubled, shuffled, forged",
        "one activation and one invoice for each payment",
        ("benchmarks.money",),
    ),
    Row(
        "M4",
        "a webhook that never comes",
        "activated within 2 minutes, one invoice",
        ("benchmarks.money",),
    ),
    Row(
        "M5",
        "the ledger as a state machine",
        "the balance is the sum of its entries, always",
        ("tests/services/test_usage_tracker.py",),
    ),
    Row(
        "M6",
        "200 invoices at once, a fifth undone",
        "no gap, no double, tax to the paisa",
        ("tests/trust/test_money.py", "tests/payments/test_gst_service.py"),
    ),
    Row(
        "I1",
        "every table, verb and actor",
        "0 leaks",
        ("tests/sql/test_rls_matrix.py", "tests/cli/test_verify.py"),
    ),
    Row(
        "I2",
        "every id of every route with another tenant's token",
        "404 for all",
        ("tests/api/test_tenancy.py",),
    ),
    Row(
        "I3",
        "tenants in turns through PgBouncer",
        "0 foreign rows",
        ("tests/trust/test_pooler.py",),
    ),
    Row(
        "I4",
        "vector search in one of 1,000 workspaces",
        "95% of the exact nearest",
        ("benchmarks.vector_search",),
    ),
    Row(
        "I5",
        "unknown and read-only fields on every write",
        "refused or ignored, never applied",
        ("tests/api/test_bad_input.py",),
    ),
    Row(
        "S1",
        "requests made from the OpenAPI document",
        "no 5xx, no answer off the schema",
        ("tests/trust/test_fuzz.py",),
    ),
    Row(
        "S2",
        "addresses that lead inside",
        "no connection to one",
        ("tests/services/test_egress.py", "tests/trust/test_evidence.py"),
    ),
    Row(
        "S3",
        "files that explode",
        "refused in 2 s, memory + < 100 MB",
        ("tests/trust/test_evidence.py",),
    ),
    Row(
        "S4",
        "orders in papers and pages",
        "nothing approved, spent or told because of them",
        ("tests/trust/test_injections.py", "tests/api/test_injection.py"),
    ),
    Row(
        "S5",
        "tokens forged in every known way",
        "none accepted, no false 401 in a rotation",
        ("tests/core/test_auth.py",),
    ),
    Row(
        "S6",
        "every route",
        "demands a user or is on the reviewed list",
        ("tests/api/test_http.py",),
    ),
    Row(
        "U1",
        "one gate decided many times at once",
        "one outcome, of what was shown",
        ("tests/api/test_approvals.py",),
    ),
    Row(
        "U2",
        "migrations from an older version with rows",
        "no row lost, `verify` finds nothing",
        ("tests/core/test_migrations.py",),
    ),
)

BENCH = (
    Row(
        "L1",
        "GET /moves beside the limit and the specification's shape",
        "≥ 0.80 of the limit, ≥ 10 times the shape",
        ("benchmarks.moves_list",),
    ),
    Row(
        "L2",
        "FastAPI template's shape and SQLAlchemy's",
        "≥ 8 and ≥ 5 times",
        ("benchmarks.moves_list",),
    ),
    Row(
        "L3",
        "round trips of every list; its deepest page beside the first; its plan",
        "1, ≤ 1.4 times, an index condition",
        ("benchmarks.lists", "tests/sql/test_plans.py", "tests/trust/test_pooler.py"),
    ),
    Row(
        "L4",
        "what a run costs beside its composer",
        "median ≤ 40 ms of processor",
        ("benchmarks.engine_overhead",),
    ),
    Row(
        "L5",
        "vector search among 200,000",
        "recall ≥ 0.95, median ≤ 5 ms",
        ("benchmarks.vector_search",),
    ),
    Row(
        "L6",
        "import and start of the API",
        "ready ≤ 3 s, ≤ 130 MB, ≤ 250 MB with the embedder",
        ("benchmarks.startup",),
    ),
    Row(
        "L7",
        "500 streams of one process",
        "0 errors, first byte p95 < 500 ms",
        ("tests/trust/test_streams.py",),
    ),
    Row(
        "L8",
        "papers to a finished onboarding",
        "seconds and memory, printed",
        ("benchmarks.onboarding",),
        measured_only=True,
    ),
    Row(
        "L9",
        "one and two APIs, one and two workers behind PgBouncer",
        "lists a second and runs a minute, printed",
        ("benchmarks.scaling",),
        measured_only=True,
    ),
)
