#!/bin/sh
# Where the servers of this host would listen is what their own programs say
# of the same files: as packaged, and with a change in an included file.
. "${0%/*}/functions.sh"
requires postconf -h mail_version
requires doveconf -h base_dir
requires php-fpm8.2 -v
requires jq --version

units=root/usr/lib/systemd/system
mkdir -p $units root/etc root/usr/share/dovecot
cp -a /etc/postfix /etc/dovecot /etc/php /etc/services root/etc/
cp -a /usr/share/dovecot/protocols.d root/usr/share/dovecot/
for unit in postfix dovecot php8.2-fpm; do
  cp "/lib/systemd/system/$unit.service" $units/
done
printf '[Unit]\nWants=postfix.service dovecot.service php8.2-fpm.service\n' \
  >$units/default.target

# The ports of SERVICE, or the paths of its Unix sockets.
ours () {
  "$decant" analyze --json dir:root | jq -r --arg s "$1" --arg k "$2" \
    '.endpoints[] | select (.service == $s) | .[$k] // empty' | sort -u
}

# Each inet service of master.cf, its name looked up.
theirs_postfix () {
  postconf -c "$PWD/root/etc/postfix" -M 2>/dev/null |
    awk '$2 == "inet" { sub (/.*:/, "", $1); print $1 }' |
    while read -r name; do
      getent services "$name/tcp" | awk '{ sub ("/.*", "", $2); print $2 }' |
        grep . || echo "$name"
    done | sort -u
}

# The ports of login services whose protocol is enabled.
theirs_dovecot () {
  doveconf -c root/etc/dovecot/dovecot.conf -a 2>/dev/null | awk '
    /^protocols =/ { gsub (/"/, ""); for (i = 3; i <= NF; i++) on[$i] = 1 }
    /^service / { section++ }
    section && /^ *port =/ { ports[section] = ports[section] " " $3 }
    section && /^  protocol =/ { protocol[section] = $3 }
    END {
      for (s = 1; s <= section; s++)
        if (protocol[s] == "" || on[protocol[s]]) {
          n = split (ports[s], list, " ")
          for (i = 1; i <= n; i++) if (list[i] > 0) print list[i]
        }
    }' | sort -u
}

theirs_php () {
  php-fpm8.2 -tt -y "$PWD/root/etc/php/8.2/fpm/php-fpm.conf" 2>&1 |
    sed -n 's/.*\tlisten = //p' | sort -u
}

check () {
  ours postfix.service port >a
  theirs_postfix >b
  same_file b a
  ours dovecot.service port >a
  theirs_dovecot >b
  same_file b a
}

check
ours php8.2-fpm.service path >a
theirs_php >b
same_file b a

printf 'submission inet n - y - - smtpd\n127.0.0.1:10025 inet n - n - - smtpd\n' \
  >>root/etc/postfix/master.cf
cat >root/etc/dovecot/conf.d/99-local.conf <<'END'
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = 1993
  }
}
END
check
sed -i 's,^include=.*,include='"$PWD"'/root/etc/php/8.2/fpm/pool.d/*.conf,' \
  root/etc/php/8.2/fpm/php-fpm.conf
sed -i 's,^listen = .*,listen = 127.0.0.1:9123,' \
  root/etc/php/8.2/fpm/pool.d/www.conf
theirs_php | sed 's/.*://' >b
sed -i 's,^include=.*,include=/etc/php/8.2/fpm/pool.d/*.conf,' \
  root/etc/php/8.2/fpm/php-fpm.conf
ours php8.2-fpm.service port >a
same_file b a
