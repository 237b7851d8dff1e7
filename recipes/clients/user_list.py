"""Lists the accounts of the appliance and when they last logged in, with pylxca 4.2.0.

    LXCA_URL=https://192.0.2.10 LXCA_USER=AUDIT LXCA_PASSWORD=… python user_list.py
"""

import datetime
import os
import sys

import pylxca

connection = pylxca.connect(os.environ["LXCA_URL"], os.environ["LXCA_USER"], os.environ["LXCA_PASSWORD"], "True")
if connection is None:
    sys.exit("the login failed")
for user in pylxca.users(connection)["usersList"]:
    last = user.get("lastLoginTimestamp")
    seen = datetime.datetime.strptime(last, "%Y-%m-%dT%H:%M:%SZ").date() if last else "never"
    marks = [mark for mark in ("supervisor", "reserved") if user.get(mark)]
    state = "" if user["state"] == "Active" else f" ({user['state']})"
    print(f"{user['userName']:<20} {seen!s:<12} {', '.join(user['groups'])} {' '.join(marks)}{state}")
pylxca.disconnect(connection)
