"""report.html and history.html in Chromium: of a run that finds nothing, of one that finds ten faults, and of ten thousand cases.

    python3 browser.py LXCA-CONFORM AXE PICTURES

Needs what requirements-browser.txt names, chromium and chromedriver. AXE is axe.min.js of the npm package axe-core. Pictures and printed pages go
to the folder PICTURES, for people to look at. Prints a line for each check, and exits 1 if one failed.
"""

import base64
import concurrent.futures
import copy
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from support import check, end, served

# Faults that show at different checks and places.
FAULTS = [
    "lock-component-unknown",
    "lock-created-with-space",
    "start-result-capitalised",
    "uuid-not-required",
    "unknown-action-accepted",
    "refusal-message-string",
    "task-percentage-string",
    "aicc-runlevel-string",
    "deleted-lock-text-html",
    "copy-deletes-original",
]
PASSWORD = "PASSW0RD"
MANY = 10_000
MOST_SECONDS = 2.0
MOST_BYTES = 8 * 1024 * 1024
WIDTHS = [1280, 480, 360]
HEIGHT = 2600

LINKS = """return [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')).filter(href => href.startsWith('#')
    ? !document.getElementById(decodeURIComponent(href.slice(1))) : !href.startsWith('data:'))"""
TWICE = """const seen = {}; document.querySelectorAll('[id]').forEach(one => seen[one.id] = (seen[one.id] || 0) + 1);
    return Object.keys(seen).filter(id => seen[id] > 1)"""
# What the page complains about, from its first moment.
LISTEN = """window.__seen = []; addEventListener('error', event => __seen.push(String(event.message)));
    addEventListener('securitypolicyviolation', event => __seen.push(event.violatedDirective + ' ' + event.blockedURI));"""

class Browser:
    """Chromium with a new profile: it reaches nobody, and writes down whom it asked."""

    def __init__(self, axe, pictures):
        self.axe = axe
        self.pictures = pictures
        self.room = tempfile.TemporaryDirectory()
        self.log = pathlib.Path(self.room.name) / "net.json"
        options = webdriver.ChromeOptions()
        for word in [
            "headless=new",
            "no-sandbox",
            "disable-gpu",
            "disable-dev-shm-usage",
            "disable-background-networking",
            "disable-component-update",
            "disable-sync",
            "no-first-run",
            "hide-scrollbars",
            "host-resolver-rules=MAP * ~NOTFOUND",
            f"log-net-log={self.log}",
            f"user-data-dir={self.room.name}/profile",
        ]:
            options.add_argument(f"--{word}")
        self.driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
        self.tell("Page.addScriptToEvaluateOnNewDocument", source=LISTEN)
        self.look(1280, "light", "screen")

    def tell(self, command, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)

    def look(self, width, scheme, media):
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        features = [{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]
        self.tell("Emulation.setEmulatedMedia", media=media, features=features)

    def open(self, page):
        """Shows a page; gives back how many seconds that took."""
        before = time.monotonic()
        self.driver.get(page.resolve().as_uri())
        return time.monotonic() - before

    def ask(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition, *arguments):
        """Waits until a condition on the page holds, for five seconds at most; gives back whether it does."""
        script = f"""const [...given] = arguments; const done = given.pop(); const until = Date.now() + 5000;
            const look = () => {{ const held = (() => {{ {condition} }})();
                if (held || Date.now() > until) done(!!held); else requestAnimationFrame(look); }}; look();"""
        return self.driver.execute_async_script(script, *arguments)

    def press(self, selector, keys):
        self.driver.find_element(By.CSS_SELECTOR, selector).send_keys(keys)

    def picture(self, name, most=HEIGHT):
        """A picture of the page from its top, at most so high."""
        height = min(self.ask("return document.documentElement.scrollHeight"), most)
        width = self.ask("return document.documentElement.clientWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.tell("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        png = base64.b64decode(shot["data"])
        (self.pictures / f"{name}.png").write_bytes(png)
        check(f"{name}.png is a picture of some size", png.startswith(b"\x89PNG") and len(png) > 5000)
        return png

    def grave(self, name):
        """What axe-core finds must not be serious; what else it finds is told."""
        check(f"{name}: axe-core loads", self.ask(f"{self.axe};\nreturn typeof axe"), "object")
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, { resultTypes: ['violations'] }).then(found => done(found.violations), error => done(String(error)));"
        )
        lines = [(one["impact"], f"{one['id']} ({one['impact']}): {one['help']} e.g. {one['nodes'][0]['html'][:200]}") for one in found]
        for _, line in lines:
            print(f"          axe-core: {line}")
        return [line for impact, line in lines if impact in ("serious", "critical")]

    def quit(self):
        """Ends the browser; gives back whom the pages asked. The browser writes the end of its log when it goes."""
        process = self.driver.service.process
        self.driver.quit()
        process.wait(20)
        end = time.monotonic() + 20
        while True:
            text = self.log.read_text(encoding="utf-8", errors="replace")
            try:
                record = json.loads(text)
                break
            except ValueError:
                if time.monotonic() > end:
                    record = json.loads(text.rstrip().rstrip(",") + "]}")
                    break
        self.room.cleanup()
        kind = record["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
        starts = [event["params"] for event in record["events"] if event["type"] == kind and "params" in event]
        return [params["url"] for params in starts if "url" in params and "file://" in params.get("network_isolation_key", "")]


def reads(browser, name, page, report):
    """What a reader must find on the page of a report."""
    check(f"{name}: the conclusion", browser.ask("return document.getElementById('conclusion').textContent"), report["conclusion"].upper())
    check(f"{name}: the page complains of nothing", browser.ask("return window.__seen"), [])
    check(f"{name}: no link leads nowhere, or out", browser.ask(LINKS), [])
    check(f"{name}: no id is there twice", browser.ask(TWICE), [])
    check(f"{name}: one first heading", browser.ask("return document.querySelectorAll('h1').length"), 1)
    landmarks = "return ['header', 'nav', 'main', 'footer'].filter(name => !document.querySelector('body > ' + name))"
    check(f"{name}: no landmark is missing", browser.ask(landmarks), [])
    bare = "return [...document.querySelectorAll('table')].filter(one => !one.caption || !one.tHead).length"
    check(f"{name}: no table without caption or head", browser.ask(bare), 0)
    check(f"{name}: the page isn't too large", page.stat().st_size < MOST_BYTES)
    ids = set(browser.ask("return [...document.querySelectorAll('[id]')].map(one => one.id)"))
    wanted = [row["id"] for row in report["cases"] + report["requirements"]]
    check(f"{name}: an anchor for each of {len(wanted)} cases and requirements", [one for one in wanted if one not in ids], [])


def looks(browser, name):
    """Light, dark and printed are three looks."""
    light = browser.picture(f"{name}-light")
    browser.look(1280, "dark", "screen")
    dark = browser.picture(f"{name}-dark")
    browser.look(800, "light", "print")
    paper = browser.picture(f"{name}-print")
    check(f"{name}: light, dark and print differ", len({light, dark, paper}), 3)
    check(f"{name}: the navigation isn't printed", browser.ask("return getComputedStyle(document.querySelector('nav')).display"), "none")
    browser.look(1280, "light", "screen")
    pdf = base64.b64decode(browser.driver.print_page())
    (browser.pictures / f"{name}.pdf").write_bytes(pdf)
    check(f"{name}: it can be printed", pdf.startswith(b"%PDF"))


def fits(browser, name):
    """Nothing is wider than the window, with all that can be opened open."""
    browser.ask("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    for width in WIDTHS:
        browser.look(width, "light", "screen")
        over = browser.ask("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        check(f"{name}: it isn't wider than {width}", over, 0)
    browser.look(360, "light", "screen")
    browser.ask("document.querySelectorAll('details').forEach(one => { one.open = one.classList.contains('evidence'); })")
    browser.picture(f"{name}-narrow")
    browser.look(1280, "light", "screen")


def filters(browser, name, word):
    """The filter leaves the rows that hold a word, says how many, and gives all of them back."""
    visible = "return [...document.querySelectorAll('[data-row]')].filter(one => !one.hidden).length"
    every = browser.ask(visible)
    browser.press("#filter", word)
    browser.wait("return document.getElementById('filtered').textContent")
    found = browser.ask(visible)
    others = """return [...document.querySelectorAll('[data-row]')].filter(one => !one.hidden
        && !(one.textContent + one.id).toLowerCase().includes(arguments[0])).length"""
    check(f"{name}: the filter leaves some rows", 0 < found < every)
    check(f"{name}: all of them hold the word", browser.ask(others, word), 0)
    check(f"{name}: it says how many", browser.ask("return document.getElementById('filtered').textContent"), f"{found} of {every} rows")
    browser.press("#filter", Keys.ESCAPE)
    check(f"{name}: all rows come back", browser.ask(visible), every)


def opens(browser, name, target):
    """A link to what is closed opens it."""
    shown = "const one = document.getElementById(arguments[0]); return !!one && one.checkVisibility()"
    check(f"{name}: {target} is closed at first", browser.ask(shown, target), False)
    browser.ask("location.hash = arguments[0]", target)
    check(f"{name}: a link opens it", browser.wait("return document.getElementById(given[0]).checkVisibility()", target))


def keys(browser, name):
    """The first key leads past the head, and what has the focus is seen."""
    browser.press("body", Keys.TAB)
    focus = "return [document.activeElement.className, document.activeElement.getBoundingClientRect().left >= 0]"
    check(f"{name}: the first key leads past the head", browser.ask(focus), ["skip", True])


def copies(browser, name):
    """The button of a cause copies the text for a ticket."""
    wanted = browser.ask("return document.getElementById('ticket-1').value")
    check(f"{name}: the text for a ticket", [part for part in ("## ", "- Expected: ", "curl -i") if part not in wanted], [])
    browser.driver.find_element(By.CSS_SELECTOR, "button[data-copy=ticket-1]").click()
    check(f"{name}: the page says that it was copied", browser.wait("return document.getElementById('said').textContent"))
    said = browser.ask("return document.getElementById('said').textContent")
    check(f"{name}: in words", said, "Copied")
    browser.ask("const field = document.createElement('textarea'); field.id = 'pasted'; document.body.prepend(field); field.focus();")
    browser.press("#pasted", Keys.CONTROL + "v")
    check(f"{name}: what is pasted is what was copied", browser.ask("return document.getElementById('pasted').value"), wanted)
    browser.ask("document.getElementById('pasted').remove()")


def without_scripts(browser, name, page):
    """What can be read without scripts is what can be read with them."""
    text = "return document.querySelector('main').innerText.replaceAll('Copy as Markdown', '').replace(/\\s+/g, ' ')"
    buttons = "return [...document.querySelectorAll('[data-script]')].filter(one => one.checkVisibility()).length"
    browser.open(page)
    wanted = browser.ask(text)
    check(f"{name}: with scripts there are buttons", browser.ask(buttons) > 0)
    browser.tell("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page)
    found, left = browser.ask(text), browser.ask(buttons)
    browser.picture("without-scripts", 1200)
    browser.tell("Emulation.setScriptExecutionDisabled", value=False)
    check(f"{name}: without scripts nothing is there that doesn't work", left, 0)
    check(f"{name}: without scripts the text is the same", found == wanted)
    browser.open(page)


def asks_nobody(browser, name):
    check(f"{name}: the page asks nobody", [url for url in browser.quit() if not url.startswith("file://")], [])


# ---- the reports

class Tool:
    """The program that is tested, and a folder for what it makes."""

    def __init__(self, binary, folder):
        self.binary = os.path.abspath(binary)
        self.folder = folder

    def call(self, *arguments, **environment):
        environment = {**os.environ, "GITHUB_STEP_SUMMARY": "", **environment}
        done = subprocess.run([self.binary, *map(str, arguments)], env=environment, capture_output=True, encoding="utf-8", check=False, timeout=600)
        if done.returncode not in (0, 1):
            sys.exit(f"{arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}")

    def healthy(self):
        """A run that finds nothing."""
        out = self.folder / "healthy"
        self.call("run", "--quiet", "--out", out)
        return out, json.loads((out / "report.json").read_text(encoding="utf-8"))

    def faulty(self):
        """A run against the double with ten faults, whose jobs are quick."""
        out = self.folder / "faulty"
        with served(self.binary, FAULTS, "--quiet", "--time-scale", "50") as url:
            self.call("run", "--quiet", "--url", url, "--user", "USERID", "--allow", "destroy", "--out", out, LXCA_PASSWORD=PASSWORD)
        return out, json.loads((out / "report.json").read_text(encoding="utf-8"))

    def drawn(self, name, report):
        """The page of a report that was changed."""
        source = self.folder / f"{name}.json"
        source.write_text(json.dumps(report), encoding="utf-8")
        self.call("report", source, "--out", self.folder / name)
        return self.folder / name / "report.html"


def with_news(report):
    """With what a gate and waivers add, so that every part of the page is seen."""
    report = copy.deepcopy(report)
    failing = [case["id"] for case in report["cases"] if case["verdict"] == "fail"]
    report["baseline"] = {
        "target": "staging",
        "version": "4.0.0",
        "started": "2026-01-05T08:00:00Z",
        "new": [f"{case} sftp-locks.list/body/component /*/component" for case in failing[:4]],
        "fixed": ["tasks.get::tells-a-job tasks.get/body/status /*/status"],
        "still": max(0, len(failing) - 4),
    }
    report.setdefault("proof", {"checks": 248, "proved": 206, "faults": 115, "caught": 115, "variants": 29, "accused": 0})
    waiver = {
        "requirement": "backup.transfer/body/message",
        "pointer": "/message",
        "versions": ">=4.1",
        "reason": "The vendor knows it and mends it with the next release.",
        "ticket": "LAB-17",
        "owner": "backup team",
        "created": "2026-01-05",
        "expires": "2026-12-31",
        "covers": 49,
    }
    report["waivers"] = [
        {**waiver, "case": "backup.transfer::refuses-*", "state": "in-force"},
        {**waiver, "case": "tasks.get::*", "state": "expired"},
    ]
    return report


def ten_thousand(report):
    report = copy.deepcopy(report)
    pattern = report["cases"]
    report["cases"] = [{**pattern[index % len(pattern)], "id": f"{pattern[index % len(pattern)]['id']}/{index}"} for index in range(MANY)]
    for verdict in ("pass", "fail"):
        report["summary"]["cases"][verdict] = sum(case["verdict"] == verdict for case in report["cases"])
    return report


# ---- the pages

def conformant(start, tool):
    out, report = tool.healthy()
    page = out / "report.html"
    check("conformant: it is", report["conclusion"], "conformant")
    browser = start()
    browser.open(page)
    reads(browser, "conformant", page, report)
    looks(browser, "conformant")
    keys(browser, "conformant")
    filters(browser, "conformant", "component")
    opens(browser, "conformant", report["cases"][0]["id"])
    check("conformant: nothing keeps anybody out", browser.grave("conformant"), [])
    without_scripts(browser, "conformant", page)
    fits(browser, "conformant")
    asks_nobody(browser, "conformant")
    return report


def nonconformant(start, tool, run):
    out, report = run.result()
    check("nonconformant: it is", report["conclusion"], "nonconformant")
    browser = start()
    # As the run gave it: this picture stands in the README.
    browser.open(out / "report.html")
    browser.picture("readme", 1560)
    page = tool.drawn("news", with_news(report))
    browser.open(page)
    reads(browser, "nonconformant", page, report)
    looks(browser, "nonconformant")
    causes = browser.ask("return document.querySelectorAll('article.cause.violation').length")
    check(f"nonconformant: a cause for each fault ({causes})", causes >= len(FAULTS))
    marked = browser.ask("return [...document.querySelectorAll('.evidence mark')].filter(one => one.checkVisibility()).length")
    check("nonconformant: a wrong value is marked where it is seen", marked > 0)
    filters(browser, "nonconformant", "component")
    copies(browser, "nonconformant")
    opens(browser, "nonconformant", "sftp-locks.list/body/component")
    check("nonconformant: nothing keeps anybody out", browser.grave("nonconformant"), [])
    browser.look(1280, "dark", "screen")
    check("nonconformant: nor in the dark", browser.grave("in the dark"), [])
    browser.look(1280, "light", "screen")
    without_scripts(browser, "nonconformant", page)
    fits(browser, "nonconformant")
    asks_nobody(browser, "nonconformant")
    return report


def many(start, tool, report):
    report = ten_thousand(report)
    page = tool.drawn("many", report)
    print(f"          {page.stat().st_size} bytes for {MANY} cases")
    browser = start()
    # The best of three: others may be busy at the same time.
    took = min(browser.open(page) for _ in range(3))
    check(f"many: opened in {took:.2f} s", took < MOST_SECONDS)
    reads(browser, "many", page, report)
    causes = browser.ask("return document.querySelectorAll('article.cause').length")
    check(f"many: one cause is one group ({causes})", 0 < causes < 50)
    looks(browser, "many")
    filters(browser, "many", "/9999")
    asks_nobody(browser, "many")


def history(start, tool, healthy, faulty):
    kept = tool.folder / "kept"
    for day, report in [(1, healthy), (2, faulty)]:
        folder = kept / str(day)
        folder.mkdir(parents=True)
        dated = {**report, "started": f"2026-01-0{day}T08:00:00.000Z"}
        (folder / "report.json").write_text(json.dumps(dated), encoding="utf-8")
    page = tool.folder / "history.html"
    tool.call("history", kept, "--out", page)
    browser = start()
    browser.open(page)
    for scheme in ("dark", "light"):
        browser.look(1280, scheme, "screen")
        check(f"history, {scheme}: nothing keeps anybody out", browser.grave(f"history, {scheme}"), [])
        browser.picture(f"history-{scheme}")
    check("history: a point for each run in both panels", browser.ask("return document.querySelectorAll('svg circle').length"), 4)
    fits(browser, "history")
    asks_nobody(browser, "history")


def control(start, tool):
    """What is looked for is seen where it is: a page that is broken on purpose."""
    good = (tool.folder / "healthy" / "report.html").read_text(encoding="utf-8")
    spoilt = (
        '<img src="http://192.0.2.7/x.png"><script>throw new Error(\'ran\')</script><a href="#nowhere">x</a>'
        '<p id="main" style="width: 1500px; color: #eee; background: #fff">wide and pale</p></main>'
    )
    guarded = good.replace("</main>", spoilt)
    policy = guarded.index("<meta http-equiv")
    without = guarded[:policy] + guarded[guarded.index(">", policy) + 1 :]
    pages = {name: tool.folder / f"{name}.html" for name in ("guarded", "open")}
    pages["guarded"].write_text(guarded, encoding="utf-8")
    pages["open"].write_text(without, encoding="utf-8")
    browser = start()
    browser.open(pages["guarded"])
    seen = browser.ask("return window.__seen")
    check("control: the policy stops picture and script", len(seen) >= 2 and all("-src" in line or "style" in line for line in seen))
    check("control: a link that leads nowhere is seen", browser.ask(LINKS), ["#nowhere"])
    check("control: an id that is there twice is seen", browser.ask(TWICE), ["main"])
    browser.open(pages["open"])
    check("control: without the policy the script runs", "ran" in str(browser.ask("return window.__seen")))
    over = browser.ask("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    check("control: a page that is too wide is seen", over > 0)
    check("control: a pale text is seen", any("color-contrast" in line for line in browser.grave("control")))
    check("control: a picture that is asked for is seen", any(url.startswith("http://192.0.2.7") for url in browser.quit()))


def main():
    binary, axe, pictures = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    pictures.mkdir(parents=True, exist_ok=True)
    text = axe.read_text(encoding="utf-8")
    start = lambda: Browser(text, pictures)
    with concurrent.futures.ThreadPoolExecutor() as background, tempfile.TemporaryDirectory() as folder:
        tool = Tool(binary, pathlib.Path(folder))
        # Its jobs and lifetimes take their time; the other pages are looked at meanwhile.
        run = background.submit(tool.faulty)
        healthy = conformant(start, tool)
        control(start, tool)
        faulty = nonconformant(start, tool, run)
        many(start, tool, faulty)
        history(start, tool, healthy, faulty)
    end()


if __name__ == "__main__":
    main()
