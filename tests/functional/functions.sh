# Sourced by every functional test:  . "${0%/*}/functions.sh"
#
# The test then stands in an empty folder of its own ($work), which is removed
# when it ends, whatever way.  $decant is the program under test.
set -eu
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir}"
: "${DECANT_TEST_DATA:=$top_srcdir/../shared/data}"
decant=$top_builddir/decant
test_name=$(basename "$0" .sh)
work=$(mktemp -d "${TMPDIR:-/var/tmp}/decant-$test_name.XXXXXX")
DECANT_STATE_DIR=$work/state
export DECANT_STATE_DIR decant work
cd "$work"

cleanup_commands=
finish () {
  status=$?
  trap - EXIT
  eval "$cleanup_commands"
  cd /
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# cleanup COMMAND...: run when the test ends, the last one first.
cleanup () { cleanup_commands="$* || :; $cleanup_commands"; }

skip () { echo "SKIP: $*"; exit 77; }
fail () { echo "FAIL: $*"; exit 1; }

# requires PROGRAM [ARGUMENT...]: skip unless this works.
requires () {
  "$@" >/dev/null 2>&1 || skip "'$*' does not work here"
}
requires_root () { [ "$(id -u)" = 0 ] || skip 'needs root'; }

# data PATH: the foreign file or folder, or skip.
data () {
  [ -e "$DECANT_TEST_DATA/$1" ] || {
    echo "SKIP: test data '$1' is absent" >&2
    kill -s USR1 $$
    exit 77
  }
  echo "$DECANT_TEST_DATA/$1"
}
trap 'exit 77' USR1

# refuses STATUS WORDS COMMAND...: the command must exit with STATUS and one
# sentence on stderr that holds WORDS, and print nothing on stdout.
refuses () {
  want_status=$1
  want_words=$2
  shift 2
  got_status=0
  "$@" >stdout.txt 2>stderr.txt || got_status=$?
  [ "$got_status" = "$want_status" ] ||
    fail "'$*' exited with $got_status, not $want_status: $(cat stderr.txt)"
  grep -qF -- "$want_words" stderr.txt ||
    fail "'$*' did not say '$want_words' but: $(cat stderr.txt)"
  [ "$(wc -l <stderr.txt)" = 1 ] ||
    fail "'$*' said more than one line: $(cat stderr.txt)"
  [ ! -s stdout.txt ] || fail "'$*' printed a result: $(cat stdout.txt)"
}

# same WHAT A B: two texts are equal.
same () { [ "$2" = "$3" ] || fail "$1: '$2' is not '$3'"; }

# same_file A B: two text files are equal, else show the difference.
same_file () { diff -u "$1" "$2" || fail "$1 and $2 differ"; }

# debian_disk: the path of a bootable Debian server disk (qcow2), made once a
# build folder by whichever test comes first; skips where it cannot be made.
debian_disk () {
  debian_disk_path=${DECANT_TEST_DISK:-$top_builddir/tests/work/debian-server.qcow2}
  mkdir -p "$(dirname "$debian_disk_path")"
  (
    flock 9
    [ -f "$debian_disk_path" ] || {
      for tool in mmdebstrap mke2fs mkfs.vfat mcopy sfdisk qemu-img; do
        command -v $tool >/dev/null || { echo "no $tool" >&2; exit 77; }
      done
      sh "$top_srcdir/tests/guests/debian-server.sh" "$debian_disk_path" >&2
    }
  ) 9>"$debian_disk_path.lock" || {
    echo "SKIP: the Debian test disk cannot be made here" >&2
    kill -s USR1 $$
    exit 77
  }
  echo "$debian_disk_path"
}
