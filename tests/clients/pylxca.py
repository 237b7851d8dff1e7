"""Lenovo's own client, pylxca, against the double: plain HTTP, TLS, and connections that break.

    python pylxca.py LXCA-CONFORM

Starts the double itself, prints a line for each check, and exits 1 if one failed. Needs what requirements.txt names.
"""

import contextlib
import hashlib
import importlib.metadata
import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from support import check, end

# This file has the name of the package, so its folder must not be where Python looks first.
sys.path = [folder for folder in sys.path if os.path.realpath(folder or ".") != os.path.dirname(os.path.realpath(__file__))]

LOCAL = "0b7c9f52-6a3e-4d18-9a57-2f1d8c4e6b90"
SHARED = "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278"
BOTH = "c2d1e8a4-93f7-4b60-8e15-7a6f0d3b5c21"
OPERATOR = "9f17e2a6-c85b-4d03-b7e4-10a9c3f86d2e"
PASSWORD = "PASSW0RD"
DATA = "/managementServer/data"
LOCKS = "/aicc/service/sftp/locks"


@contextlib.contextmanager
def double(binary, *options):
    """The double on a free port; yields its address and the first line of its stderr."""
    with tempfile.TemporaryFile("w+") as said:
        server = subprocess.Popen([binary, "serve", "--port", "0", *options], stdout=subprocess.PIPE, stderr=said, text=True)
        impatience = threading.Timer(20, server.kill)
        impatience.start()
        try:
            url = server.stdout.readline().strip()
            impatience.cancel()
            said.seek(0)
            first = said.readline().strip()
            if not url:
                raise RuntimeError(f"the double printed no address: {first}")
            yield url, first
            server.send_signal(signal.SIGINT)
            try:
                check("the double ends when it is interrupted", server.wait(10), 0)
            except subprocess.TimeoutExpired:
                check("the double ends when it is interrupted", "still running after 10 s", 0)
        finally:
            impatience.cancel()
            if server.poll() is None:
                server.kill()
            server.wait()
            server.stdout.close()


def told(url):
    """What the double tells of itself beside the appliance's paths; pylxca has no part in it."""
    with urllib.request.urlopen(url + "/_double/state", timeout=10, context=ssl._create_unverified_context() if url.startswith("https") else None) as reply:
        return json.load(reply)


def refusal(call):
    """The status with which an appliance refuses a call; what the call gave if it didn't refuse."""
    import requests

    try:
        return call()
    except requests.HTTPError as error:
        return error.response.status_code


class Client:
    """The public calls of pylxca on one connection, and the generic methods that no public call reaches."""

    def __init__(self, url, connection):
        from pylxca.pylxca_api.lxca_rest import lxca_rest

        self.url, self.connection, self.rest = url, connection, lxca_rest()

    def get(self, path):
        return self.rest.get_method(self.url + path, self.connection.get_session())

    def put(self, path, body):
        return self.rest.put_method(self.url + path, self.connection.get_session(), body)

    def post(self, path, body):
        return self.rest.post_method(self.url + path, self.connection.get_session(), body)

    def delete(self, path):
        # It has no way to send no body: this is `null`.
        return self.rest.delete_method(self.url + path, self.connection.get_session(), None)

    def start(self, operation, uuid, destination):
        return self.put(DATA, {"action": "start", "operation": operation, "uuid": uuid, "destination": destination})

    def cancel_push(self):
        return self.put(DATA, {"action": "cancel", "operation": "push"})

    def tasks(self, **options):
        import pylxca

        return pylxca.tasks(self.connection, **options)["TaskList"]

    def locations(self):
        return {backup["uuid"]: backup["locations"] for backup in self.get(DATA).json()["backups"]}


def connect(url, user="USERID", password=PASSWORD):
    import pylxca

    return pylxca.connect(url, user, password, "True")


def logins(url):
    """Who gets in, and how often."""
    check("a wrong password is refused", connect(url, password="wrong"), None)
    check("an unknown user is refused", connect(url, user="NOBODY"), None)
    first = connect(url)
    check("connect gives a connection", first is not None and first.get_url(), url)
    return first


def surroundings(client):
    """What pylxca has public calls for."""
    import pylxca

    cookies = {cookie.name: cookie.value for cookie in client.connection.get_session().cookies}
    check("the session's cookies", sorted(cookies), ["JSESSIONID", "csrf", "inactivityTimeout", "user"])
    check("pylxca shows the token of the cookie", client.connection.get_session().headers["X-Csrf-Token"], cookies.get("csrf"))
    check("GET /aicc has the version", client.get("/aicc").json()["appliance"]["version"], "4.1.0")
    users = pylxca.users(client.connection)["usersList"]
    check("users", [(user["userName"], user["activeSessions"]) for user in users], [("USERID", 1), ("OPERATOR", 0)])
    check("one user", pylxca.users(client.connection, OPERATOR)["userName"], "OPERATOR")
    check("tasks", [(task["jobUID"], task["status"]) for task in client.tasks()], [("16", "Complete")])
    check("a task that isn't there is 404", refusal(lambda: client.tasks(jobUID="99")), 404)


def backups(client):
    """PUT /managementServer/data, and what becomes of the jobs."""
    import pylxca

    check("the backups are listed", client.locations(), {LOCAL: ["internal"], SHARED: ["/mnt/backup_share"], BOTH: ["internal", "/mnt/backup_share"]})
    reply = client.start("copy", SHARED, "internal")
    check("a copy is started", (reply.status_code, reply.json()), (200, {"jobId": "17", "result": "success", "message": []}))
    check("the same copy again is 400 while it runs", refusal(lambda: client.start("copy", SHARED, "internal")), 400)
    task = client.tasks(jobUID="17")
    check("its job is among the tasks", [(one["jobUID"], one["children"]) for one in task], [("17", [])])
    check("without the children", "children" in client.tasks(jobUID="17", children="false")[0], False)

    reply = client.start("push", LOCAL, "192.0.2.44")
    check("a push is started", reply.json(), {"jobId": "18", "result": "success", "message": []})
    check("a second push is 400", refusal(lambda: client.start("push", BOTH, "192.0.2.44")), 400)
    check("the push is cancelled", client.cancel_push().json(), {"result": "success", "message": []})
    check("the tasks say so", client.tasks(jobUID="18")[0]["status"], "Cancelled")
    reply = client.cancel_push()
    check("nothing is left to cancel", (reply.status_code, reply.json()["result"], "jobId" in reply.json()), (200, "warning", False))

    client.start("push", BOTH, "2001:db8::44")
    check("pylxca cancels a task", pylxca.tasks(client.connection, jobUID="19", action="cancel"), 200)
    check("pylxca deletes a task", pylxca.tasks(client.connection, jobUID="19", action="delete"), 200)
    check("two tasks at once, and the deleted one is gone", [task["jobUID"] for task in client.tasks(jobUID="17,18,19")], ["17", "18"])

    patience = time.monotonic() + 30
    while not client.tasks(jobUID="17")[0]["complete"] and time.monotonic() < patience:
        time.sleep(0.25)
    task = client.tasks(jobUID="17")[0]
    check("the copy completes", (task["status"], task["percentage"]), ("Complete", 100))
    check("the backup lies in both places now", client.locations()[SHARED], ["/mnt/backup_share", "internal"])
    check("a backup is deleted where it is asked for", client.delete(f"{DATA}/{SHARED}?location=internal").status_code, 200)
    check("and only there", client.locations()[SHARED], ["/mnt/backup_share"])


def refusals(client):
    """What the page says must be refused; pylxca raises, and the body can be had from the response."""
    import requests

    for name, body in [
        ("no attributes", {}),
        ("an unknown action", {"action": "stop", "operation": "push"}),
        ("an unknown operation", {"action": "start", "operation": "clone", "uuid": LOCAL, "destination": "internal"}),
        ("an unknown uuid", {"action": "start", "operation": "copy", "uuid": OPERATOR, "destination": "internal"}),
        ("an unknown destination", {"action": "start", "operation": "copy", "uuid": LOCAL, "destination": "/mnt/unknown"}),
        ("a cancelled copy", {"action": "cancel", "operation": "copy"}),
    ]:
        try:
            actual = client.put(DATA, body).status_code
        except requests.HTTPError as error:
            said = error.response.json()
            actual = (error.response.status_code, said["result"], bool(said["message"][0]["text"]))
        check(f"{name} is refused, and the reply says why", actual, (400, "failed", True))
    check("nothing was started", [task["status"] for task in client.tasks() if not task["complete"]], [])

    headers = client.connection.get_session().headers
    token = headers.pop("X-Csrf-Token")
    check("a write without the token is 403", refusal(client.cancel_push), 403)
    check("a read needs no token", client.get(DATA).status_code, 200)
    headers["X-Csrf-Token"] = token
    check("a path that the double doesn't play is 599", refusal(lambda: client.get("/storages")), 599)


def locks(client):
    """GET /aicc/service/sftp/locks and the operations around it."""
    listed = client.get(LOCKS)
    before = listed.json()
    check("a lock is listed", (listed.status_code, [sorted(lock) for lock in before]), (200, [["component", "creationTimestamp", "expirationTimeOut", "id"]]))
    made = client.post(LOCKS, {"component": "JM", "expirationTimeOut": 600})
    lock = made.json()
    check("a lock is created", (made.status_code, lock["component"], lock["expirationTimeOut"], len(lock["id"])), (201, "JM", 600, 32))
    check("it is in the list", client.get(LOCKS).json(), [*before, lock])
    check("it can be had alone", client.get(f"{LOCKS}/{lock['id']}").json(), lock)
    check("an unknown component is 400", refusal(lambda: client.post(LOCKS, {"component": "XX", "expirationTimeOut": 600})), 400)
    for one in [lock, *before]:
        check("a lock is deleted", client.delete(f"{LOCKS}/{one['id']}").status_code, 200)
    check("a lock that is gone is 404", refusal(lambda: client.delete(f"{LOCKS}/{lock['id']}")), 404)
    reply = client.get(LOCKS)
    check("no locks is 204 without a body", (reply.status_code, reply.content), (204, b""))


def site(client):
    """What is managed: lists, single elements, and the ways of pylxca from a chassis to what is in it."""
    import pylxca

    con = client.connection
    nodes = pylxca.nodes(con)["nodeList"]
    check("eight servers of three kinds", (len(nodes), sorted({node["type"] for node in nodes})), (8, ["ITE", "NeXtScale", "Rack-Tower Server"]))
    check("a server alone", pylxca.nodes(con, uuid=nodes[0]["uuid"].lower()), nodes[0])
    check("managed servers", len(pylxca.nodes(con, status="managed")["nodeList"]), 8)
    check("unmanaged servers", pylxca.nodes(con, status="unmanaged")["nodeList"], [])
    check("an unknown server", refusal(lambda: pylxca.nodes(con, uuid="0" * 32)), 404)
    chassis = pylxca.chassis(con)["chassisList"]
    check("the chassis", [(one["type"], len(one["nodes"])) for one in chassis], [("Chassis", 4), ("DenseChassis", 2)])
    flex = chassis[0]["uuid"]
    check("a chassis alone", pylxca.chassis(con, uuid=flex)["name"], chassis[0]["name"])
    for name, call, lists, inside in [
        ("switches", pylxca.switches, "switchList", "switchesList"),
        ("fans", pylxca.fans, "fanList", "fansList"),
        ("power supplies", pylxca.powersupplies, "powerSupplyList", "powersuppliesList"),
        ("fan muxes", pylxca.fanmuxes, "fanMuxList", "fanmuxesList"),
        ("management modules", pylxca.cmms, "cmmList", "cmmsList"),
    ]:
        every = call(con)[lists]
        check(f"{name}: one of the list", call(con, uuid=every[0]["uuid"]), every[0])
        check(f"{name}: those of the chassis", call(con, chassis=flex)[inside], [one for one in every if one["parent"]["uuid"] == flex])
    complexes = pylxca.scalablesystem(con)["complex"]
    check("the complexes", [(one["nodeCount"], one["partitionCount"]) for one in complexes], [(2, 1), (1, 0)])
    check("those of a chassis", [one["complexID"] for one in pylxca.scalablesystem(con, type="flex")["complex"]], [complexes[0]["complexID"]])
    # No public call reaches these.
    check("canisters and storage", [len(client.get(path).json()[name]) for path, name in [("/canisters", "canisterList"), ("/storage", "storageList")]], [2, 2])
    cabinets = client.get("/cabinet?status=includestandalone").json()["cabinetList"]
    held = [row["itemUUID"] for cabinet in cabinets for row in cabinet["nodeList"]] + [node["uuid"] for one in chassis for node in one["nodes"]]
    check("each server stands somewhere", sorted(held), sorted(node["uuid"] for node in nodes))


def until(what, expected):
    """Asks until the answer is as expected, or for ten seconds; the last answer."""
    patience = time.monotonic() + 10
    while (answer := what()) != expected and time.monotonic() < patience:
        time.sleep(0.2)
    return answer


def management(client):
    """Events, patterns, policies, updates and requests to manage, each by the public call of pylxca, and the changes that it can ask for."""
    import pylxca

    con = client.connection
    events = pylxca.lxcalog(con)["eventList"]
    check("lxcalog", [event["cn"] for event in events], [str(number) for number in range(1, len(events) + 1)])
    later = json.dumps({"filterType": "FIELDNOTREGEXAND", "fields": [{"operation": "GT", "field": "cn", "value": "10"}]})
    check("lxcalog with a filter", [event["cn"] for event in pylxca.lxcalog(con, filter=later)["eventList"]], [event["cn"] for event in events[10:]])

    patterns = pylxca.configpatterns(con, subcmd="list")["items"]
    check("configpatterns", (len(patterns), patterns[0]["userDefined"]), (3, True))
    check("one pattern", pylxca.configpatterns(con, subcmd="list", id=patterns[0]["id"])["items"], patterns[:1])
    profiles = pylxca.configprofiles(con, subcmd="list")["items"]
    check("configprofiles", [profile["profileStatus"] for profile in profiles], ["PENDING_ACTIVATION", "PENDING_ACTIVATION", "UNASSIGNED"])
    check("one profile is another shape", pylxca.configprofiles(con, subcmd="list", id=profiles[0]["id"])["ID"], profiles[0]["id"])
    try:
        renamed = pylxca.configprofiles(con, subcmd="rename", id=profiles[0]["id"], name="renamed")
    except TypeError as error:
        # It looks for 204 there, and makes nothing of the 200 without a body that the page has.
        renamed = type(error).__name__
    check("pylxca makes nothing of a 200 without a body", renamed, "TypeError")
    check("a profile is renamed", pylxca.configprofiles(con, subcmd="list")["items"][0]["profileName"], "renamed")

    policies = pylxca.updatepolicy(con, subcmd="list")["policies"]
    check("updatepolicy", [(policy["userDefined"], isinstance(policy["details"], list)) for policy in policies], [("yes", True), ("no", True)])
    # The public call takes RESULT, and what is behind it knows RESULTS only: it gives the policies.
    check("updatepolicy RESULT gives the policies", pylxca.updatepolicy(con, subcmd="query", info="RESULT")["policies"], policies)
    results = client.get("/compliancePolicies/persistedResult").json()["all"]
    check("the results of policies", sorted({name for row in results for name in row} & {"chassis", "racklist", "rackswitchlist", "storagelist", "complexlist"}), ["chassis", "complexlist", "racklist", "rackswitchlist", "storagelist"])
    firmware = pylxca.updatepolicy(con, subcmd="query", info="FIRMWARE")["componentTypes"]
    check("updatepolicy FIRMWARE", all("applicableFirmware" in row for row in firmware), True)

    size = pylxca.updaterepo(con, subcmd="query", key="size")["size"]
    check("updaterepo size", size["usedSpace"] + size["freeSpace"], size["allotment"])
    check("updaterepo updatesByMt", pylxca.updaterepo(con, subcmd="query", key="updatesByMt")["updatesByMt"]["state"], "complete")
    refresh = pylxca.updaterepo(con, subcmd="refresh", mt="0000", scope="latest")
    check("updaterepo refresh is a job", client.tasks(jobUID=str(refresh["jobid"]))[0]["status"] in ("Pending", "Running"), True)
    check("managementserver", pylxca.managementserver(con, subcmd="query", key="all")["currentVersion"], "4.1.0")

    components = pylxca.updatecomp(con, subcmd="info", query="components")["DeviceList"]
    check("updatecomp components", [name for row in components for name in row], ["CMMList", "ServerList", "StorageList", "SwitchList"])
    server = next(row["ServerList"] for row in components if "ServerList" in row)[0]
    node = server["uuid"]
    before = pylxca.updatecomp(con, subcmd="info", query="status")["UpdateStatusMetrics"]["TotalJobs"]
    check("updatecomp applies", pylxca.updatecomp(con, subcmd="apply", mode="immediate", action="apply", server=f"{node},{server['componentName'][0]}")["result"], "success")
    check("updatecomp tells of it", pylxca.updatecomp(con, subcmd="info", query="status")["UpdateStatusMetrics"]["TotalJobs"], before + 1)
    check("an update of nobody's device is 400", refusal(lambda: pylxca.updatecomp(con, subcmd="apply", mode="immediate", action="apply", server=f"{OPERATOR},UEFI")), 400)

    job = pylxca.ffdc(con, uuid=node)
    check("ffdc is a job", client.tasks(jobUID=job)[0]["jobUID"], job)
    # The public call `jobs` leads nowhere.
    older = client.rest.get_jobs(client.url, con.get_session(), job, None, None, None, None)
    check("a job in the older form", older.json()["uuid"], node)
    none = client.rest.get_jobs(client.url, con.get_session(), None, None, "Cancelled_With_Errors", None, None)
    check("jobs by state", none.json(), [])

    found = pylxca.discover(con)["nodeList"]
    address = found[0]["ipAddresses"][0]
    job = pylxca.discover(con, ip=address)
    check("discover gives a job", until(lambda: pylxca.discover(con, job=job)["progress"], 100.0), 100.0)
    check("discover finds the device", [device["uuid"] for device in pylxca.discover(con, job=job)["serverList"]], [found[0]["uuid"]])
    managed = pylxca.manage(con, subcmd="device", ip=address, user="USERID", pw=PASSWORD)
    job = managed["manageRequestJob"]
    check("manage ends well", until(lambda: pylxca.manage(con, subcmd="job_status", job=job)["results"][0]["result"], "SUCCESS"), "SUCCESS")
    check("the device is no longer among the others", address in json.dumps(pylxca.discover(con)), False)
    check("unmanage tells of an earlier job", pylxca.unmanage(con, subcmd="job_status", job="12")["progress"], 100.0)

    check("osimages", pylxca.osimages(con, subcmd="list")["result"], "success")
    check("resourcegroups", [group["type"] for group in pylxca.resourcegroups(con, subcmd="list")["groupList"]], ["static", "dynamic"])
    check("license", pylxca.license(con)["response"]["compliant"], 0)

    reply = client.put(f"/nodes/{node}", {"powerState": "powerOff"})
    check("a power action is accepted", (reply.status_code, reply.content, reply.headers["Location"].startswith("/jobs/")), (200, b"", True))
    job = reply.headers["Location"].split("/")[-1]
    check("its job completes", until(lambda: client.tasks(jobUID=job)[0]["status"], "Complete"), "Complete")
    check("and the server is off", client.get(f"/nodes/{node}").json()["powerStatus"], 5)
    check("nothing runs any more", until(lambda: [task["jobUID"] for task in client.tasks() if not task["complete"]], []), [])


def privileges(url):
    """The other account may log in and read nothing of this."""
    import pylxca

    client = Client(url, connect(url, user="OPERATOR"))
    check("without privilege the locks are 403", refusal(lambda: client.get(LOCKS)), 403)
    check("without privilege a push can't be cancelled", refusal(client.cancel_push), 403)
    check("GET /aicc is open to all", client.get("/aicc").status_code, 200)
    check("the second session is closed", pylxca.disconnect(), True)


def logout(client):
    """What a closed session is worth."""
    import pylxca
    import requests

    session = client.connection.get_session()
    cookies, headers = dict(session.cookies), {"X-Csrf-Token": session.headers["X-Csrf-Token"]}

    def after(path):
        return requests.get(client.url + path, cookies=cookies, headers=headers, verify=False, timeout=10).status_code

    check("the cookies are good for a session", after("/tasks"), 200)
    check("disconnect", pylxca.disconnect(), True)
    check("the cookies are worth nothing afterwards", after("/tasks"), 401)
    again = connect(client.url)
    check("it connects again", again is not None, True)
    check("and disconnects again", pylxca.disconnect(), True)


def one_round(url):
    client = Client(url, logins(url))
    check("the double knows of one session", [session["user"] for session in told(url)["observed"]["sessions"]], ["USERID"])
    surroundings(client)
    backups(client)
    refusals(client)
    locks(client)
    site(client)
    management(client)
    logout(client)
    privileges(url)
    state = told(url)
    check("no session is left", state["observed"]["sessions"], [])
    check("nor a job that runs", [job["id"] for job in state["jobs"] if job["status"] == "Running"], [])
    asked = state["observed"]["requests"]
    check("it was pylxca that asked", [asked.get(name, 0) > 0 for name in ["appliance.get", "tasks.list", "tasks.get", "tasks.cancel", "users.list", "users.get", "sftp-locks.list", "backup.transfer", "nodes.list", "nodes.get", "chassis.get", "fan-muxes.list"]], [True] * 12)


def certificate(url, said, folder):
    """pylxca checks a certificate only in the internal call, only at login, and only against REQUESTS_CA_BUNDLE."""
    import certifi
    from pylxca.pylxca_api.lxca_api import lxca_api

    host, port = url.removeprefix("https://").rsplit(":", 1)
    pem = ssl.get_server_certificate((host, int(port)))
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    check("the certificate is the one that was announced", said, f"certificate SHA-256 {digest}")
    own = os.path.join(folder, "own.pem")
    with open(own, "w", encoding="ascii") as file:
        file.write(pem)
    for name, bundle, expected in [("pylxca trusts the certificate when it is told to", own, True), ("and not by itself", certifi.where(), False)]:
        os.environ["REQUESTS_CA_BUNDLE"] = bundle
        connection = lxca_api().connect({"url": url, "user": "USERID", "pw": PASSWORD})
        check(name, connection is not None, expected)
        if connection is not None:
            lxca_api().disconnect()
    del os.environ["REQUESTS_CA_BUNDLE"]


def replays(binary):
    """pylxca sends a PUT again when the connection breaks, and tells nobody."""
    import pylxca

    for fault, expected in [("wire-close-before-start", 200), ("wire-close-after-start", 400)]:
        with double(binary, "--fault", fault) as (url, _):
            client = Client(url, connect(url))
            actual = refusal(lambda: client.start("copy", SHARED, "internal").status_code)
            check(f"{fault}: the answer to the second try", actual, expected)
            check(f"{fault}: one job was started", [task["jobUID"] for task in client.tasks()], ["16", "17"])
            check(f"{fault}: disconnect", pylxca.disconnect(), True)


def scripts(binary):
    """What pylxca makes of an appliance that stumbles once, as docs/double.md writes it."""
    import pylxca
    import requests

    lines = [
        "session.open: 401 on call 1",
        "locks.list: 503 on call 2",
        "backup.list: drop on calls 1-2",
        "tasks.list: truncate after 10 bytes on call 1",
        "backup.transfer: delay 1s on call 1",
    ]
    with double(binary, *[word for line in lines for word in ("--fault", line)]) as (url, _):
        check("a refused login is no connection", connect(url), None)
        client = Client(url, connect(url))
        check("the first list", client.get(LOCKS).status_code, 200)
        check("the second list", refusal(lambda: client.get(LOCKS)), 503)
        check("the third list", client.get(LOCKS).status_code, 200)
        check("a read that is dropped twice is sent three times", (client.get(DATA).status_code, told(url)["observed"]["requests"]["backup.list"]), (200, 3))
        try:
            cut = client.get("/tasks").status_code
        except requests.exceptions.RequestException as error:
            cut = type(error).__name__
        check("a reply that breaks off is an error", cut, "ChunkedEncodingError")
        began = time.monotonic()
        check("a reply that is late comes all the same", (client.start("copy", SHARED, "internal").status_code, time.monotonic() - began >= 1), (200, True))
        check("disconnect", pylxca.disconnect(), True)
        check("no session is left", told(url)["observed"]["sessions"], [])


def too_patient(*_):
    raise TimeoutError("the checks took longer than five minutes")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    binary = os.path.abspath(sys.argv[1])
    signal.signal(signal.SIGALRM, too_patient)
    signal.alarm(300)
    for name in ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]:
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as folder:
        # When it is imported, pylxca writes pylxca.log to where it is.
        os.chdir(folder)
        check("pylxca", importlib.metadata.version("pylxca"), "4.2.0")
        print("-- over HTTP")
        with double(binary) as (url, _):
            one_round(url)
        print("-- over TLS")
        with double(binary, "--tls") as (url, said):
            one_round(url)
            certificate(url, said, folder)
        print("-- over connections that break")
        replays(binary)
        print("-- with scripts")
        scripts(binary)
        os.chdir("/")
    end()


if __name__ == "__main__":
    main()
