#!/bin/sh
# usage: inits.sh FOLDER [SUITE]
#
# Makes three Debian servers without systemd as trees: FOLDER/sysvinit,
# FOLDER/openrc and FOLDER/runit, each with nginx, redis, sshd and supervisord,
# which has programs of its own.  The first takes mmdebstrap, the others are
# copies with another init.  Needs root, and about a minute.
set -eu
folder=$1
suite=${2:-bookworm}
work=$(mktemp -d "$(dirname "$folder")/decant-inits.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

packages=sysvinit-core,sysv-rc,nginx-light,redis-server,openssh-server,supervisor,cron
mmdebstrap --variant=apt --include="$packages" --skip=cleanup/apt/lists \
  --setup-hook='mkdir -p "$1/etc/apt/preferences.d"' \
  --setup-hook='printf "Package: systemd-sysv\nPin: release *\nPin-Priority: -1\n" \
    >"$1/etc/apt/preferences.d/no-systemd"' \
  "$suite" "$work/sysvinit" >"$work/log" 2>&1 || {
  cat "$work/log" >&2
  exit 1
}
cat >"$work/sysvinit/etc/supervisor/conf.d/shop.conf" <<'END'
[program:worker]
command=/bin/sleep 1%(process_num)d00
process_name=%(program_name)s_%(process_num)02d
numprocs=2
user=www-data

[program:queue]
command=/bin/sh -c "sleep 100"

[program:idle]
command=/bin/sleep 100
autostart=false

[group:shop]
programs=worker,queue
END
for name in openrc runit; do
  cp -a "$work/sysvinit" "$work/$name"
  cp /etc/resolv.conf "$work/$name/etc/resolv.conf"
  case $name in
    openrc) more=openrc ;;
    runit) more='runit-init runit' ;;
  esac
  # shellcheck disable=SC2086
  chroot "$work/$name" env DEBIAN_FRONTEND=noninteractive apt-get install -y \
    --allow-remove-essential $more >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    exit 1
  }
done
rm "$work/log"
mv "$work" "$folder"
trap - EXIT
