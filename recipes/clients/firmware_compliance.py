"""Names the devices whose firmware isn't what their policy asks for, with pylxca 4.2.0. Exits with 1 if there are any and FAIL_ON=noncompliant.

    LXCA_URL=https://192.0.2.10 LXCA_USER=REPORT LXCA_PASSWORD=… python firmware_compliance.py
"""

import os
import sys

import pylxca
from pylxca.pylxca_api.lxca_rest import lxca_rest

connection = pylxca.connect(os.environ["LXCA_URL"], os.environ["LXCA_USER"], os.environ["LXCA_PASSWORD"], "True")
if connection is None:
    sys.exit("the login failed")
wrong = 0
# The command line inside pylxca.updatepolicy knows RESULT only, and the call behind it RESULTS only.
results = lxca_rest().get_updatepolicy(connection.get_url(), connection.get_session(), "RESULTS", None, None)
for group in results.json()["all"]:
    for kind in ("cmms", "switches", "xITEs", "racklist"):
        for device in group.get(kind, []):
            for firmware in device["targetFirmware"]:
                if firmware["compliant"] != "yes":
                    wrong += 1
                    print(f"{device['uuid']}: {firmware['componentName']} is not {'.'.join(firmware['versionList'])} ({device['policyName']})")
pylxca.disconnect(connection)
if wrong and os.environ.get("FAIL_ON") == "noncompliant":
    sys.exit(1)
