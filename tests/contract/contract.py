#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the units of cases/ under systemd and under decant-init and compares.

contract.py systemd TREE   TREE: a Debian with systemd; is copied, not changed
contract.py decant         with the compiler and the init of --build
  --write                  keep what was seen in recorded/ (systemd only)
  --only CASE              repeatedly: only these cases (and "plain")
  --keep FOLDER            leave what was seen there: raw records, log, plan

Without --write what was seen is compared with recorded/, which is what systemd
did: exit 1 and the differences.  README.md tells how a case is made.
"""

import argparse
import concurrent.futures
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname (os.path.abspath (__file__))
CASES = os.path.join (HERE, "cases")
RECORDED = os.path.join (HERE, "recorded")
UNITS = "etc/systemd/system"
UNIT_TYPES = (".service", ".socket", ".timer", ".path", ".target")
BOOT_SECONDS = 60    # until the first record
QUIET_SECONDS = 2.5  # without a new record: all that happens by itself has
SEEN_SECONDS = 60    # at most
BATCH_UNITS = 120    # that decant-init gets at once; it takes 256 services

# Both systems run with these.  The capabilities are a fixed list, so that the
# recording does not depend on the machine.
CAPABILITIES = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP
  NET_BIND_SERVICE NET_ADMIN NET_RAW IPC_LOCK SYS_CHROOT SYS_PTRACE SYS_ADMIN SYS_NICE
  SYS_TTY_CONFIG MKNOD AUDIT_WRITE SETFCAP SYSLOG""".split ()
FLAGS = ["--runtime", "runc", "--systemd=always", "--network", "none", "--hostname",
         "guest", "--security-opt", "seccomp=unconfined", "--ulimit",
         "nofile=20000:20000", "--ulimit", "nproc=32768:32768",
         "--ulimit", "sigpending=10000:10000", "--env",
         "CONTRACT=from the container", "--cap-drop", "ALL"]

# What is not compared, and why.
FORGOTTEN_VARIABLES = {
    "INVOCATION_ID": "a number of systemd's own, which only its journal uses",
    "JOURNAL_STREAM": "the output is no stream of the journal",
    "SYSTEMD_EXEC_PID": "only systemd's own programs use it",
    "MONITOR_INVOCATION_ID": "as INVOCATION_ID",
}
# Namespaces that a service has of its own only to hide files or to keep a name;
# what is hidden the cases look at.
FORGOTTEN_NAMESPACES = {"mnt", "uts"}
FORGOTTEN_LINES = {f"namespaces.{name}" for name in FORGOTTEN_NAMESPACES}
# Variables whose value is another one at each start.
CHANGING_VARIABLES = {"MAINPID", "NOTIFY_SOCKET", "MONITOR_MAINPID", "REMOTE_PORT",
                      "WATCHDOG_PID",
                      "TRIGGER_TIMER_REALTIME_USEC", "TRIGGER_TIMER_MONOTONIC_USEC"}
FORGOTTEN_FACTS = {
    "time": "the order of the records is what counts",
    "pid": "another one at each start",
    "keyring": "KeyringMode= is not done",
}
with open ("/proc/self/status", encoding="utf-8") as status:
    ALL_CPUS = re.search (r"^Cpus_allowed_list:\s*(\S+)", status.read (), re.M).group (1)
DYNAMIC_IDS = range (61184, 65520) # of DynamicUser=: which one does not matter

# The users of all cases; systemd's tree has root, nobody and more.
ACCOUNTS = {
    "passwd": """alice:x:1001:1001:Alice:/home/alice:/bin/sh
bob:x:1002:2002::/srv/bob:/usr/sbin/nologin
""",
    "group": """alice:x:1001:
team:x:2002:
extra:x:2003:alice
more:x:2004:alice,bob
""",
}
TINY_ACCOUNTS = {
    "passwd": "root:x:0:0:root:/root:/bin/bash\n"
              "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "group": "root:x:0:\nadm:x:4:\nwww-data:x:33:\nnogroup:x:65534:\n",
}
# Enough of systemd's own targets for an order.
TARGETS = {
    "sysinit": "", "basic": "Requires=sysinit.target\nAfter=sysinit.target sockets.target paths.target\n"
                            "Wants=sockets.target timers.target paths.target\n",
    "sockets": "", "timers": "", "paths": "", "local-fs": "", "network": "",
    "network-online": "", "shutdown": "", "time-sync": "", "time-set": "",
    "multi-user": "Requires=basic.target\nAfter=basic.target\n",
}


def write (path, text, mode="w"):
    os.makedirs (os.path.dirname (path), exist_ok=True)
    with open (path, mode, encoding="utf-8") as out:
        out.write (text)


def read (path):
    with open (path, encoding="utf-8") as text:
        return text.read ()


class Case:
    """A folder of cases/: its units are named after it, NAME.* or NAME-*.*"""

    def __init__ (self, name):
        self.name = name
        self.folder = os.path.join (CASES, name)
        self.units = sorted (unit for unit in os.listdir (self.folder)
                             if unit.endswith (UNIT_TYPES))
        for unit in self.units:
            if not re.match (re.escape (name) + r"[-.@]", unit):
                raise SystemExit (f"case '{name}': unit '{unit}' is not named after it")

    def started (self):
        """Unit and what wants it: by [Install], or by a line of 'starts'."""
        for unit in self.units:
            text = read (os.path.join (self.folder, unit))
            for wanted in re.findall (r"^WantedBy=(\S+)", text, re.M):
                if "@." not in unit:
                    yield unit, wanted
        starts = os.path.join (self.folder, "starts")
        if os.path.exists (starts):
            for unit in read (starts).split ():
                yield unit, "multi-user.target"

    def furnish (self, root):
        folder = os.path.join (root, UNITS)
        for name in sorted (os.listdir (self.folder)):
            path = os.path.join (self.folder, name)
            if name in self.units:
                shutil.copy (path, folder)
            elif name.endswith (".d"):
                shutil.copytree (path, os.path.join (folder, name))
            elif name == "files":
                subprocess.run (["cp", "-a", "--no-preserve=ownership", path + "/.", root], check=True)
        for unit, wanted in self.started ():
            wants = os.path.join (folder, wanted + ".wants")
            os.makedirs (wants, exist_ok=True)
            source = re.sub (r"@.+\.", "@.", unit) if unit not in self.units else unit
            os.symlink (f"{'/' + UNITS}/{source}", os.path.join (wants, unit))


def make_observed (work):
    os.makedirs (os.path.join (work, "observed"))
    os.chmod (os.path.join (work, "observed"), 0o1777)


def make_tiny (root):
    for folder in ("dev", "proc", "sys", "run", "tmp", "var/tmp", "root", "etc/systemd/system",
                   "var/lib", "var/log", "var/cache", "home", "srv", "usr/bin", ".decant"):
        os.makedirs (os.path.join (root, folder))
    for name, unit in TARGETS.items ():
        write (os.path.join (root, f"usr/lib/systemd/system/{name}.target"),
               f"[Unit]\nDescription={name}\n{unit}")
    os.symlink ("multi-user.target", os.path.join (root, "usr/lib/systemd/system/default.target"))
    for name, text in TINY_ACCOUNTS.items ():
        write (os.path.join (root, "etc", name), text)
    write (os.path.join (root, "usr/lib/os-release"), 'ID=debian\nVERSION_ID="12"\n')
    os.symlink ("../usr/lib/os-release", os.path.join (root, "etc/os-release")) # as Debian has it
    shutil.copytree ("/usr/share/zoneinfo/Etc", os.path.join (root, "usr/share/zoneinfo/Etc"))


def furnish (root, probe, cases):
    for program in ("probe", "call-probe"):
        shutil.copy (os.path.join (os.path.dirname (probe), program), root)
        os.chmod (os.path.join (root, program), 0o755)
    for name, text in ACCOUNTS.items ():
        write (os.path.join (root, "etc", name), text, "a")
    for folder in ("tmp", "var/tmp"):
        os.chmod (os.path.join (root, folder), 0o1777)
    write (os.path.join (root, "etc/default/locale"), "LANG=C.UTF-8\n")
    os.makedirs (os.path.join (root, "home/alice"), exist_ok=True)
    os.chown (os.path.join (root, "home/alice"), 1001, 1001)
    for case in cases:
        case.furnish (root)


class Container:
    def __init__ (self, root, observed, command, log):
        self.name = f"contract-{os.getpid ()}-{os.path.basename (os.path.dirname (root))}"
        self.observed = observed
        self.log = open (log, "wb")
        flags = FLAGS + [f"--cap-add={name}" for name in CAPABILITIES]
        self.process = subprocess.Popen (
            ["podman", "run", "--rm", "--name", self.name] + flags +
            ["--log-driver", "none", "-v", f"{observed}:/observed", "--rootfs", root] + command,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)

    def ask (self, *command):
        return subprocess.run (
            ["podman", "exec", self.name] + list (command), check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, timeout=30).stdout

    def settle (self):
        """Until nothing new was recorded for a while."""
        begin = last = time.monotonic ()
        count = 0
        while self.process.poll () is None:
            now = time.monotonic ()
            found = len (os.listdir (self.observed))
            if found != count:
                count, last = found, now
            if count == 0 and now - begin > BOOT_SECONDS:
                raise SystemExit ("nothing was recorded")
            if now - begin > SEEN_SECONDS or count and now - last > QUIET_SECONDS:
                return
            time.sleep (0.1)

    def stop (self):
        subprocess.run (["podman", "stop", "-t", "90", self.name], check=False,
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.process.wait ()
        self.log.close ()


def read_records (observed, texts):
    records = [json.loads (read (os.path.join (observed, name)))
               for name in os.listdir (observed) if name.endswith (".json")]
    for text in texts:
        for line in re.findall (r"PROBE (\{.*\})$", text, re.M):
            records.append (json.loads (line))
    return sorted (records, key=lambda record: record["time"])


# systemd.

def systemd_states (container):
    text = container.ask ("systemctl", "show", "*", "--all",
                          "--property=Id,ActiveState,ConditionResult,AssertResult")
    states = {}
    for block in text.split ("\n\n"):
        fields = dict (line.split ("=", 1) for line in block.splitlines () if "=" in line)
        states[fields.get ("Id", "")] = fields.get ("ActiveState", "")
    return states


def run_systemd (options, cases, work):
    root, observed = os.path.join (work, "root"), os.path.join (work, "observed")
    make_observed (work)
    subprocess.run (["cp", "-a", options.tree, root], check=True)
    furnish (root, options.probe, cases)
    container = Container (root, observed, ["/lib/systemd/systemd"], os.path.join (work, "log"))
    container.settle ()
    states = systemd_states (container)
    journal = container.ask ("journalctl", "--all", "--output=cat")
    write (os.path.join (work, "journal"), container.ask ("journalctl", "--all"))
    container.stop ()
    return read_records (observed, [journal]), states


# decant-init.

def decant_states (container):
    units = json.loads (container.ask ("/.decant/init", "status", "--json"))
    return {unit["name"] if unit["name"].endswith (UNIT_TYPES) else unit["name"] + ".service":
            unit["active"] for unit in units}


def run_batch (options, cases, work):
    root, observed = os.path.join (work, "root"), os.path.join (work, "observed")
    make_observed (work)
    make_tiny (root)
    furnish (root, options.probe, cases)
    made = subprocess.run ([os.path.join (options.build, "tests/functional/dump-initplan"), root],
                           check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    write (os.path.join (work, "findings"), made.stderr)
    if made.returncode != 0:
        raise SystemExit ("no plan: " + made.stderr)
    write (os.path.join (root, ".decant/init.plan"), made.stdout)
    write (os.path.join (work, "plan"), made.stdout)
    shutil.copy (os.path.join (options.build, "runtime/init/decant-init"),
                 os.path.join (root, ".decant/init"))
    log = os.path.join (work, "log")
    container = Container (root, observed, ["/.decant/init"], log)
    container.settle ()
    states = decant_states (container)
    container.stop ()
    return read_records (observed, [read (log)]), states


def batches (cases):
    """The cases in parts; each has the plain one."""
    plain = [case for case in cases if case.name == "plain"]
    parts = [[]]
    for case in cases:
        if sum (len (other.units) for other in parts[-1]) + len (case.units) > BATCH_UNITS:
            parts.append ([])
        if case.name != "plain":
            parts[-1].append (case)
    return [plain + part for part in parts]


def run_decant (options, cases, work):
    records, states = [], {}
    with concurrent.futures.ThreadPoolExecutor (2) as pool:
        runs = [pool.submit (run_batch, options, part, os.path.join (work, str (i)))
                for i, part in enumerate (batches (cases))]
        for i, run in enumerate (runs):
            seen, ended = run.result ()
            records += [record for record in seen if i == 0 or record["unit"] != "plain.service"]
            states.update (ended)
    return records, states


# What is compared.

def describe_descriptor (number, described):
    """The output is a stream of the journal, or a pipe of decant-init; a file in
    memory has a name that nothing sees."""
    is_stream = described.get ("path", "").startswith ("pipe:") or (described["kind"] == "socket" and
                                                described["family"] == 1 and
                                                described["type"] == 1 and
                                                not described["listens"])
    if number in ("1", "2") and is_stream:
        return "log"
    if described.get ("path", "").startswith ("/memfd:"):
        described["path"] = "memory"
    return described


def clean (record):
    pid = record.get ("pid")
    cleaned = {key: value for key, value in record.items () if key not in FORGOTTEN_FACTS}
    if "env" in cleaned:
        cleaned["env"] = {
            name: "..." if name in CHANGING_VARIABLES else
            "own" if name.endswith ("_PID") and value == str (pid) else value
            for name, value in cleaned["env"].items () if name not in FORGOTTEN_VARIABLES}
    if "namespaces" in cleaned:
        cleaned["namespaces"] = {name: value for name, value in cleaned["namespaces"].items ()
                                 if name not in FORGOTTEN_NAMESPACES}
    for key in ("Uid", "Gid", "Groups"):
        if key in cleaned:
            cleaned[key] = " ".join ("dynamic" if int (word) in DYNAMIC_IDS else word
                                     for word in cleaned[key].split ())
    for key in ("uid", "gid"):
        if cleaned.get (key) in DYNAMIC_IDS:
            cleaned[key] = "dynamic"
    if cleaned.get ("Cpus_allowed_list") == ALL_CPUS:
        cleaned["Cpus_allowed_list"] = "all"
    if "fds" in cleaned:
        cleaned["fds"] = {number: describe_descriptor (number, described)
                          for number, described in cleaned["fds"].items ()}
    return cleaned


def less (value, usual):
    """VALUE without what is as in USUAL; a part that is gone is null."""
    if not isinstance (value, dict) or not isinstance (usual, dict):
        return value
    left = {key: less (part, usual.get (key)) for key, part in value.items ()
            if part != usual.get (key)}
    left.update ({key: None for key in usual if key not in value})
    return left


def lines_of (key, value):
    """One line a fact, so that a difference is one line."""
    if isinstance (value, dict):
        for name in sorted (value):
            yield from lines_of (f"{key}.{name}", value[name])
    else:
        yield f"  {key}: {json.dumps (value, sort_keys=True)}"


def is_owned (record, case):
    return record["unit"] in case.units or re.sub (r"@.+\.", "@.", record["unit"]) in case.units


def are_swapped (first, second):
    """Neither order says anything: of two signals that come together, and of the
    main process and what is run as soon as it was forked."""
    if first["unit"] != second["unit"] or first["event"] != second["event"]:
        return False
    if first["event"] == "signal":
        return (first["label"], first["signal"]) > (second["label"], second["signal"])
    return first["event"] == "state" and first["label"] == "post" and second["label"] == "main"


def settle_order (owned):
    for i in range (1, len (owned)):
        for k in range (i, 0, -1):
            if are_swapped (owned[k - 1], owned[k]):
                owned[k - 1:k + 1] = owned[k], owned[k - 1]


def describe (case, cleaned, states, usual):
    """The units of CASE and what is to be said of them, in pieces (unit, lines)."""
    owned = [record for record in cleaned if is_owned (record, case)]
    if not os.path.exists (os.path.join (case.folder, "ordered")):
        owned.sort (key=lambda record: record["unit"]) # stable
    settle_order (owned)
    units = {record["unit"] for record in owned} | set (case.units)
    for unit in sorted (unit for unit in units if unit.endswith (".service") and "@." not in unit):
        yield unit, [f"{unit} is {states.get (unit, 'inactive')}"]
    for record in owned:
        lines = ["{unit} {label}: {event}".format (**record)]
        facts = {key: value for key, value in record.items ()
                 if key not in ("unit", "label", "event")}
        if case.name != "plain" and record["event"] == "state":
            facts = less (facts, {key: value for key, value in usual.items ()
                                  if key not in ("unit", "label", "event")})
        if record["event"] == "run": # beside that of the case's main unit
            first = next (other for other in owned if other["event"] == "run" and
                          other["unit"] == case.name + ".service")
            facts = facts if record is first else less (facts, {"run": first["run"]})
        for key, value in facts.items ():
            lines.extend (lines_of (key, value))
        yield record["unit"], lines


def observations (cases, records, states):
    """For each case: its units' states and records, the latter as what is
    different from a plain service's."""
    cleaned = [clean (record) for record in records]
    usual = next ((record for record in cleaned if record["event"] == "state" and
                   record["unit"] == "plain.service"), None)
    if usual is None:
        raise SystemExit ("the plain service was not started")
    return {case.name: list (describe (case, cleaned, states, usual)) for case in cases}


def read_pieces (name):
    """What write_pieces() wrote."""
    pieces = []
    path = os.path.join (RECORDED, name + ".txt")
    for line in read (path).splitlines () if os.path.exists (path) else []:
        if line.split (":")[0][2:] in FORGOTTEN_LINES:
            continue
        if line.startswith ("  "):
            pieces[-1][1].append (line)
        else:
            pieces.append ((line.split (" ")[0], [line]))
    return pieces


def write_pieces (name, pieces):
    write (os.path.join (RECORDED, name + ".txt"),
           "".join (line + "\n" for _, lines in pieces for line in lines))


def open_units ():
    """Units that are not yet equal: the file 'open' has a line "UNIT REASON" of each."""
    path = os.path.join (HERE, "open")
    return {line.split ()[0] for line in read (path).splitlines ()
            if line and not line.startswith ("#")}


def lines_of_unit (pieces, unit):
    return [lines for owner, lines in pieces if owner == unit]


def lines_but (pieces, left_out):
    return [line for unit, lines in pieces if unit not in left_out for line in lines]


def compare (name, seen, left_out):
    kept = read_pieces (name)
    old, new = lines_but (kept, left_out), lines_but (seen, left_out)
    if old != new:
        print (f"case '{name}' (- systemd, recorded; + seen now)")
        for line in list (difflib.unified_diff (old, new, lineterm="", n=4))[2:]:
            print ("  " + line)
        units = {unit for unit, _ in kept + seen} - left_out
        print ("of:", *sorted (unit for unit in units
                               if lines_of_unit (kept, unit) != lines_of_unit (seen, unit)))
    return old == new


def are_open (seen, left_out):
    """An open unit that is equal must leave the list."""
    for name, pieces in seen.items ():
        kept = read_pieces (name)
        for unit in sorted ({unit for unit, _ in kept} & left_out):
            if lines_of_unit (kept, unit) == lines_of_unit (pieces, unit):
                print (f"{unit} is equal now: take it out of tests/contract/open")
                yield unit


def main ():
    parser = argparse.ArgumentParser ()
    parser.add_argument ("system", choices=["systemd", "decant"])
    parser.add_argument ("tree", nargs="?")
    parser.add_argument ("--build", default=os.getcwd ())
    parser.add_argument ("--only", action="append", default=[])
    parser.add_argument ("--keep")
    parser.add_argument ("--write", action="store_true")
    options = parser.parse_args ()
    options.probe = os.path.join (options.build, "tests/contract/probe")
    names = sorted (os.listdir (CASES))
    if options.only:
        names = sorted (set (options.only) | {"plain"})
    cases = [Case (name) for name in names]

    if options.keep:
        os.makedirs (options.keep)
    work = options.keep or tempfile.mkdtemp (prefix="contract.", dir="/var/tmp")
    try:
        run = run_systemd if options.system == "systemd" else run_decant
        records, states = run (options, cases, work)
        seen = observations (cases, records, states)
        if options.write and options.system == "systemd":
            for name, pieces in seen.items ():
                write_pieces (name, pieces)
            return 0
        left_out = open_units () if options.system == "decant" else set ()
        same = [compare (name, pieces, left_out) for name, pieces in seen.items ()]
        closed = list (are_open (seen, left_out))
        print (f"{sum (same)} of {len (same)} cases are as recorded")
        return 0 if all (same) and not closed else 1
    finally:
        if options.keep is None:
            shutil.rmtree (work)


if __name__ == "__main__":
    sys.exit (main ())
