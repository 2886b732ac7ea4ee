#!/bin/sh
# What we read from the files of sshd, nginx and redis is what they listen on
# when they run with these files, in a network of their own.  The programs are
# those of this host, or of the Debian system in the folder $DECANT_TEST_GUEST.
. "${0%/*}/functions.sh"
requires_root
base=${DECANT_TEST_GUEST:-/}
requires unshare -mpfn true
requires ss --version
dump=$top_builddir/tests/functional/dump-facts
tried=0

# Runs as PID 1 of the new namespaces, with the folder of the test, the base
# and the command.  The files of the test lie over those of the base.
cat >inside.sh <<'END'
set -e
test=$1 base=$2 command=$3
ip link set lo up
ip addr add 10.9.8.7/24 dev lo
mkdir -p "$test/overlay" "$test/root"
mount -t tmpfs none "$test/overlay"
mkdir "$test/overlay/upper" "$test/overlay/work"
cp -r "$test/tree/." "$test/overlay/upper"
mount -t overlay none "$test/root" -o \
  "lowerdir=$base,upperdir=$test/overlay/upper,workdir=$test/overlay/work"
mount -t proc proc "$test/root/proc"
mount --bind /dev "$test/root/dev"
mount -t tmpfs none "$test/root/run"
mkdir "$test/root/run/sshd"
chroot "$test/root" /bin/sh -c "$command" >"$test/log.txt" 2>&1 </dev/null &
sockets () {
  ss -Hltun | awk '{ print $1, $5 }'
  ss -Hlxn | awk '{ print "unix", $5 }'
}
# All that it will listen on is there once it listens and nothing changes.
last=
for i in $(seq 100); do
  now=$(sockets | sort -u)
  [ -z "$now" ] || [ "$now" != "$last" ] || break
  last=$now
  sleep 0.1
done
echo "$now" >"$test/sockets.txt"
END

# try PROGRAM ARGUMENTS: "$test/tree" holds its files.
try () {
  mkdir -p $test/tree/etc/systemd/system
  printf '[Unit]\nWants=s.service\n' >$test/tree/etc/systemd/system/default.target
  printf '[Service]\nExecStart=%s %s\n' "$1" "$2" \
    >$test/tree/etc/systemd/system/s.service
  unshare -mpfn --kill-child sh inside.sh "$work/$test" "$base" "exec $1 $2" ||
    fail "$test: cannot run $1"
  # As ss has it: any address of both families is one, or one of each.
  awk '{ sub (/^\*:/, "[::]:", $2); print }' $test/sockets.txt |
    LC_ALL=C sort -u >$test/theirs.txt
  grep -q . $test/theirs.txt || fail "$test: $1 said: $(head -3 $test/log.txt)"
  "$dump" $test/tree endpoints >$test/facts.txt
  awk -F '|' -v both="$3" '
    $1 == "finding" { next }
    $2 == "unix" { print "unix", $5; next }
    { address = $3
      if (address == "" && both) print $2, "0.0.0.0:" $4
      if (address == "") address = "::"
      print $2, (address ~ /:/ ? "[" address "]" : address) ":" $4
    }' $test/facts.txt | LC_ALL=C sort -u >$test/ours.txt
  diff -u $test/theirs.txt $test/ours.txt ||
    fail "$test: $1 (-) listens elsewhere"
  tried=$((tried + 1))
}
has () { chroot "$base" /bin/sh -c "command -v $1" >/dev/null 2>&1; }

number=0
# Each has its own folder; stdin is the main configuration file, PATH.
begin () {
  number=$((number + 1))
  test=$number
  mkdir -p "$test/tree${1%/*}"
  cat >"$test/tree$1"
}

# sshd FILE OPTIONS
sshd () {
  printf "$1" >conf.txt
  begin /etc/ssh/sshd_config <conf.txt
  mkdir -p $test/tree/etc/ssh/d
  printf 'Port 71\nMatch User x\n' >$test/tree/etc/ssh/d/1.conf
  printf 'Match User x\nMatch all\nPort 72\n' >$test/tree/etc/ssh/d/2.conf
  ssh-keygen -q -t ed25519 -N '' -f $test/key
  install -D -m 600 $test/key $test/tree/etc/ssh/ssh_host_ed25519_key
  try /usr/sbin/sshd "-D -e $2" 1
}
if has /usr/sbin/sshd && has ssh-keygen && command -v ssh-keygen >/dev/null; then
  sshd '' ''
  sshd 'Port 22\nPort 2222\n' ''
  sshd 'ListenAddress 10.9.8.7\nPort 23\nPort 24\nListenAddress [::1]:25\n' ''
  sshd 'AddressFamily inet6\nPort=26\n' '-p 27 -p28'
  sshd '#Port 1\n"Port" "30" # c\nMatch all\nListenAddress 10.9.8.7\n' '-4'
  sshd 'ListenAddress 127.0.0.1:31\nListenAddress 10.9.8.7\n' \
    '-o Port=32 -oPort=33'
  sshd 'Include d/*.conf\nPort 34\nAddressFamily inet\n' '-oAddressFamily=inet6'
  sshd 'Port 40\n' '-p 41 -o ListenAddress=127.0.0.1'
else
  echo 'no sshd here'
fi

# redis FILE OPTIONS
redis () {
  printf "$1" >conf.txt
  begin /etc/redis.conf <conf.txt
  echo 'port 7100' >$test/tree/etc/included.conf
  try /usr/bin/redis-server "/etc/redis.conf --daemonize no $2" 1
}
if has /usr/bin/redis-server; then
  redis 'port 7000\n' ''
  redis 'bind 127.0.0.1 -::1\ninclude /etc/included.conf\n' ''
  redis 'bind * -::*\nport 7001\nport 7002\nunixsocket /run/x.sock\n' \
    '--port 7003 --bind 10.9.8.7 127.0.0.1'
  redis 'port 0\nunixsocket "/run/y.sock"\n' ''
  redis 'bind ""\nunixsocket /run/z.sock\n' ''
  redis 'cluster-enabled yes\nport 7004\nbind 127.0.0.1\n' ''
  redis 'PORT 7005\n bind ::1 # not a comment\n' '--bind ::1'
  redis 'include /etc/incl*.conf\nbind 0.0.0.0\n' ''
else
  echo 'no redis-server here'
fi

# nginx: the file is on stdin.
nginx () {
  begin /etc/nginx/nginx.conf
  mkdir -p $test/tree/var/log/nginx
  try /usr/sbin/nginx "-g 'daemon off;'" ''
}
if has /usr/sbin/nginx; then
  nginx <<'END'
events { }
http {
  server { listen 81; listen [::]:82; listen [::]:83 ipv6only=off;
    listen 127.0.0.1:84; listen unix:/run/n.sock; listen '86'; listen 87-89;
    listen *:90 ; listen 10.9.8.7:92; }
  map $host $y { default "}{;"; '#' x; }
  log_format z 'a # b ; { \' $host "';
  server { server_name "x#{}"; location / { return 200; } # listen 1;
  }
  include /etc/nginx/sub/*.conf;
}
END
  nginx <<'END'
events{}http{server{listen
91;}server{listen "[::1]:93" default_server;if ($host ~ "^a{2}") { return 200;}}}
END
  nginx <<'END'
events { } http { server { root /srv; } server { root "${host}y"; } }
END
else
  echo 'no nginx here'
fi
[ $tried -gt 0 ] || skip "none of sshd, redis-server and nginx is in '$base'"
echo "$tried configurations"
