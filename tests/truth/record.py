#!/usr/bin/python3
# Where servers listen: the truth that endpoints are compared with.
#
#   record.py [--cache FOLDER] [GROUP...]
#
# For each group of groups.txt: installs the packages in a fresh Debian, boots
# it as a container with systemd and an address of its own, twice, and asks ss
# when nothing changes any more.  Writes GROUP.tsv beside this program:
#
#   #address ADDRESS...                 those of the machine
#   #package NAME VERSION               asked for
#   #unit NAME PACKAGE ENABLED STATE    which the base does not have
#   UNIT PACKAGE PROTOCOL ADDRESS PORT PROCESS KIND
#
# with tabs between.  A Unix socket has its path as PORT and no address.  KIND
# is "fixed", or "dynamic" for what the second boot did not have at the same
# place.  Left out are Unix sockets without a name, and the ".PID.tmp" that
# haproxy gives a socket before it gets its name.  What systemd listens on for a service belongs to the service.  STATE
# is that of systemd; or "condition" when a condition of the unit does not hold.
#
# Needs root, mmdebstrap, podman, runc, and the network for packages.
import argparse
import os
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import guest

ADDRESSES = ["10.9.8.7/24", "fd09:8::7/64"]
BOOT_SECONDS = 240
QUIET_SECONDS = 4  # without change until the listeners are all there
SETTLE_SECONDS = 60

# One link to a peer that nobody answers on; nothing gets a link-local address,
# which would differ each time.
NETWORK = """
ip link set lo up
echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
ip link add eth0 type veth peer name peer0
ip link set eth0 addrgenmode none
ip link set peer0 addrgenmode none
ip link set eth0 up
ip link set peer0 up
for address in %s; do ip addr add $address dev eth0; done
ip route add default via 10.9.8.1
ip -6 route add default via fd09:8::1
exec "$@"
""" % " ".join (ADDRESSES)

# Some choose a port by their process id.
OTHER_PIDS = """#!/bin/sh
for i in 1 2 3 4 5 6 7 8 9; do (exec /bin/true); done
"""

# Runs in the guest.  ss knows processes, /proc knows their units.
ASK = r"""
echo '== sockets'
ss -H -lntup | sed 's/^/inet /'
ss -H -lxp | sed 's/^/unix /'
echo '== processes'
cd /proc
for p in [0-9]*; do
  echo "$p $(readlink $p/cwd) $(grep -E 'name=systemd|^0::' $p/cgroup | tail -n 1)"
done
echo '== listening'
systemctl list-sockets --all --no-legend --plain --full
"""
STATES = r"""
properties=Id,FragmentPath,SourcePath,UnitFileState,ActiveState,Result,ConditionResult,ConditionTimestampMonotonic
echo '== files'
systemctl show '*' --property=$properties
for u in $(systemctl list-unit-files --type=service,socket --no-legend --plain | awk '{ print $1 }'); do
  case $u in *@.*) ;; *) echo; systemctl show $u --property=$properties ;; esac
done
echo '== owners'
for f in /lib/systemd/system/*.service /lib/systemd/system/*.socket /usr/lib/systemd/system/*.service /etc/init.d/*; do
  [ ! -f "$f" ] || echo "$f"
done | xargs dpkg -S 2>/dev/null
echo '== packages'
dpkg-query -W -f '${Package} ${Version}\n'
"""


def sections (text):
    found, lines = {}, []
    for line in text.splitlines ():
        if line.startswith ("== "):
            lines = found.setdefault (line[3:], [])
        else:
            lines.append (line)
    return found


class Container:
    def __init__ (self, root, name):
        self.name = name
        self.init = 0
        command = ["podman", "run", "--rm", "--name", name, "--runtime", "runc",
                   "--systemd=always", "--network", "host", "--no-hosts",
                   "--hostname", "truth", "--cap-add", "ALL",
                   "--security-opt", "seccomp=unconfined",
                   "--ulimit", "nofile=20000:20000", "--ulimit", "nproc=32768:32768",
                   "--log-driver", "none", "--rootfs", root, "/sbin/init"]
        self.process = subprocess.Popen (
            ["unshare", "-n", "sh", "-ec", NETWORK, "sh"] + command,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def pid (self):
        """Of its systemd, as this machine sees it; 0 before it is there."""
        found = subprocess.run (
            ["podman", "inspect", "--format", "{{.State.Pid}}", self.name], check=False,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip ()
        return int (found or 0)

    def ask (self, script, timeout=BOOT_SECONDS):
        # Not podman exec: it would stay in the network of its caller.
        self.init = self.init or self.pid ()
        if not self.init:
            return ""
        return subprocess.run (
            ["nsenter", "-t", str (self.init), "-m", "-u", "-i", "-n", "-p", "sh", "-c", script],
            check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, errors="replace", timeout=timeout).stdout

    def wait (self):
        """Until the boot is over, and then until the sockets stay the same."""
        state = ""
        end = time.monotonic () + BOOT_SECONDS
        while state not in ("running", "degraded"):
            if time.monotonic () > end or self.process.poll () is not None:
                raise RuntimeError (f"{self.name} does not boot: {state!r}")
            time.sleep (1)
            state = self.ask ("systemctl is-system-running --wait").strip ()
        last, quiet = "", 0
        end = time.monotonic () + SETTLE_SECONDS
        while quiet < QUIET_SECONDS and time.monotonic () < end:
            now = self.ask ("ss -Hlntu; ss -Hlx")
            quiet = quiet + 1 if now == last else 0
            last = now
            time.sleep (1)

    def stop (self):
        subprocess.run (["podman", "kill", self.name], check=False,
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.process.wait ()


def read_processes (lines):
    """The unit and the working directory of each process."""
    units, folders = {}, {}
    for line in lines:
        pid, folder, group = (line + "  ").split (" ", 2)
        names = [part for part in group.strip ().split ("/")
                 if part.endswith ((".service", ".scope"))]
        units[pid] = names[0] if names else "-"
        folders[pid] = folder.rstrip ("/")
    return units, folders


def path_of (name, processes, folders):
    """Without ".PID.tmp"; a relative one begins where its process is."""
    name = re.sub (r"\.\d+\.tmp$", "", name)
    if name[0] in "/@" or not processes:
        return name
    return folders.get (processes[0][1], "") + "/" + name


def activated (lines):
    """What systemd listens on: the place to the service that it starts."""
    services = {}
    for line in lines:
        words = line.split ()
        if len (words) >= 3:
            services[words[0]] = words[2] if words[2] != "-" else words[1]
    return services


def split_place (place):
    address, _, port = place.rpartition (":")
    return address.strip ("[]").partition ("%")[0], port


def unit_of (processes, place, units, services):
    others = sorted ({units.get (pid, "-") for _, pid in processes if pid != "1"})
    if others:
        return others[0]
    if not processes:
        return "-"
    address, port = split_place (place)
    for name in (place, "*:" + port if address == "*" else place, "[::]:" + port, port):
        if name in services:
            return services[name]
    return "init.scope"


def read_sockets (text):
    """The listeners as a set of (unit, protocol, address, port, process)."""
    found = sections (text)
    units, folders = read_processes (found["processes"])
    services = activated (found["listening"])
    rows = set ()
    for line in found["sockets"]:
        words = line.split ()
        processes = re.findall (r'\("([^"]*)",pid=(\d+)', line)
        process = next ((name for name, pid in processes if pid != "1"),
                        processes[0][0] if processes else "-")
        if words[0] == "inet":
            place = words[5]
            address, port = split_place (place)
            rows.add ((unit_of (processes, place, units, services), words[1],
                       address, port, process))
        else:
            if words[5] == "*":
                continue
            path = path_of (words[5], processes, folders)
            rows.add ((unit_of (processes, path, units, services), "unix", "",
                       path, process))
    return rows


def read_units (text):
    """Each unit's properties, and the package of each file."""
    found = sections (text)
    units, unit = {}, {}
    for line in found["files"] + [""]:
        key, _, value = line.partition ("=")
        if key:
            unit[key] = value
        elif unit:
            units[unit.get ("Id", "-")] = unit
            unit = {}
    owners = {}
    for line in found["owners"]:
        names, _, path = line.partition (": ")
        owners[path.replace ("/usr/lib/", "/lib/")] = names.split (",")[0]
    versions = dict (line.split (" ", 1) for line in found["packages"])
    return units, owners, versions


def owner_of (unit, owners):
    for key in ("FragmentPath", "SourcePath"):
        path = unit.get (key, "").replace ("/usr/lib/", "/lib/")
        if path in owners:
            return owners[path]
    return "-"


def state_of (unit):
    state = unit.get ("ActiveState") or "-"
    was_tried = unit.get ("ConditionTimestampMonotonic", "0") not in ("", "0")
    if unit.get ("Result") == "exec-condition" or (
            was_tried and unit.get ("ConditionResult") == "no"):
        return "condition"
    return state


def boot (cache, group, packages, number):
    scratch = os.path.join (cache, f"{group}.boot")
    root = os.path.join (scratch, "root")
    shutil.rmtree (scratch, ignore_errors=True)
    guest.mount_guest (cache, group, packages, root, scratch)
    if number > 1:
        generators = os.path.join (root, "etc/systemd/system-generators")
        os.makedirs (generators, exist_ok=True)
        guest.write (os.path.join (generators, "other-pids"), OTHER_PIDS, 0o755)
    container = Container (root, f"decant-truth-{group}-{number}-{os.getpid ()}")
    try:
        container.wait ()
        return read_sockets (container.ask (ASK)), container.ask (STATES)
    finally:
        container.stop ()
        guest.run ("umount", "--lazy", root)
        shutil.rmtree (scratch, ignore_errors=True)


def record (cache, group, packages):
    first, states = boot (cache, group, packages, 1)
    second, _ = boot (cache, group, packages, 2)
    units, owners, versions = read_units (states)
    base = set () if group == "base" else read_names ("base")
    path = os.path.join (guest.HERE, group + ".tsv")
    with open (path + ".new", "w") as out:
        out.write ("\t".join (["#address", "127.0.0.1", "::1"] +
                              [a.partition ("/")[0] for a in ADDRESSES]) + "\n")
        for package in packages:
            out.write (f"#package\t{package}\t{versions.get (package, '-')}\n")
        for name in sorted (units):
            unit = units[name]
            if name.endswith ((".service", ".socket")) and name not in base:
                out.write ("\t".join (["#unit", name, owner_of (unit, owners),
                                       unit.get ("UnitFileState") or "-",
                                       state_of (unit)]) + "\n")
        for row in sorted (first | second):
            unit, protocol, address, port, process = row
            if unit in base or (unit, (protocol, address or "-", port)) in base:
                continue
            kind = "fixed" if row in first and row in second else "dynamic"
            out.write ("\t".join ([unit, owner_of (units.get (unit, {}), owners),
                                   protocol, address or "-", port, process, kind]) + "\n")
    os.rename (path + ".new", path)


def read_names (group):
    """The units of a recording, whether they listen or not.  Of systemd itself,
    which listens for others, and of nobody, the unit with each place."""
    names = set ()
    with open (os.path.join (guest.HERE, group + ".tsv")) as lines:
        for line in lines:
            words = line.rstrip ("\n").split ("\t")
            if words[0] == "#unit":
                names.add (words[1])
            elif words[0] in ("-", "init.scope"):
                names.add ((words[0], tuple (words[2:5])))
            elif not words[0].startswith ("#"):
                names.add (words[0])
    return names


def main ():
    parser = argparse.ArgumentParser ()
    parser.add_argument ("--cache", default="/var/tmp/decant-truth", type=os.path.abspath)
    parser.add_argument ("group", nargs="*")
    arguments = parser.parse_args ()
    guest.private_mounts ()
    os.chdir ("/")
    groups = guest.read_groups ()
    failed = 0
    for name in arguments.group or groups:
        start = time.monotonic ()
        try:
            record (arguments.cache, name, groups[name])
        except (RuntimeError, guest.Unavailable, subprocess.SubprocessError) as error:
            print (f"{name}: {error}", file=sys.stderr)
            failed = 1
        print (f"{name}: {time.monotonic () - start:.0f} s", flush=True)
    return failed


sys.exit (main ())
