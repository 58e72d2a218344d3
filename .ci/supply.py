"""What we ship is made of: known faults, a bill of materials, no secrets in the files.

    supply.py audit     asks PyPI and npm for known faults of what the lock files name; 1 when there are any
    supply.py sbom      writes sbom/python.cdx.json and sbom/web.cdx.json (CycloneDX)
    supply.py secrets [FILE ...]   looks for keys in these, or every file that git knows; 1 when there are any

A registry that cannot be reached is said and is no fault: a build must not depend on it. Run by make, which
makes .tooling/supply.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".tooling" / "supply" / "bin"
UV = shutil.which("uv") or str(ROOT / ".tooling" / "bin" / "uv")
WEB = ROOT / "frontend"
EXPORT = ["export", "--frozen", "--no-dev", "--no-emit-project", "--quiet", "--all-extras"]
AUDIT_SECONDS = 300
SCANNED = (
    "ArtifactoryDetector,AWSKeyDetector,AzureStorageKeyDetector,CloudantDetector,DiscordBotTokenDetector,"
    "GitHubTokenDetector,GitLabTokenDetector,MailchimpDetector,NpmDetector,OpenAIDetector,PrivateKeyDetector,"
    "PypiTokenDetector,SendGridDetector,SlackDetector,SquareOAuthDetector,StripeDetector,"
    "TelegramBotTokenDetector,TwilioKeyDetector"
)
"""Detectors that know a key by its form; those that guess by entropy or by a variable's name cry wolf."""


def run(*command: str, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603
        command, cwd=cwd, capture_output=True, text=True, timeout=AUDIT_SECONDS, check=False
    )


def requirements() -> str:
    """What a user installs, with versions and hashes, from the lock file."""
    return run(UV, *EXPORT, "--format", "requirements-txt").stdout


# --- audit -------------------------------------------------------------------------------------------------


def audit() -> int:
    return max(audit_python(), audit_web())


def audit_python() -> int:
    with tempfile.TemporaryDirectory() as folder:
        wanted, report = Path(folder) / "requirements.txt", Path(folder) / "report.json"
        wanted.write_text(requirements())
        asked = ["--requirement", str(wanted), "--disable-pip", "--require-hashes"]
        told = ["--format", "json", "--output", str(report), "--progress-spinner", "off"]
        try:
            said = run(str(TOOLS / "pip-audit"), *asked, *told).stderr
        except subprocess.TimeoutExpired:
            said = "no answer in time"
        found = read(report)
    if found is None:
        return unreachable("Python", said)
    skipped = [each for each in found["dependencies"] if "skip_reason" in each]
    if len(skipped) == len(found["dependencies"]):
        return unreachable("Python", skipped[0]["skip_reason"] if skipped else "nothing was asked")
    faulty = [each for each in found["dependencies"] if each.get("vulns")]
    for each in faulty:
        for fault in each["vulns"]:
            mended = ", ".join(fault["fix_versions"]) or "nothing yet"
            print(f"  {each['name']} {each['version']}: {fault['id']}, mended in {mended}")
    asked_about = len(found["dependencies"]) - len(skipped)
    unasked = f", {len(skipped)} NOT AUDITED" if skipped else ""
    print(f"Python: {asked_about} packages, {len(faulty)} with known faults{unasked}.")
    return 1 if faulty else 0


def audit_web() -> int:
    if shutil.which("npm") is None:
        return unreachable("Web", "npm is not installed")
    try:
        answer = run("npm", "audit", "--omit=dev", "--json", "--package-lock-only", cwd=WEB)
        found = json.loads(answer.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:
        return unreachable("Web", str(error))
    if "metadata" not in found:
        return unreachable("Web", str(found.get("message", "no report")))
    counted = found["metadata"]
    for name, each in found["vulnerabilities"].items():
        print(f"  {name} {each['range']}: {each['severity']}")
    grave = sum(counted["vulnerabilities"][degree] for degree in ("moderate", "high", "critical"))
    print(f"Web: {counted['dependencies']['prod']} packages, {grave} with known faults.")
    return 1 if grave else 0


def read(report: Path) -> Any:
    try:
        return json.loads(report.read_text())
    except (OSError, ValueError):
        return None


def unreachable(what: str, why: str) -> int:
    reason = " ".join(why.split())[-300:]
    print(f"{what}: NOT AUDITED, the registry could not be asked ({reason}).")
    return 0


# --- bill of materials -------------------------------------------------------------------------------------


def sbom() -> int:
    folder = ROOT / "sbom"
    folder.mkdir(exist_ok=True)
    shipped = {
        name for name, _ in re.findall(r"^([a-z0-9._-]+)==(\S+)", requirements(), re.MULTILINE)
    }
    made = run(
        str(TOOLS / "cyclonedx-py"), "environment", str(ROOT / ".venv" / "bin" / "python"),
        "--pyproject", str(ROOT / "pyproject.toml"), "--output-format", "JSON", "--output-reproducible",
    )  # fmt: skip
    if made.returncode:
        print(made.stderr, file=sys.stderr)
        return 1
    bill = only(json.loads(made.stdout), shipped)
    (folder / "python.cdx.json").write_text(json.dumps(bill, indent=1))
    print(f"sbom/python.cdx.json: {len(bill['components'])} components")
    if shutil.which("npm") is None:
        print("The web app's needs npm, which is not installed.")
        return 0
    made = run(
        "npm", "sbom", "--sbom-format", "cyclonedx", "--omit=dev", "--package-lock-only", cwd=WEB
    )
    if made.returncode:
        print(made.stderr, file=sys.stderr)
        return 1
    (folder / "web.cdx.json").write_text(made.stdout)
    print(f"sbom/web.cdx.json: {len(json.loads(made.stdout)['components'])} components")
    return 0


def only(bill: dict[str, Any], shipped: set[str]) -> dict[str, Any]:
    """The bill without what is here for developing alone."""
    plain = {name.lower().replace("_", "-").replace(".", "-") for name in shipped}

    def is_shipped(component: dict[str, Any]) -> bool:
        return component["name"].lower().replace("_", "-").replace(".", "-") in plain

    bill["components"] = [c for c in bill["components"] if is_shipped(c)]
    kept = {c["bom-ref"] for c in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    bill["dependencies"] = [
        {**each, "dependsOn": [ref for ref in each.get("dependsOn", []) if ref in kept]}
        for each in bill.get("dependencies", [])
        if each["ref"] in kept
    ]
    return bill


# --- secrets -----------------------------------------------------------------------------------------------


def secrets() -> int:
    """detect-secrets over every file that git knows, or those that are named; lock files are left out."""
    files = sys.argv[2:] or run("git", "ls-files", "-z").stdout.split("\0")
    looked = [name for name in files if name and not name.endswith((".lock", "package-lock.json"))]
    scan = (
        "import json, sys\n"
        "from detect_secrets import SecretsCollection\n"
        "from detect_secrets.settings import transient_settings\n"
        "names, own, files = sys.argv[1].split(','), sys.argv[2], json.load(sys.stdin)\n"
        "plugins = [{'name': n} for n in names] + [{'name': 'RaptorflowKeys', 'path': 'file://' + own}]\n"
        "with transient_settings({'plugins_used': plugins, 'filters_used': [\n"
        "    {'path': 'detect_secrets.filters.allowlist.is_line_allowlisted'}]}):\n"
        "    found = SecretsCollection()\n"
        "    for file in files:\n"
        "        found.scan_file(file)\n"
        "    for file, secret in found:\n"
        "        print(f'{file}:{secret.line_number}: {secret.type}')\n"
    )
    answer = subprocess.run(  # noqa: S603
        [TOOLS / "python", "-c", scan, SCANNED, ROOT / ".ci" / "own_secrets.py"],
        cwd=ROOT, input=json.dumps(looked), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if answer.returncode:
        print(answer.stderr, file=sys.stderr)
        return 2
    print(answer.stdout, end="")
    print(f"Secrets: {len(looked)} files, {len(answer.stdout.splitlines())} found.")
    if answer.stdout:
        print("A line that only looks like a secret ends with `# pragma: allowlist secret`.")
    return 1 if answer.stdout else 0


if __name__ == "__main__":
    sys.exit({"audit": audit, "sbom": sbom, "secrets": secrets}[sys.argv[1]]())
