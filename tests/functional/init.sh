# Sourced by the functional tests of decant-init, after functions.sh.
init=$top_builddir/runtime/init/decant-init
[ -x "$init" ] || fail "'$init' is not built"
init_pid=

# word TEXT: as a word of a plan.
word () {
  printf '%s' "$1" |
    sed -e ':a' -e '$!{' -e 'N' -e 'ba' -e '}' -e 's/%/%25/g' \
      -e 's/ /%20/g' -e 's/	/%09/g' -e 's/\n/%0A/g'
}

# script PHASE FLAGS TEXT: the line that runs a shell script as it is.
script () { printf '%s\n' "exec $1 $2 /bin/sh sh -ec $(word "$3")"; }

# plan: the plan on stdin as the file of that name.  Processes that are looked
# for later sleep for 97.x or 98.x seconds; the number of the test is added, so
# that another test's are not found.
plan () {
  { echo 'decant-init 1'; sed "s/\(sleep%209[78]\.[0-9]*\)/\1$$/g"; } >plan
}

# is_asleep SECONDS: is there still such a process?
is_asleep () { pgrep -x -f "sleep $1$$" >/dev/null; }

# gone SECONDS...: there is none.
gone () {
  for seconds in "$@"; do
    ! is_asleep "$seconds" || init_fail "'sleep $seconds' is still there"
  done
}

# init_start: the init with the plan, beside us; its words go to files.
init_start () {
  : >out.txt # what an earlier one wrote must not be taken for its words
  : >err.txt
  "$init" plan >out.txt 2>err.txt &
  init_pid=$!
  cleanup "kill -KILL $init_pid 2>/dev/null"
}

# init_end: wait until it ends by itself; $init_status.
init_end () {
  init_status=0
  wait "$init_pid" || init_status=$?
}

# init_run: both.
init_run () {
  init_start
  init_end
}

# init_stop [SIGNAL]: ask it to stop and wait.
init_stop () {
  kill -"${1:-TERM}" "$init_pid"
  init_end
}

show () { echo "--- $1"; sed 's/^/    /' "$1"; }

# init_fail WHAT: with all that was said.
init_fail () {
  show plan
  show out.txt
  show err.txt
  fail "$1"
}

# awaits FILE PATTERN: wait until a line of FILE matches, for at most 20 s.
awaits () {
  awaits_count=0
  until grep -qE -- "$2" "$1" 2>/dev/null; do
    awaits_count=$((awaits_count + 1))
    [ $awaits_count -lt 400 ] || init_fail "'$2' does not come in $1"
    sleep 0.05
  done
}

# says FILE PATTERN, silent FILE PATTERN: a line of FILE matches, or none.
says () { grep -qE -- "$2" "$1" || init_fail "no '$2' in $1"; }
silent () { ! grep -qE -- "$2" "$1" || init_fail "'$2' in $1"; }

# ends STATUS: the init ended with it.
ends () {
  [ "$init_status" = "$1" ] || init_fail "ended with $init_status, not $1"
}

# before FILE A B: the first line that matches A comes before that of B.
before () {
  first=$(grep -nE -- "$2" "$1" | head -1 | cut -d: -f1)
  second=$(grep -nE -- "$3" "$1" | head -1 | cut -d: -f1)
  [ -n "$first" ] && [ -n "$second" ] && [ "$first" -lt "$second" ] ||
    init_fail "'$2' is not before '$3' in $1"
}

# prints TEXT: what the services wrote, whole and in order.
prints () {
  printf '%s\n' "$1" >expected.txt
  diff -u expected.txt out.txt || init_fail 'the services wrote something else'
}
