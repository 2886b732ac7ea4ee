#!/bin/sh
# A `decant run` that is killed leaves nothing that `stop` or the next `run` does
# not remove, whatever the moment; nor does one that fails or is interrupted.
. "${0%/*}/functions.sh"
requires_root
requires runc --version
requires slirp4netns --version
requires umoci --version
requires musl-gcc --version

# img:sleeps runs until it is asked to stop, img:ends ends at once.
mkdir -p root
cat >program.c <<'END'
#include <signal.h>
#include <unistd.h>
static void end (int number) { (void) number; _exit (0); }
int
main (int argc, char **argv)
{
  (void) argv;
  if (argc > 1) {
    (void) !write (2, "cannot find my data\n", 20);
    return 7;
  }
  signal (SIGTERM, end);
  for (;;)
    pause ();
}
END
musl-gcc -static -o root/program program.c
# umoci 0.4.7 leaves out the padding of the last file, so that has none.
dd if=/dev/urandom of=root/zballast bs=1M count=8 status=none
umoci init --layout img
umoci new --image img:base
umoci insert --image img:base root / >insert.txt 2>&1 || fail "$(cat insert.txt)"
umoci config --image img:base --tag sleeps --config.cmd /program
umoci config --image img:base --tag ends --config.cmd /program --config.cmd x

name=decant-test-killed
cleanup '"$decant" stop $name >/dev/null 2>&1'
options="--runner runc --network slirp4netns -p 28099:80 --name $name"
run () { "$decant" run "oci:img:$1" $options; }
# Processes, folders and records of ours.
left () {
  pgrep -f "$DECANT_STATE_DIR/containers/" | while read -r pid; do
    cat "/proc/$pid/cmdline" 2>/dev/null | tr '\0' ' '
  done
  find "$DECANT_STATE_DIR" -mindepth 2
}
nothing_left () { [ -z "$(left)" ] || fail "$1: left: $(left)"; }

for ms in 10 60 120 200 350 600; do
  "$decant" run oci:img:sleeps $options >/dev/null 2>stderr.txt &
  sleep "0.$(printf %03d $ms)"
  kill -KILL $! 2>/dev/null || :
  wait $! || :
  if [ $ms = 350 ]; then
    [ ! -e "$DECANT_STATE_DIR/running/$name.json" ] ||
      grep -q '"running"' "$DECANT_STATE_DIR/running/$name.json" ||
      run sleeps >/dev/null 2>stderr.txt || fail "not again: $(cat stderr.txt)"
  fi
  "$decant" stop $name >/dev/null 2>stderr.txt ||
    grep -q 'has started no container' stderr.txt || fail "$ms ms: $(cat stderr.txt)"
  nothing_left "killed after $ms ms"
done

refuses 1 'it ended at once; its last line: cannot find my data' run ends
nothing_left 'an image that ends at once'

# Interrupted: the sentence, the status, nothing else.
(trap - INT; exec timeout --preserve-status -s INT 0.2 "$decant" run oci:img:sleeps $options >/dev/null 2>stderr.txt) || :
grep -q cancelled stderr.txt || fail "interrupted, it says: $(cat stderr.txt)"
nothing_left 'interrupted'

run sleeps >/dev/null
refuses 1 "'$name' was started already" run sleeps
refuses 1 'Address already in use' "$decant" run oci:img:sleeps --runner runc -p 28099:80 --name other
"$decant" stop $name >/dev/null
nothing_left stopped

# The disk is full while the image is unpacked.
mkdir small
mount -t tmpfs -o size=200k small small || skip 'no tmpfs'
cleanup 'umount "$work/small"'
DECANT_STATE_DIR=$work/small
refuses 1 'No space left on device' run sleeps
nothing_left 'a full disk'
