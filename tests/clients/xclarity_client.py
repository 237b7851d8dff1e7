"""The two other clients of PyPI, python-xclarityclient and xclarity-client, against the double over TLS.

    python xclarity_client.py LXCA-CONFORM FOLDER VERSION

Both packages are the module `xclarity_client`, so each is run from a FOLDER of its own (`pip install --target FOLDER`).
Starts the double itself, prints a line for each check, and exits 1 if one failed.
"""

import json
import os
import signal
import ssl
import subprocess
import sys
import urllib.request

from support import check, end


def checks(address):
    from xclarity_client.client import Client

    client = Client(username="USERID", password="PASSW0RD", ip=address)
    context = ssl._create_unverified_context()
    with urllib.request.urlopen(f"https://{address}/_double/state", timeout=10, context=context) as reply:
        check("the double is there", json.load(reply)["version"], "4.1.0")
    import requests

    nodes = requests.get(f"https://{address}/nodes", auth=("USERID", "PASSW0RD"), verify=False, timeout=10).json()["nodeList"]
    for node in nodes:
        uuid = node["uuid"]
        info = client.get_node_info(uuid)
        check(f"{node['name']}: what it is", (info["uuid"], info["name"]), (uuid, node["hostname"]))
        check(f"{node['name']}: its state", (client.get_node_status(uuid), client.get_node_power_status(uuid)), ("online", "power on"))
        check(f"{node['name']}: its boot order", client.get_node_all_boot_info(uuid), {"bootOrder": node["bootOrder"]})
    # The older one has no calls for these.
    if hasattr(client, "is_node_managed"):
        check("a server's product", client.get_node_product_name(nodes[0]["uuid"]), nodes[0]["productName"])
        check("a server is managed", client.is_node_managed(nodes[0]["uuid"]), True)
        check("another one isn't", client.is_node_managed("0" * 32), False)
        check("a server has no jobs", client.node_has_jobs(nodes[0]["uuid"]), False)
    check("an unknown server", client.get_node_status("0" * 32), "unknown")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    binary, folder, version = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3]
    # This file has the name of the module.
    here = os.path.dirname(os.path.realpath(__file__))
    sys.path = [folder] + [place for place in sys.path if os.path.realpath(place or ".") != here]
    for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]:
        os.environ.pop(name, None)
    check("the version", any(name.endswith(f"client-{version}.dist-info") for name in os.listdir(folder)), True)
    server = subprocess.Popen([binary, "serve", "--quiet", "--tls"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    signal.signal(signal.SIGALRM, lambda *_: server.kill())
    signal.alarm(120)
    try:
        checks(server.stdout.readline().strip().removeprefix("https://"))
    finally:
        server.send_signal(signal.SIGINT)
        check("the double ends when it is interrupted", server.wait(10), 0)
        server.stdout.close()
    end()


if __name__ == "__main__":
    main()
