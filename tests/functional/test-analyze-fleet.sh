#!/bin/sh
# Many guests at once: a line each in the order given, bad ones survived and
# named, the same whatever the number of processes, nobody left behind.
. "${0%/*}/functions.sh"
requires jq --version

for i in 1 2 3 4 5 6; do
  mkdir -p "$i/etc" "$i/bin"
  printf 'ID=tiny\nVERSION_ID=%s\nPRETTY_NAME="Tiny %s"\n' $i $i >"$i/etc/os-release"
done
# The first takes longest.
mkdir -p 1/usr/share/many && (cd 1/usr/share/many && seq 20000 | xargs touch)
truncate -s 1M bad.raw

all="dir:1 dir:2 bad.raw dir:3 nothing.raw dir:4 dir:5 dir:6"
status=0
"$decant" analyze --json -j 3 $all >lines.json 2>said.txt || status=$?
same 'exit status' $status 1
same 'order' "$(jq -r '.source[0].path' lines.json | tr '\n' ' ')" '1 2 bad.raw 3 nothing.raw 4 5 6 '
same 'systems' "$(jq -r '.os.version_id // .error' lines.json | tr '\n' '|')" \
  "1|2|'bad.raw': no operating system found|3|cannot open 'nothing.raw': No such file or directory|4|5|6|"
same 'said' "$(cat said.txt)" 'decant: warning: 2 of 8 guests could not be read'
"$decant" analyze --json -j 1 $all >one.json 2>/dev/null || :
same_file lines.json one.json
"$decant" analyze --json dir:2 >alone.json
jq -c . alone.json >alone.line
sed -n 2p lines.json >second.line
same_file alone.line second.line

"$decant" analyze dir:1 dir:2 >table.txt
same 'rows' "$(wc -l <table.txt)" 2
grep -q '^dir:2  Tiny 2  0 services ' table.txt || fail "$(cat table.txt)"
"$decant" analyze dir:2 bad.raw dir:3 >table.txt 2>said.txt && fail 'a bad disk is success'
grep -q "^decant: 'bad.raw': no operating system found$" said.txt || fail "$(cat said.txt)"

"$decant" analyze --json dir:1 dir:2 -o out.json
same 'lines of the file' "$(wc -l <out.json)" 2

refuses 2 'one guest' "$decant" analyze -a x.raw dir:1 dir:2
refuses 2 'one guest' "$decant" analyze --needs x dir:1 dir:2
refuses 2 'one guest' "$decant" analyze --key - dir:1 dir:2
refuses 2 '--add' "$decant" image dir:1 dir:2 -o oci:out

# Stopped half-way: nothing is published, no process stays.
many=$(for _ in $(seq 200); do echo dir:1; done)
"$decant" analyze --json $many -o stopped.json 2>said.txt &
pid=$!
sleep 1
kill -INT $pid
status=0
wait $pid || status=$?
same 'interrupted' $status 130
[ ! -e stopped.json ] || fail 'an unfinished result was published'
sleep 0.2
! pgrep -f "^$decant analyze.*dir:1" >left.txt || fail "left: $(cat left.txt)"
