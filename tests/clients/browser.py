"""The HTML report in a browser: of a run that finds nothing, and of one that finds a fault.

    python3 browser.py LXCA-CONFORM FOLDER

Makes both reports with the double, opens them in a headless Chromium, prints a line for each check, and exits 1 if one
failed. The pictures go to FOLDER, for people to look at. Needs Python's own library only, and a Chromium or Chrome.
"""

import collections
import contextlib
import html.parser
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
FAULT = "lock-component-unknown"
BROKEN = "sftp-locks.list/body/component"
# Where a link may lead that a reader follows by hand.
VENDOR = re.compile(r"https://([a-z0-9-]+\.)*lenovo\.com/")
# What an element may load by itself, and what can run.
LOADS = {"src", "srcset", "poster", "background", "action", "formaction", "data", "manifest", "ping"}
ACTIVE = {"script", "link", "iframe", "frame", "object", "embed", "img", "picture", "video", "audio", "source", "track", "base", "form", "use", "image"}
WIDTHS = [1280, 480, 360]

failed = 0
passed = 0


def check(name, actual, expected):
    """One line; a failure says what came."""
    global failed, passed
    if actual == expected:
        passed += 1
        print(f"ok      {name}", flush=True)
    else:
        failed += 1
        print(f"FAILED  {name}\n          expected {expected!r}\n          actual   {actual!r}", flush=True)


class Page(html.parser.HTMLParser):
    """What a page holds: its text, its ids, its links, and whatever could load or run something."""

    def __init__(self, text):
        super().__init__()
        self.words, self.ids, self.anchors, self.links, self.suspects, self.headings = [], [], set(), set(), [], []
        self.inside, self.verdict, self.word = [], None, ""
        self.feed(text)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.inside.append(tag)
        if tag in ACTIVE:
            self.suspects.append(f"<{tag}>")
        for name, value in attrs:
            if name in LOADS or name.startswith("on") or (name == "style" and "url(" in (value or "")):
                self.suspects.append(f"<{tag} {name}>")
        if tag == "meta" and (attributes.get("http-equiv") or "").lower() == "refresh":
            self.suspects.append("<meta refresh>")
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        href = attributes.get("href")
        if href is not None:
            if href.startswith("#"):
                self.anchors.add(href[1:])
            else:
                self.links.add(href)
        if (attributes.get("class") or "").startswith("verdict "):
            self.verdict = attributes["class"].split()[1]

    def handle_data(self, data):
        if "style" in self.inside[-1:]:
            if "url(" in data or "@import" in data:
                self.suspects.append("<style> that loads")
        else:
            if self.verdict and self.inside[-1:] == ["b"] and not self.word:
                self.word = data
            self.words.append(data)

    def handle_endtag(self, tag):
        # Void elements have no end: what is above the last one of this name goes with it.
        if tag in self.inside:
            del self.inside[len(self.inside) - 1 - self.inside[::-1].index(tag) :]


Shown = collections.namedtuple("Shown", "dom complaints asked")


class Browser:
    """A Chromium with a new profile for each page, that reaches nobody."""

    def __init__(self, folder):
        found = [path for path in map(shutil.which, BROWSERS) if path]
        if not found:
            sys.exit(f"no browser: none of {', '.join(BROWSERS)} is installed")
        self.program, self.folder, self.turn = found[0], folder, 0

    def run(self, page, *options):
        self.turn += 1
        profile, log = self.folder / f"profile-{self.turn}", self.folder / f"net-{self.turn}.json"
        command = [self.program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        command += ["--disable-dev-shm-usage", "--hide-scrollbars", "--disable-features=IsolateSandboxedIframes", "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", f"--log-net-log={log}", f"--user-data-dir={profile}"]
        # A sandboxed frame in a process of its own may come too late for the picture; hence the feature.
        # Its own group, because a browser is many processes and all must go when the time is over.
        running = subprocess.Popen([*command, *options, page.as_uri()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, encoding="utf-8", errors="replace")
        try:
            dom, said = running.communicate(timeout=90)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()
        if running.returncode != 0:
            raise RuntimeError(f"{self.program} ended with {running.returncode}:\n{said[-2000:]}")
        complaints = [line.split("] ", 1)[-1] for line in said.splitlines() if ":CONSOLE" in line]
        return Shown(dom, complaints, asked(log))

    def dom(self, page, *options):
        return self.run(page, "--dump-dom", *options)

    def picture(self, page, picture, width, height, *options):
        picture.unlink(missing_ok=True)
        self.run(page, f"--screenshot={picture}", f"--window-size={width},{height}", *options)
        return picture.read_bytes() if picture.exists() else b""


def asked(log):
    """The addresses that a page from a file, not the browser itself, asked for."""
    text = log.read_text(encoding="utf-8")
    try:
        record = json.loads(text)
    except json.JSONDecodeError:
        # A browser that ends in a hurry leaves the end of the list out.
        record = json.loads(text.rstrip().rstrip(",") + "]}")
    kinds = record["constants"]["logEventTypes"]
    started = [event.get("params", {}) for event in record["events"] if event["type"] == kinds["URL_REQUEST_START_JOB"]]
    return [params["url"] for params in started if "url" in params and "file://" in params.get("network_isolation_key", "")]


def overflow(browser, folder, page):
    """How far the page is wider than the window, for each width. The page is in a frame, and a script outside measures it."""
    frames = "".join(f'<iframe src="{page.as_uri()}" style="border: 0; width: {width}px; height: 600px"></iframe>' for width in WIDTHS)
    script = """onload = () => {
        document.body.dataset.found = [...document.querySelectorAll("iframe")].map(frame => {
            const root = frame.contentDocument.documentElement;
            frame.contentDocument.querySelectorAll("details").forEach(one => { one.open = true; });
            return root.scrollWidth - root.clientWidth;
        }).join(" ");
    };"""
    around = folder / "frames.html"
    around.write_text(f"<!doctype html><body>{frames}<script>{script}</script>", encoding="utf-8")
    found = re.search(r'data-found="([0-9 -]*)"', browser.dom(around, "--allow-file-access-from-files").dom)
    return [int(number) for number in found[1].split()] if found else None


def framed(folder, page, width, height, scripts=True):
    """A page that shows another one in this width, because a window can't be narrower than 500 px, and without its scripts if wanted."""
    around = folder / f"frame-{width}-{scripts}.html"
    sandbox = "" if scripts else 'sandbox=""'
    around.write_text(f'<!doctype html><body style="margin: 0"><iframe {sandbox} src="{page.as_uri()}" style="border: 0; width: {width}px; height: {height}px"></iframe>', encoding="utf-8")
    return around


def without_scripts(browser, folder, page):
    """Does the page look the same when its scripts are forbidden?"""
    looks = [browser.picture(framed(folder, page, 1280, 2400, scripts), folder / "scripts.png", 1280, 2400) for scripts in [True, False]]
    return "no picture" if not all(looks) else "the same" if looks[0] == looks[1] else "different"


def size(png):
    """Width and height that a PNG says it has."""
    return (int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")) if png.startswith(b"\x89PNG\r\n\x1a\n") else None


def look(browser, name, report, expected, pictures, folder):
    """All checks on one report."""
    raw = report.read_text(encoding="utf-8")
    shown = browser.dom(report)
    page = Page(shown.dom)
    check(f"{name}: the conclusion", (page.verdict, page.word), (expected, expected.upper()))
    state = re.search(rf'<tr id="{re.escape(BROKEN)}"><td><span class="tag ([a-z-]+)"', shown.dom)
    check(f"{name}: the register has the requirement as", state and state[1], "broken" if expected == "nonconformant" else "held")
    check(f"{name}: it says that this is the double", "double" in page.text, True)
    causes = shown.dom.split('id="causes"', 1)[-1].split("<section", 1)[0]
    check(f"{name}: the requirement is among the causes of failure", BROKEN in causes, expected == "nonconformant")
    check(f"{name}: the console is empty", shown.complaints, [])
    check(f"{name}: the page asks for nothing", shown.asked, [])
    check(f"{name}: nothing in it could load or run anything", Page(raw).suspects + page.suspects, [])
    check(f"{name}: its policy forbids it too", "default-src 'none'" in raw, True)
    check(f"{name}: links lead to the vendor only", sorted(link for link in page.links if not VENDOR.match(link)), [])
    check(f"{name}: each link within the page leads somewhere", sorted(page.anchors - set(page.ids)), [])
    check(f"{name}: each id is there once", sorted(id for id, count in collections.Counter(page.ids).items() if count > 1), [])
    check(f"{name}: one first heading", page.headings.count("h1"), 1)
    check(f"{name}: without scripts it looks", without_scripts(browser, folder, report), "the same")
    check(f"{name}: not wider than the window, with everything open", dict(zip(WIDTHS, overflow(browser, folder, report) or [])), dict.fromkeys(WIDTHS, 0))

    light = browser.picture(report, pictures / f"{name}-desktop.png", 1280, 2400)
    dark = browser.picture(report, pictures / f"{name}-dark.png", 1280, 2400, "--blink-settings=preferredColorScheme=0")
    thin = browser.picture(framed(folder, report, 480, 2400), pictures / f"{name}-narrow.png", 500, 2400)
    check(f"{name}: pictures", [size(light), size(dark), size(thin)], [(1280, 2400), (1280, 2400), (500, 2400)])
    check(f"{name}: dark looks different", light != dark, True)
    paper = pictures / f"{name}.pdf"
    paper.unlink(missing_ok=True)
    browser.run(report, f"--print-to-pdf={paper}", "--no-pdf-header-footer")
    pdf = paper.read_bytes() if paper.exists() else b""
    check(f"{name}: it prints", (pdf.startswith(b"%PDF"), len(re.findall(rb"/Type ?/Page\b", pdf)) > 0), (True, True))


def controls(browser, report, folder):
    """What the checks look for must be seen where it is."""
    picture, script = '<img src="http://192.0.2.7/x.png">', '<script>throw new Error("seen")</script>'
    raw = report.read_text(encoding="utf-8")
    guarded, open_to_all = folder / "guarded.html", folder / "open.html"
    guarded.write_text(raw.replace("</main>", f"{picture}{script}</main>"), encoding="utf-8")
    open_to_all.write_text(re.sub(r"<meta http-equiv=.*>", "", guarded.read_text(encoding="utf-8")), encoding="utf-8")
    check("control: an element that loads is found", Page(guarded.read_text(encoding="utf-8")).suspects, ["<img>", "<img src>", "<script>"])
    shown = browser.dom(guarded)
    check("control: the policy stops it, and the console says so", (len(shown.complaints), shown.asked), (2, []))
    shown = browser.dom(open_to_all)
    check("control: without the policy the error and the request are seen", (["seen" in line for line in shown.complaints], shown.asked), ([True], ["http://192.0.2.7/x.png"]))
    busy = folder / "busy.html"
    busy.write_text('<!doctype html><h1>one</h1><script>document.querySelector("h1").textContent = "two"</script>', encoding="utf-8")
    check("control: a page that needs scripts looks", without_scripts(browser, folder, busy), "different")
    wide = folder / "wide.html"
    wide.write_text(raw.replace("</main>", '<p style="width: 500px">wide</p></main>'), encoding="utf-8")
    check("control: a page that is too wide is found", [number > 0 for number in overflow(browser, folder, wide) or []], [False, True, True])


def healthy(binary, folder):
    subprocess.run([binary, "run", "--quiet", "--out", folder / "healthy"], check=True, timeout=300)
    return folder / "healthy" / "report.html"


def faulty(binary, folder):
    """A run against the double on a port, with a fault."""
    server = subprocess.Popen([binary, "serve", "--port", "0", "--fault", FAULT], stdout=subprocess.PIPE, text=True)
    impatience = threading.Timer(20, server.kill)
    impatience.start()
    try:
        url = server.stdout.readline().strip()
        impatience.cancel()
        command = [binary, "run", "--quiet", "--url", url, "--user", "USERID", "--out", folder / "faulty"]
        done = subprocess.run(command, env={**os.environ, "LXCA_PASSWORD": "PASSW0RD"}, check=False, timeout=300)
        check("the run finds the fault", done.returncode, 1)
    finally:
        impatience.cancel()
        server.kill()
        server.wait()
        server.stdout.close()
    return folder / "faulty" / "report.html"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    binary, pictures = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    pictures.mkdir(parents=True, exist_ok=True)
    # The processes of a browser may still be writing when it has ended.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        browser = Browser(folder)
        clean, broken = healthy(binary, folder), faulty(binary, folder)
        look(browser, "conformant", clean, "conformant", pictures, folder)
        look(browser, "nonconformant", broken, "nonconformant", pictures, folder)
        controls(browser, broken, folder)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
