#!/usr/bin/python3
# The endpoints of the profile beside the truth that record.py recorded.
#
#   compare.py --decant PROGRAM [--cache FOLDER] [--at-least PERCENT]
#              [--misses FILE] [GROUP...]
#
# Installs the packages of each group (or takes them from FOLDER), which are
# never started, analyzes the system, and prints recall and precision of what
# is in the network, those of Unix sockets, and each miss and each false one
# by name.  Exits with 1 when a figure of the network is below PERCENT, and with
# 77 when the packages cannot be installed here.
#
# Two places are equal when unit, protocol, address and port are, and
#
#   - "*" and an empty address are 0.0.0.0 and ::, "localhost" is what the
#     guest's /etc/hosts says;
#   - who listens on 0.0.0.0 or ::, or on each address of the machine, is not
#     asked for single addresses of that family;
#   - /var/run is /run.
#
# Not asked for are: what the base system has; ports that differ from boot to
# boot ("dynamic"); units that failed, or waited for one that did, when the
# truth was recorded, because what they would listen on was not to be seen.
import argparse
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import guest

LOOPBACK = {"localhost": ["127.0.0.1", "::1"]}
NETWORK = ("tcp", "udp")


def read_truth (group):
    """What was recorded: rows, states of units, addresses of the machine."""
    rows, states, addresses = [], {}, []
    with open (os.path.join (guest.HERE, group + ".tsv")) as lines:
        for line in lines:
            words = line.rstrip ("\n").split ("\t")
            if words[0] == "#address":
                addresses = words[1:]
            elif words[0] == "#unit":
                states[words[1]] = words[3:5]
            elif not words[0].startswith ("#"):
                rows.append (words)
    return rows, states, addresses


def is_judged (state):
    """Of a unit, "enabled" and "active"; None when the truth has no such unit."""
    if state is None:
        return True
    enabled, active = state
    return active in ("active", "condition") or (
        active == "inactive" and enabled not in ("enabled", "generated", "static"))


def family (address):
    return "::" if ":" in address else "0.0.0.0"


def unify (places, machine):
    """Places with one entry for all addresses of a family."""
    found = {}
    for unit, protocol, address, port in places:
        addresses = found.setdefault ((unit, protocol, port), set ())
        if protocol == "unix":
            addresses.add ("")
            continue
        if address in ("", "*"):
            addresses.update (("0.0.0.0", "::"))
        else:
            addresses.update (LOOPBACK.get (address, [address]))
    result = set ()
    for (unit, protocol, port), addresses in found.items ():
        for any_address in ("0.0.0.0", "::"):
            all_of_family = {a for a in machine if family (a) == any_address}
            if all_of_family <= addresses:
                addresses.add (any_address)
            if any_address in addresses:
                addresses = {a for a in addresses
                             if family (a) != any_address or a == any_address}
        result.update ((unit, protocol, a, port) for a in addresses)
    return result


def short (path):
    return path[4:] if path.startswith ("/var/run/") else path


def analyze (decant, root):
    """The endpoints of the profile."""
    answer = subprocess.run ([decant, "analyze", "--json", "dir:" + root], check=True,
                             stdout=subprocess.PIPE).stdout
    places = []
    for endpoint in json.loads (answer)["endpoints"]:
        is_unix = endpoint["protocol"] == "unix"
        places.append ((endpoint["service"], endpoint["protocol"],
                        "" if is_unix else endpoint.get ("address", ""),
                        short (endpoint["path"]) if is_unix else str (endpoint["port"])))
    return places


def compare (group, arguments, packages):
    """Sets of places: expected, found, and found but not judged."""
    rows, states, machine = read_truth (group)
    base_rows, base_states, _ = read_truth ("base")
    base = set (base_states) | {row[0] for row in base_rows}
    expected = unify ([(row[0], row[2], "" if row[3] == "-" else row[3], short (row[4]))
                       for row in rows if row[6] == "fixed"], machine)
    with tempfile.TemporaryDirectory (dir=arguments.cache) as scratch:
        root = os.path.join (scratch, "root")
        guest.mount_guest (arguments.cache, group, packages, root, scratch)
        try:
            places = unify (analyze (arguments.decant, root), machine)
        finally:
            guest.run ("umount", "--lazy", root)
    found = {place for place in places if place[0] not in base}
    unjudged = {place for place in found - expected
                if not is_judged (states.get (place[0]))}
    return expected, found - unjudged, unjudged


def show (place):
    unit, protocol, address, port = place
    if protocol == "unix":
        return f"{unit} unix {port}"
    return f"{unit} {protocol} {f'[{address}]' if ':' in address else address}:{port}"


def percent (part, whole):
    return 100.0 if whole == 0 else 100.0 * part / whole


class Tally:
    """Recall and precision of one kind of places."""

    def __init__ (self, title):
        self.title = title
        self.expected = self.found = self.both = 0

    def add (self, expected, found):
        self.expected += len (expected)
        self.found += len (found)
        self.both += len (expected & found)

    def figures (self):
        return percent (self.both, self.expected), percent (self.both, self.found)

    def __str__ (self):
        recall, precision = self.figures ()
        return (f"{self.title}: recall {recall:.1f} % ({self.both} of {self.expected}), "
                f"precision {precision:.1f} % ({self.both} of {self.found})")


def main ():
    parser = argparse.ArgumentParser ()
    parser.add_argument ("--decant", required=True, type=os.path.abspath)
    parser.add_argument ("--cache", default="/var/tmp/decant-truth", type=os.path.abspath)
    parser.add_argument ("--at-least", type=float, default=0)
    parser.add_argument ("--misses", type=os.path.abspath)
    parser.add_argument ("group", nargs="*")
    arguments = parser.parse_args ()
    guest.private_mounts ()
    os.chdir ("/")
    groups = guest.read_groups ()
    network, sockets = Tally ("network"), Tally ("Unix sockets")
    differences = []
    for group in arguments.group or [name for name in groups if groups[name]]:
        expected, found, unjudged = compare (group, arguments, groups[group])
        for tally, protocols in ((network, NETWORK), (sockets, ("unix",))):
            tally.add ({p for p in expected if p[1] in protocols},
                       {p for p in found if p[1] in protocols})
        for word, places in (("missed", expected - found), ("false", found - expected),
                             ("not judged", unjudged)):
            differences += [f"{group}: {word}: {show (place)}" for place in sorted (places)]
    for line in differences:
        print (line)
    print (network)
    print (sockets)
    if arguments.misses:
        with open (arguments.misses, "w") as out:
            out.write ("\n".join (differences + [str (network), str (sockets), ""]))
    return min (network.figures ()) < arguments.at_least


if __name__ == "__main__":
    try:
        sys.exit (main ())
    except guest.Unavailable as error:
        print (f"SKIP: {error}")
        sys.exit (77)
