"""The demo's report: what the founder now has, with the source of each fact."""

from collections import defaultdict
from collections.abc import Sized
from typing import Any

from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

console = Console(highlight=False)

HEADINGS = {
    "company_info": "The company",
    "positioning": "What it does, for whom",
    "target_audience": "Who buys, and why",
    "proof_points": "Proof",
    "differentiators": "What sets it apart",
    "constraints": "Limits",
    "pricing": "Prices",
}
MARKS = {"must-do": "●", "should-do": "○", "nice-to-have": "·"}


def print_report(result: dict[str, Any], *, sample: bool) -> None:
    """Print foundation, ICPs and the days of the move."""
    foundation, move = result["foundation"], result["move"]
    if sample:
        console.print("This is a sample: the company in it does not exist.", style="dim italic")
    console.print(_title(foundation))
    console.print(_facts(result))
    for icp in result["icps"]:
        console.print(_icp(icp))
    limit = result["plan_limit"]
    if limit:
        console.print(Padding(Text(limit["message"], style="yellow"), (0, 2)))
    console.print(_move_heading(move))
    for day in move["execution"]:
        console.print(_day(day, move["tasks"]))
    _print_missing(result["missing"])
    _print_end(result)


def _title(foundation: dict[str, Any]) -> Panel:
    positioning = foundation["positioning"] or {}
    lines = [Text(foundation["company_name"] or "Your company", style="bold")]
    for part in (positioning.get("category"), positioning.get("positioning_statement")):
        if part:
            lines.append(Text(str(part)))
    return Panel(Group(*lines), title="Foundation", title_align="left", border_style="cyan")


def _facts(result: dict[str, Any]) -> Table:
    by_category: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for fact in result["facts"]:
        by_category[fact["category"]].append(fact)
    table = Table(box=None, show_header=False, padding=(0, 1), expand=True)
    table.add_column(ratio=3)
    table.add_column(ratio=1, style="dim", justify="right", no_wrap=True)
    for category, heading in HEADINGS.items():
        if not by_category[category]:
            continue
        table.add_row(Text(heading, style="bold cyan"), "")
        for fact in by_category[category]:
            page = f", page {fact['page']}" if fact.get("page") else ""
            table.add_row(
                Padding(Text(fact["fact"]), (0, 0, 0, 2)),
                f"{fact['source']}{page}, {fact['start']}-{fact['end']}",
            )
    return table


def _icp(icp: dict[str, Any]) -> Panel:
    behaviors, demographics = icp["behaviors"], icp["demographics"]
    shown = [
        ("Role", demographics.get("role")),
        ("Company size", demographics.get("company_size")),
        ("Age", demographics.get("age_range")),
        ("Where", ", ".join(demographics.get("location", []))),
        ("Starts looking when", "; ".join(behaviors.get("buying_triggers", [])[:3])),
        ("Objects", "; ".join(behaviors.get("objections", [])[:3])),
        ("Says", "; ".join(behaviors.get("language_patterns", [])[:4])),
        ("Fears", "; ".join(icp["psychographics"].get("fears", [])[:3])),
    ]
    table = Table.grid(padding=(0, 2))
    for name, value in shown:
        if value:
            table.add_row(Text(name, style="dim"), Text(str(value)))
    title = f"{icp['code']}  {icp['name']}" + ("  (primary)" if icp["is_primary"] else "")
    return Panel(
        Group(Text(icp["tagline"] or "", style="italic"), table),
        title=title,
        title_align="left",
        border_style="magenta",
    )


def _move_heading(move: dict[str, Any]) -> Panel:
    days = f"{move['duration_days']} days from {move['start_date']}"
    facts = f"{move['category']}, {days}, {move['progress']}% done"
    return Panel(
        Group(Text(move["name"], style="bold"), Text(facts, style="dim")),
        title="Move",
        title_align="left",
        border_style="green",
    )


def _day(day: dict[str, Any], tasks: list[dict[str, Any]]) -> Padding:
    rows = [task for task in tasks if task["day_number"] == day["day"]]
    minutes = sum(task["estimated_minutes"] for task in rows)
    lines: list[Text] = [
        Text.assemble(
            (f"Day {day['day']}  ", "bold"), (day["theme"], "green"), (f"  {minutes} min", "dim")
        )
    ]
    for task in rows:
        mark = "✓" if task["status"] == "completed" else MARKS[task["priority"]]
        lines.append(
            Text.assemble(
                f"  {mark} {task['title']}",
                (f"  ({task['platform']}, {task['estimated_minutes']} min)", "dim"),
            )
        )
        for part, style in ((task["description"], ""), (task["deliverable"], "dim")):
            if part:
                lines.append(Text(f"      {part}", style=style))
    return Padding(Group(*lines), (1, 0, 0, 0))


def _print_missing(missing: list[dict[str, Any]]) -> None:
    if not missing:
        return
    console.print(Text("\nWhat would make this better", style="bold"))
    for gap in missing[:5]:
        console.print(f"  {gap['question']}", style="yellow")


def _print_end(result: dict[str, Any]) -> None:
    usage = result["usage"]
    console.print(
        f"\n{_counted(result['facts'], 'fact')}, {_counted(result['icps'], 'ICP')},"
        f" {_counted(result['move']['tasks'], 'task')} from {_counted(result['evidence'], 'document')}"
        f" in {result['seconds']} s. "
        f"Written by the {usage['model']}: {usage['runs']} runs, {usage['tokens']} tokens, "
        f"${usage['cost_usd']:.4f}.",
        style="dim",
    )


def _counted(things: Sized, noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
