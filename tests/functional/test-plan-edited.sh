#!/bin/sh
# A plan is written, edited, and what it then says becomes the image: that and
# nothing else; without edits the image is the one without a plan.
. "${0%/*}/functions.sh"
requires jq --version
requires skopeo --version
requires /usr/bin/python3 -c 'import yaml'
disk=$(debian_disk)
cp "$disk" web.qcow2

"$decant" plan web.qcow2 -o web.yaml
refuses 1 'web.yaml' "$decant" plan web.qcow2 -o web.yaml
"$decant" plan web.qcow2 >again.yaml
same_file web.yaml again.yaml
refuses 2 'ends in .yaml' "$decant" plan web.qcow2 -o web.txt

# Every reader of YAML sees the same.
/usr/bin/python3 -c '
import json, yaml
print (json.dumps (yaml.safe_load (open ("web.yaml"))))' >web.json
jq -e '.source.name == "web.qcow2" and
  ([.images[0].services[].unit] | index ("nginx.service") and
     index ("redis-server.service")) and
  ([.images[0].ports[] | select (.port == 80)][0].service == "nginx.service")' \
  web.json >/dev/null || fail "the plan: $(cat web.yaml)"
grep -q 'port: 80.*# /etc/nginx/sites-enabled/default:' web.yaml ||
  fail 'the port has no evidence'
if /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
  /usr/bin/python3 -c '
import json, jsonschema, sys
jsonschema.validate (json.load (open ("web.json")), json.load (open (sys.argv[1])))' \
    "$top_srcdir/doc/plan.schema.json"
else
  echo 'python3-jsonschema is not here: the schema was not checked'
fi

# Unedited: byte by byte what no plan gives.
"$decant" image web.qcow2 -q --json -o oci:out:plain >plain.json
"$decant" image web.yaml -q --json -o oci:out:planned >planned.json
same 'digest' "$(jq -r .digest planned.json)" "$(jq -r .digest plain.json)"

# Redis is left out, a port goes, a variable and a path come, another image is
# added; the plan has moved with its disk.
mkdir moved
mv web.qcow2 moved
/usr/bin/python3 - <<'END'
import re
text = open ("web.yaml").read ()
text = re.sub (r" *- unit: redis-server.service.*\n", "", text)
text = re.sub (r" *- .port: 6379.*\n", "", text)
text = text.replace ("services_left:\n", """services_left:
  - reason: we have one elsewhere
    units: [redis-server.service]
""")
text = text.replace ("  - name: latest\n", """  - name: none
    init: none
    files: system
  - name: web
    environment: ["STAGE=test"]
""")
text += """paths_left:
  - reason: not ours
    paths: [/opt/**, /etc/redis]
"""
open ("moved/edited.yaml", "w").write (text)
END
"$decant" image moved/edited.yaml -q -o oci:two --json >two.json
same 'images' "$(jq -r '[.images[].tag] | join (" ")' two.json)" 'none web'
same 'tags' "$(jq -r '[.manifests[].annotations[]] | sort | join (" ")' two/index.json)" \
  'none web'
jq -e '.images[1].services | map (select (.started).name) |
  index ("nginx.service") and (index ("redis-server.service") | not)' two.json >/dev/null ||
  fail "services: $(jq -c '.images[1].services' two.json)"
skopeo inspect --config oci:two:web >config.json
jq -e '.config | (.ExposedPorts | has ("80/tcp") and (has ("6379/tcp") | not)) and
  (.Env | index ("STAGE=test"))' config.json >/dev/null ||
  fail "config: $(jq -c .config config.json)"
jq -e '[.images[1].left_out[] | select (.reason == "not ours")][0].entries > 2' \
  two.json >/dev/null || fail 'paths were not left out'
refuses 2 'give -o without a tag' "$decant" image moved/edited.yaml -o oci:two:tag

# Mistakes are said with their place, and nothing is written.
sed 's/nginx.service/ngnix.service/' moved/edited.yaml >moved/bad.yaml
refuses 1 "moved/bad.yaml:$(grep -n ngnix moved/bad.yaml | head -1 | cut -d: -f1):" \
  "$decant" image moved/bad.yaml -q -o oci:bad
grep -q "is it 'nginx.service'" stderr.txt || fail 'nothing nearer is proposed'
sed 's/^    files:/    fiels:/' moved/edited.yaml >moved/bad.yaml
refuses 1 "unknown key 'fiels'" "$decant" image moved/bad.yaml -q -o oci:bad
sed '/unit: ssh.service/d' moved/edited.yaml >moved/bad.yaml
refuses 1 "starts 'ssh.service', which stands neither" \
  "$decant" image moved/bad.yaml -q -o oci:bad
refuses 1 'web.qcow2' "$decant" image web.yaml -q -o oci:bad
refuses 2 'is for a PLAN' "$decant" image moved/web.qcow2 --source x -o oci:bad
[ ! -e bad ] || fail 'a refused plan left something behind'
"$decant" image web.yaml --source moved/web.qcow2 -q -o oci:other >/dev/null
