#!/bin/sh
# Ctrl-C, kill -9 and a full disk: no output, no child, no remains.
. "${0%/*}/functions.sh"
disk=$(debian_disk)
requires pgrep --version

# The commands name $work, so that their workers, which are forks of them, do
# too.
no_children () {
  for try in 1 2 3 4 5 6 7 8 9 10; do
    pgrep -f "$work" >pids.txt || return 0
    sleep 0.2
  done
  fail "processes are left: $(ps -f -p "$(tr '\n' ',' <pids.txt | sed 's/,$//')")"
}

# Kill at several moments of the run: each leaves the earlier image alone.
"$decant" image "$disk" -q -o oci:web
before=$(cat web/index.json)
for delay in 0.02 0.1 0.3 0.6; do
  "$decant" image "$disk" -q -o "oci:$work/new" &
  pid=$!
  sleep $delay
  kill -KILL $pid 2>/dev/null || :
  wait $pid 2>/dev/null || :
  no_children
  if [ -e new ]; then
    [ -f new/index.json ] || fail "half an image after $delay s"
    rm -r new
  fi
done
for delay in 0.05 0.4; do
  "$decant" image "$disk" -q -o "oci:$work/web:second" &
  pid=$!
  sleep $delay
  kill -KILL $pid 2>/dev/null || :
  wait $pid 2>/dev/null || :
  no_children
  grep -q second web/index.json || same 'the layout' "$(cat web/index.json)" "$before"
done

# The next run removes what a killed one left.
"$decant" image "$disk" -q -o oci:clean
[ -z "$(find . -maxdepth 1 -name '.decant-*')" ] || fail "remains: $(ls -a)"
rm -r clean

# An interrupt cleans up itself and says so by its exit status.
status=0
"$decant" image "$disk" -q -o "oci:$work/new" 2>stderr.txt &
pid=$!
sleep 0.3
kill -TERM $pid 2>/dev/null || :
wait $pid || status=$?
[ $status = 130 ] || [ $status = 0 ] || fail "status $status: $(cat stderr.txt)"
[ $status = 0 ] || [ ! -e new ] || fail 'an interrupted run left an image'
[ -z "$(find . -maxdepth 1 -name '.decant-*')" ] || fail "remains: $(ls -a)"
no_children
rm -rf new

# A disk that is full while we write: nearly all of the image fits, so that it is
# not refused before (test-image-estimate.sh).
[ "$(id -u)" = 0 ] || { echo 'not root: the full disk was not tried'; exit 0; }
mkdir small
mount -t tmpfs -o size=74m tmpfs small || { echo 'no tmpfs: the full disk was not tried'; exit 0; }
cleanup 'umount small'
refuses 1 'No space left' "$decant" image "$disk" -q -o oci:small/web
[ -z "$(ls -A small)" ] || fail "left behind: $(ls -A small)"
