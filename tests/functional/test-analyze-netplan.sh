#!/bin/sh
# All of netplan's own examples: the interfaces, and what is said of them, are
# what another reader of YAML finds.
. "${0%/*}/functions.sh"
requires /usr/bin/python3 -c 'import yaml'
examples=$(data configs/canonical+netplan/examples)

cat >compare.py <<'END'
import json, sys, yaml
kinds = {"ethernets": "ethernet", "wifis": "wifi", "modems": "modem",
         "bridges": "bridge", "bonds": "bond", "vlans": "vlan", "vrfs": "vrf",
         "tunnels": "tunnel", "dummy-devices": "dummy",
         "virtual-ethernets": "veth"}
network = yaml.safe_load (open (sys.argv[1])).get ("network") or {}
ours = json.load (open (sys.argv[2]))
def first (x):
    return next (iter (x)) if isinstance (x, dict) else x
def facts_of (kind, device):
    names = device.get ("nameservers") or {}
    routes = device.get ("routes") or []
    gateways = [device[k] for k in ("gateway4", "gateway6") if k in device]
    defaults = [r.get ("via") for r in routes
                if r.get ("to") in ("default", "0.0.0.0/0", "::/0")]
    mode = device.get ("mode") if kind == "tunnels" else None
    return {"kind": mode if mode in ("wireguard", "vxlan") else kinds[kind],
            "dhcp4": bool (device.get ("dhcp4")),
            "dhcp6": bool (device.get ("dhcp6")),
            "addresses": [first (a) for a in device.get ("addresses", [])],
            "gateway": (gateways + defaults + [None])[0],
            "routes": len (gateways) + len (routes),
            "nameservers": names.get ("addresses", []),
            "search": names.get ("search", []),
            "mtu": str (device["mtu"]) if "mtu" in device else None,
            "link": device.get ("link"),
            "vlan_id": str (device["id"]) if kind == "vlans" else None,
            "members": device.get ("interfaces", [])}
want = {name: facts_of (kind, device or {}) for kind in kinds
        for name, device in (network.get (kind) or {}).items ()}
got = {i["name"]: {k: i[k] for k in next (iter (want.values ()), {})}
       for i in ours["network"]["interfaces"]}
bad = [f["text"] for f in ours["findings"] if f["id"].startswith ("network")]
for i in ours["network"]["interfaces"]:
    line = open (sys.argv[1]).read ().split ("\n")[i["evidence"]["line"] - 1]
    if i["name"] not in line:
        bad.append ("the line of " + i["name"] + " is: " + line)
if want != got or bad:
    print (sys.argv[1], bad, "wanted", want, "got", got)
    sys.exit (1)
END
count=0
for example in "$examples"/*.yaml; do
  rm -rf guest
  mkdir -p guest/etc/netplan
  cp "$example" guest/etc/netplan/
  "$decant" analyze dir:guest --json >profile.json
  /usr/bin/python3 compare.py "$example" profile.json || fail "$example"
  count=$((count + 1))
done
[ $count -ge 35 ] || fail "only $count examples"
