#!/bin/sh
# What a running Linux system does, for `decant analyze --observed FILE`.
#
#   sh collect.sh >host.observed
#
# Prints one record to standard output and changes nothing: no file is
# written, none of /proc's is set.  Runs as any user; as root it sees more, and
# what it could not see is among the lines.  Wants a POSIX shell and awk; ss,
# systemctl, df, ip and timeout are used where they are.  Takes seconds.
#
# The record: lines of fields with tabs between, the first one the kind.
# The first line is "decant-observed 1", the last one "end"; decant-collect(1)
# lists the kinds.
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin:/usr/bin:/bin
export LC_ALL PATH

rows_max=5000 # of one kind

has () { command -v "$1" >/dev/null 2>&1; }
limit=
if timeout 5 true >/dev/null 2>&1; then limit='timeout 15'; fi
# shellcheck disable=SC2086 # two words, or none
limited () { $limit "$@" </dev/null 2>/dev/null; }
missing () { printf 'missing\t%s\n' "$1"; }

first_line () {
  line=
  { read -r line <"$1"; } 2>/dev/null
  echo "$line"
}

host () {
  printf 'time\t%s\n' "$(date +%s)"
  printf 'user\t%s\n' "$(id -u)"
  printf 'hostname\t%s\n' "$(first_line /proc/sys/kernel/hostname)"
  printf 'machine-id\t%s\n' "$(first_line /etc/machine-id)"
  printf 'kernel\t%s\t%s\n' "$(uname -r)" "$(uname -m)"
  for file in /etc/os-release /usr/lib/os-release; do
    [ -r "$file" ] || continue
    awk -F= '{ gsub (/["\047\t]/, "", $2); value[$1] = $2 }
      END { print "os\t" value["ID"] "\t" value["VERSION_ID"] }' "$file"
    break
  done
  [ "$(id -u)" = 0 ] || missing 'processes of other users: not run as root'
}

load () {
  awk '{ print "uptime\t" int ($1) }' /proc/uptime
  awk '{ print "load\t" $1 "\t" $2 "\t" $3 }' /proc/loadavg
  awk '/^cpu[0-9]/ { count++ }
    /^cpu / { busy = $2 + $3 + $4 + $7 + $8 + $9
              printf "cpu\t%.0f\t%.0f\n", busy, busy + $5 + $6 }
    END { print "cpus\t" count + 0 }' /proc/stat
  awk '{ value[$1] = $2 }
    END { available = "MemAvailable:" in value ? value["MemAvailable:"] : \
            value["MemFree:"] + value["Buffers:"] + value["Cached:"]
          print "memory\t" value["MemTotal:"] "\t" available "\t" \
            value["SwapTotal:"] "\t" value["SwapFree:"] }' /proc/meminfo
}

# Tagged lines for the program below, which joins them by process.
processes () {
  for folder in /proc/[0-9]*; do
    while read -r line; do
      case $line in
        *name=systemd:* | 0::*) echo "group ${folder#/proc/} $line" ;;
      esac
    done <"$folder/cgroup"
  done 2>/dev/null
  # shellcheck disable=SC2012 # one ls for all links, their targets are wanted
  ls -l /proc/[0-9]*/exe 2>/dev/null | sed 's/^/exe /'
  cat /proc/[0-9]*/status 2>/dev/null | sed 's/^/status /'
  cat /proc/[0-9]*/stat 2>/dev/null | sed 's/^/stat /'
  # shellcheck disable=SC2012
  limited ls -l /proc/[0-9]*/fd | grep -e '^/proc' -e '-> ' | sed 's/^/fd /'
}

sockets () {
  if has ss && limited ss -lnt >/dev/null; then
    limited ss -lntup | sed 's/^/ss listen /'
    limited ss -xap | sed 's/^/ss listen /'
    limited ss -ntup state established | sed 's/^/ss connect /'
  else
    for kind in tcp tcp6 udp udp6 unix; do
      [ -r /proc/net/$kind ] || continue
      sed "s/^/net $kind /" /proc/net/$kind
    done
  fi
}

# shellcheck disable=SC2016 # it is awk's
joiner='
function hex(text,    i, value) {
  value = 0
  text = tolower (text)
  for (i = 1; i <= length (text); i++)
    value = value * 16 + index ("0123456789abcdef", substr (text, i, 1)) - 1
  return value
}
# Four bytes of /proc/net in the order of this machine, as they were sent.
function word(text) {
  return is_little ? substr (text, 7, 2) substr (text, 5, 2) \
    substr (text, 3, 2) substr (text, 1, 2) : text
}
function dotted(text) {
  return hex(substr (text, 1, 2)) "." hex(substr (text, 3, 2)) "." \
    hex(substr (text, 5, 2)) "." hex(substr (text, 7, 2))
}
function address_of(text,    all, i, result) {
  if (length (text) == 8)
    return dotted(word(text))
  for (i = 1; i <= 25; i += 8)
    all = all word(substr (text, i, 8))
  all = tolower (all)
  if (all ~ /^0+$/)
    return "::"
  if (all ~ /^0+1$/)
    return "::1"
  if (substr (all, 1, 24) == "00000000000000000000ffff")
    return dotted(substr (all, 25))
  for (i = 1; i <= 29; i += 4)
    result = result (i > 1 ? ":" : "") substr (all, i, 4)
  return result
}
# The address and port of "[::1]:80", "*:80", "127.0.0.53%lo:53".
function split_place(place) {
  port = place
  sub (/.*:/, "", port)
  address = substr (place, 1, length (place) - length (port) - 1)
  gsub (/[][]/, "", address)
  sub (/%.*/, "", address)
  if (address ~ /^::ffff:[0-9.]+$/)
    address = substr (address, 8)
}
function is_automatic(path) {
  return path ~ /^@[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]$/
}
function unit_of(pid) { return pid in unit ? unit[pid] : "-" }
# The first process that is not systemd, in the words of ss.
function owner_of(text,    rest, found) {
  pid = "-"
  rest = text
  while (match (rest, /",(pid=)?[0-9]+/)) {
    found = substr (rest, RSTART + 2, RLENGTH - 2)
    sub (/pid=/, "", found)
    if (pid == "-" || pid == 1)
      pid = found
    rest = substr (rest, RSTART + RLENGTH)
  }
  return pid
}
function name_of(pid) { return pid in name ? name[pid] : "-" }
function listens(protocol, address, port, pid) {
  if (protocol != "unix")
    is_listening[protocol, port] = 1
  line = protocol "\t" address "\t" port "\t" name_of(pid) "\t" unit_of(pid)
  if (!(line in listening) && listen_count < rows_max) {
    listening[line] = 1
    listen_line[++listen_count] = line
  }
}
function connects(protocol, local, remote, pid) {
  if (++connect_count > 20 * rows_max)
    return
  connect_protocol[connect_count] = protocol
  connect_local[connect_count] = local
  connect_remote[connect_count] = remote
  connect_unit[connect_count] = unit_of(pid)
}
$1 == "order" { is_little = $2 == 1 }
$1 == "group" {
  count = split ($0, part, "/")
  for (i = 1; i <= count; i++)
    if (part[i] ~ /\.(service|scope)$/) {
      unit[$2] = part[i]
      break
    }
}
$1 == "exe" && match ($0, /\/proc\/[0-9]+\/exe -> /) {
  pid = substr ($0, RSTART + 6)
  sub (/\/.*/, "", pid)
  exe[pid] = substr ($0, RSTART + RLENGTH)
}
$1 == "status" && $2 == "Name:" { process = $3; for (i = 4; i <= NF; i++) process = process " " $i }
$1 == "status" && $2 == "Pid:" {
  current = $3
  name[current] = process
  order[++process_count] = current
}
$1 == "status" && $2 == "Uid:" { uid[current] = $3 }
$1 == "status" && $2 == "VmRSS:" { memory[current] = $3 }
$1 == "stat" {
  pid = $2
  rest = $0
  sub (/.*\) /, "", rest)
  split (rest, part, " ")
  ticks[pid] = part[12] + part[13]
}
$1 == "fd" && /^fd \/proc\/[0-9]+\/fd:$/ {
  fd_pid = $2
  gsub (/[^0-9]/, "", fd_pid)
}
$1 == "fd" && match ($0, / -> /) {
  target = substr ($0, RSTART + 4)
  if (target ~ /^socket:\[/) {
    gsub (/[^0-9]/, "", target)
    if (!(target in socket_pid) || socket_pid[target] == 1)
      socket_pid[target] = fd_pid
  } else if (target ~ /^\/(var\/lib|var\/www|var\/spool|var\/mail|srv|opt|home|data|mnt)\// &&
             target !~ /\(deleted\)$/) {
    line = unit_of(fd_pid) "\t" target
    if (!(line in opened) && open_count < rows_max) {
      opened[line] = 1
      open_line[++open_count] = line
    }
  }
}
$1 == "ss" && $2 == "listen" && ($3 == "tcp" || $3 == "udp") {
  split_place($7)
  listens($3, address, port, owner_of($0))
}
# A socket of datagrams does not listen; one with a name is there to be asked.
# The kernel calls "@" and five digits what nobody named.
$1 == "ss" && $2 == "listen" && $3 ~ /^u_/ && $7 ~ /^[^*]/ &&
($4 == "LISTEN" || $3 == "u_dgr") && !is_automatic($7) {
  listens("unix", "", $7, owner_of($0))
}
$1 == "ss" && $2 == "connect" && ($3 == "tcp" || $3 == "udp") {
  connects($3, $6, $7, owner_of($0))
}
$1 == "net" && $2 ~ /^(tcp|udp)/ && $4 ~ /:/ {
  split ($4, here, ":")
  split ($5, there, ":")
  protocol = substr ($2, 1, 3)
  pid = $12 in socket_pid ? socket_pid[$12] : "-"
  if ($6 == "0A" || (protocol == "udp" && $6 == "07"))
    listens(protocol, address_of(here[1]), hex(here[2]), pid)
  else if ($6 == "01")
    connects(protocol, address_of(here[1]) ":" hex(here[2]),
              address_of(there[1]) ":" hex(there[2]), pid)
}
$1 == "net" && $2 == "unix" && NF >= 10 &&
($6 == "00010000" || $7 == "0002") && !is_automatic($10) {
  listens("unix", "", $10, $9 in socket_pid ? socket_pid[$9] : "-")
}
END {
  for (i = 1; i <= listen_count; i++)
    print "listen\t" listen_line[i]
  for (i = 1; i <= connect_count && i <= 20 * rows_max; i++) {
    protocol = connect_protocol[i]
    split_place(connect_local[i])
    is_in = (protocol, port) in is_listening
    local = port
    split_place(connect_remote[i])
    line = (is_in ? "in\t" : "out\t") protocol "\t" address "\t" \
      (is_in ? local : port) "\t" connect_unit[i]
    if (!(line in connection)) {
      if (kept == rows_max)
        continue
      kept_line[++kept] = line
    }
    connection[line]++
  }
  for (i = 1; i <= kept; i++)
    print "connect\t" kept_line[i] "\t" connection[kept_line[i]]
  for (i = 1; i <= process_count && i <= rows_max; i++) {
    pid = order[i]
    if (pid in memory) # else a thread of the kernel, or gone
      print "process\t" pid "\t" uid[pid] "\t" unit_of(pid) "\t" \
        memory[pid] "\t" ticks[pid] + 0 "\t" name[pid] "\t" exe[pid]
  }
  for (i = 1; i <= open_count; i++)
    print "open\t" open_line[i]
  if (listen_count >= rows_max || kept >= rows_max || open_count >= rows_max ||
      process_count > rows_max)
    print "missing\trows of one kind beyond " rows_max
}'

units () {
  if has systemctl && [ -d /run/systemd/system ]; then
    limited systemctl list-units --no-legend --no-pager --plain --full \
      --type=service,socket,timer --state=active |
      awk -v max="$rows_max" 'NR <= max { print "unit\t" $1 "\t" $4 }'
  else
    missing 'units: systemd does not run here'
  fi
}

# Those that a container can have of its own.
sysctls () {
  for file in /proc/sys/kernel/shm* /proc/sys/kernel/msg* /proc/sys/kernel/sem \
    /proc/sys/fs/mqueue/* /proc/sys/net/core/somaxconn /proc/sys/net/ipv4/*; do
    [ -f "$file" ] && read -r line <"$file" && echo "$file $line"
  done 2>/dev/null | awk '{ key = substr ($1, 11); gsub ("/", ".", key)
    $1 = ""; print "sysctl\t" key "\t" substr ($0, 2) }'
}

# Sizes are of local file systems: a server that does not answer would hang df.
mounts () {
  {
    if limited df -klP / >/dev/null; then limited df -klP; else limited df -kP; fi |
      sed 's/^/df /'
    sed 's/^/mount /' /proc/self/mounts
  } | awk -v max="$rows_max" '
    $1 == "df" && $3 ~ /^[0-9]+$/ {
      place = $7
      for (i = 8; i <= NF; i++) place = place " " $i
      size[place] = $3
      used[place] = $4
    }
    $1 == "mount" && ++count <= max {
      place = $3
      gsub (/\\040/, " ", place)
      print "mount\t" $2 "\t" place "\t" $4 "\t" $5 "\t" \
        size[place] "\t" used[place]
    }'
}

addresses () {
  if has ip && limited ip -o addr show >/dev/null; then
    limited ip -o addr show | awk -v max="$rows_max" '
      NR <= max && $3 ~ /^inet/ { print "address\t" $2 "\t" $4 }'
  else
    missing 'addresses: there is no ip'
  fi
}

security () {
  if [ -r /sys/fs/selinux/enforce ]; then
    case $(first_line /sys/fs/selinux/enforce) in
      1) printf 'security\tselinux\tenforcing\n' ;;
      *) printf 'security\tselinux\tpermissive\n' ;;
    esac
  fi
  case $(first_line /sys/module/apparmor/parameters/enabled) in
    Y) printf 'security\tapparmor\tenabled\n' ;;
    N) printf 'security\tapparmor\tdisabled\n' ;;
  esac
}

byte_order () { # "order 1" where the lowest byte comes first
  printf 'order %s\n' "$(printf '\1\0' | od -An -tu2 | tr -d ' ')"
}

{
  echo 'decant-observed 1'
  host
  load
  { byte_order; processes; sockets; } | awk -v rows_max="$rows_max" "$joiner"
  units
  sysctls
  mounts
  [ ! -r /proc/modules ] ||
    awk -v max="$rows_max" 'NR <= max { print "module\t" $1 }' /proc/modules
  addresses
  security
  echo end
} 2>/dev/null
