"""An inventory of the managed servers as CSV, with pylxca 4.2.0.

    LXCA_URL=https://192.0.2.10 LXCA_USER=INVENTORY LXCA_PASSWORD=… python nodes_inventory.py > inventory.csv
"""

import csv
import os
import sys

import pylxca

POWER = {8: "on", 5: "off"}

connection = pylxca.connect(os.environ["LXCA_URL"], os.environ["LXCA_USER"], os.environ["LXCA_PASSWORD"], "True")
if connection is None:
    sys.exit("the login failed")
table = csv.writer(sys.stdout)
table.writerow(["name", "uuid", "machine type", "serial number", "address", "power", "processors", "UEFI"])
for node in pylxca.nodes(connection)["nodeList"]:
    if node["accessState"].lower() != "online":
        print(f"{node['name']} is {node['accessState']}", file=sys.stderr)
        continue
    firmware = {one["type"]: one["version"] for one in node["firmware"]}
    table.writerow([
        node["name"],
        node["uuid"].upper(),
        node["machineType"],
        node["serialNumber"],
        next(iter(node["ipv4Addresses"]), node.get("hostname", "")),
        POWER.get(node["powerStatus"], "unknown"),
        sum(one["cores"] for one in node["processors"]),
        firmware.get("UEFI", ""),
    ])
pylxca.disconnect(connection)
