#!/bin/sh
# Which system calls each setting of a unit denies, and how: compared with what
# systemd 252 denied in a privileged container, of the calls of call-probe.c.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"
requires_root
case $(uname -m) in
x86_64) ;;
*) skip 'recorded on x86_64' ;;
esac
mkdir -p guest/etc/systemd/system guest/bin
touch guest/bin/probe

# denies SETTINGS CALL RESULT...: exactly these calls have that result, all
# others what they have without.
denies () {
  printf '[Service]\nType=oneshot\nWorkingDirectory=%s\nExecStart=%s\n%b\n' \
    "$work" "$top_builddir/tests/functional/call-probe" "$1" \
    >guest/etc/systemd/system/a.service
  "$top_builddir/tests/functional/dump-initplan" guest a.service >plan \
    2>findings || init_fail "'$1' is not compiled"
  init_run
  sed 's/^a: //' out.txt >now
  [ -n "$2" ] || {
    cp now base
    return
  }
  echo "$2" | xargs -n 2 >denied
  awk 'FILENAME == "denied" { denied[$1] = $2; next }
    { print $1, $1 in denied ? denied[$1] : $2 }' denied base >expected
  cmp -s now expected || {
    diff expected now
    init_fail "'$1' denies something else"
  }
}
denies '' ''
[ "$(wc -l <base)" -gt 50 ] || init_fail 'the probe does not run'
denies 'SystemCallFilter=@system-service\nSystemCallErrorNumber=77' \
  'swapon 77 reboot 77 mount 77 settimeofday 77 clock_settime 77 init_module
77 sethostname 77 setdomainname 77 syslog 77 ptrace 77 iopl 77 _sysctl 77
swapon-narrow 77'
denies 'SystemCallFilter=~@privileged @ipc\nSystemCallFilter=keyctl chown' \
  'swapon signal-31 reboot signal-31 settimeofday signal-31 clock_settime
signal-31 init_module signal-31 sethostname signal-31 setdomainname
signal-31 chown signal-31 setresuid signal-31 shmat-x signal-31 iopl
signal-31 _sysctl signal-31 swapon-narrow signal-31'
denies 'SystemCallFilter=@system-service\nSystemCallFilter=~@resources:EXFULL @keyring\nSystemCallErrorNumber=77' \
  'swapon 77 reboot 77 mount 77 settimeofday 77 clock_settime 77 init_module
77 sethostname 77 setdomainname 77 syslog 77 keyctl 77 ptrace 77 other 54
fifo 54 rr 54 batch 54 iso 54 deadline 54 reset 54 iopl 77 _sysctl 77
swapon-narrow 77'
denies 'SystemCallArchitectures=native' \
  'swapon-narrow signal-31'
denies 'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6' \
  'socket-netlink 97'
denies 'RestrictAddressFamilies=~AF_NETLINK AF_ALG' \
  'socket-netlink 97'
denies 'RestrictAddressFamilies=none' \
  'socket-unix 97 socket-inet 97 socket-netlink 97'
denies 'RestrictNamespaces=yes' \
  'unshare-net 1 unshare-uts 1 setns-any 1 setns-net 1 setns-uts 1 clone3 38'
denies 'RestrictNamespaces=net ipc' \
  'unshare-uts 1 setns-any 1 setns-uts 1 clone3 38'
denies 'RestrictNamespaces=~net' \
  'unshare-net 1 setns-any 1 setns-net 1 clone3 38'
denies 'RestrictRealtime=yes' \
  'fifo 1 rr 1 iso 1 deadline 1 reset 1'
denies 'RestrictSUIDSGID=yes' \
  'fchmodat-setuid 1 fchmodat-setgid 1 fchmod-setuid 1 openat-setuid 1
openat2 38 mkdirat-setgid 1 mknodat-setuid 1 chmod-setuid 1 open-setgid 1
creat-setuid 1'
denies 'LockPersonality=yes' \
  'personality-query 1 personality-other 1'
denies 'LockPersonality=yes\nPersonality=x86' \
  'personality-query 1 personality-own 1'
denies 'MemoryDenyWriteExecute=yes' \
  'mmap-wx 1 mprotect-x 1 shmat-x 1'
denies 'ProtectClock=yes' \
  'settimeofday 1 clock_settime 1'
denies 'ProtectHostname=yes' \
  'sethostname 1 setdomainname 1'
denies 'ProtectKernelLogs=yes' \
  'syslog 1'
denies 'ProtectKernelModules=yes' \
  'init_module 1'
denies 'ProtectKernelTunables=yes' \
  '_sysctl 1'
denies 'PrivateDevices=yes' \
  'iopl 1'

# A service that is root keeps its way to more rights where it may filter.
printf '[Service]\nType=oneshot\nExecStart=/bin/grep NoNewPrivs /proc/self/status\n%s\n' \
  'ProtectClock=yes' >guest/etc/systemd/system/a.service
"$top_builddir/tests/functional/dump-initplan" guest a.service >plan 2>findings
init_run
if grep -q '^CapEff:.*[2367abef].....$' /proc/self/status; then
  prints 'a: NoNewPrivs:	0'
else
  prints 'a: NoNewPrivs:	1'
fi
