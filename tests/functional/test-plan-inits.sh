#!/bin/sh
# The three ways to start a service, and images that hold only what a service
# needs, really answer: nginx under decant-init, as process 1 itself and under
# the guest's systemd; redis as process 1.
. "${0%/*}/functions.sh"
requires_root
requires podman --version
requires runc --version
requires slirp4netns --version
requires curl --version
disk=$(debian_disk)

pod () {
  podman --root "$work/pod" --runroot "$work/podrun" --runtime runc "$@" 2>>podman.txt
}
cleanup 'pod rm -af -t 1 >/dev/null; pod rmi -af >/dev/null'
port=18871

# start TAG GUEST-PORT [OPTION...]: a container named after TAG, its port $port.
start () {
  tag=$1 guest_port=$2
  shift 2
  port=$((port + 1))
  id=$(pod pull -q "oci:out:$tag")
  pod run -d --name "plan-inits-$tag" --ulimit nofile=1024:1024 \
    --ulimit nproc=1024:1024 --network slirp4netns \
    -p "127.0.0.1:$port:$guest_port" "$@" "$id" >/dev/null ||
    fail "$tag does not start: $(tail -3 podman.txt)"
}
# answers TAG WORDS COMMAND...: says WORDS within 30 s.
answers () {
  for _ in $(seq 60); do
    eval "$3" 2>/dev/null | grep -q "$2" && return
    sleep 0.5
  done
  fail "$1 does not answer: $(pod logs "plan-inits-$1" 2>&1 | tail -3)"
}
# stops TAG: within 15 s, without SIGKILL.
stops () {
  begin=$(date +%s)
  pod stop -t 20 "plan-inits-$1" >/dev/null
  [ $(($(date +%s) - begin)) -lt 15 ] || fail "$1 does not stop"
}
first () { pod exec "plan-inits-$1" cat /proc/1/comm; }

for mode in decant-init service systemd; do
  "$decant" plan "$disk" --service nginx --init $mode -o $mode.yaml
  "$decant" image $mode.yaml -q -o oci:out:$mode >/dev/null
  case $mode in
  systemd) start $mode 80 --systemd=always ;;
  *) start $mode 80 ;;
  esac
  answers $mode 'Hello from a converted' "curl -s -m 5 http://127.0.0.1:$port/"
done
same 'process 1' "$(first decant-init) $(first service) $(first systemd)" \
  'init nginx systemd'
pod exec plan-inits-systemd systemctl is-enabled redis-server ssh apt-daily.timer \
  >masked.txt || :
same 'masked' "$(sort -u masked.txt)" masked
for mode in decant-init service systemd; do stops $mode; done

# Groups, each as its own process 1 where that is possible, lean.
"$decant" plan "$disk" --groups --init service --files needed -o groups.yaml
grep -q 'prepared at the first start' groups.yaml ||
  fail 'why sshd is not process 1 is not said'
"$decant" image groups.yaml -q -o oci:out >/dev/null
start redis-server 6379
answers redis-server PONG \
  "timeout 2 bash -c 'exec 3<>/dev/tcp/127.0.0.1/$port; printf \"PING\\r\\n\" >&3; head -n 1 <&3'"
stops redis-server
start nginx 80
answers nginx 'Hello from a converted' "curl -s -m 5 http://127.0.0.1:$port/"
stops nginx
start ssh 22
answers ssh '^SSH-2.0' "timeout 2 bash -c 'head -n 1 </dev/tcp/127.0.0.1/$port'"
stops ssh
refuses 1 'only one can be process 1' "$decant" plan "$disk" --init service
