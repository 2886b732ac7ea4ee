# What the cases may call; sourced before them, by corpus.py.
#
#   $files    the folder with the files of cases
#   $work     a folder of this run's own
#   $cache    a folder that stays
#   $root     (outside) the guest's root while it is made
#   $ports    (probe, write, check) a file of lines "80/tcp 127.0.0.1:41234"
#   $pid      (the same) the container's first process

# at PORT[/udp]: where the container's port is published, HOST:PORT.
at () {
  case $1 in */*) _port=$1 ;; *) _port=$1/tcp ;; esac
  awk -v port="$_port" '$1 == port { print $2; found = 1 } END { exit !found }' "$ports"
}

# fetch PORT PATH: the page.
fetch () { curl -s -m 10 "http://$(at "$1")$2"; }

# talk PORT BYTES [COUNT]: send what printf makes of BYTES, print the answer: COUNT
# bytes, or what comes within two seconds.
talk () {
  printf "$2" | python3 -c '
import socket, sys
host, _, port = sys.argv[1].rpartition (":")
s = socket.create_connection ((host, int (port)), 5)
s.sendall (sys.stdin.buffer.read ())
s.settimeout (2)
try:
    while True:
        answer = s.recv (int (sys.argv[2]) if len (sys.argv) > 2 else 65536)
        if not answer:
            break
        sys.stdout.buffer.write (answer)
        if len (sys.argv) > 2:
            break
        if answer.endswith (b"\n"):
            s.settimeout (0.3)
except socket.timeout:
    pass
' "$(at "$1")" ${3:+"$3"}
}

# inside COMMAND...: in the container, as root.
inside () { nsenter -t "$pid" -m -u -i -n -p -r -w "$@"; }

# near COMMAND...: our own program in the container's network.
near () { nsenter -t "$pid" -n "$@"; }

# resolve NAME ADDRESS: DNS on port 53 says so, over UDP and over TCP.
resolve () { near python3 "$files/dns.py" "$1" "$2"; }
