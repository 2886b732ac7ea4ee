/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/cleanup.h"
#include "tests/fuzz/target.h"

/* clang-format off */
const struct target fuzz_targets[] = {
  { "application", "srv/app/.env", NULL,
    "DATABASE_URL=postgres://a:b@[::1]:5433/x\n"
    "define('DB_HOST', 'localhost:/run/x.sock');\nREDIS_HOST=${X}\n" },
  { "bind", "etc/named.conf", "ExecStart=/usr/sbin/named -p 5353 -t /x",
    "acl a { !10.0.0.1; b; { any; }; key k; };\nacl b { a; 127/8; };\n"
    "options { directory \"/etc\"; port 54; // c\n"
    " listen-on port 53 tls t http h { a; none; }; /* c */ listen-on-v6 {!any;};"
    " forwarders port 5 { 1.1.1.1 port 53; ::1; }; include \"named.conf\"; };\n"
    "controls { inet * port * allow { any; } keys { k; }; }; # c\n"
    "statistics-channels { inet 127.0.0.1; };\n"
    "view v { zone z { type slave; masters { 10.0.0.2; m; }; }; };\n" },
  { "caddy", "etc/caddy/Caddyfile",
    "ExecStart=/usr/bin/caddy run --config /etc/caddy/Caddyfile",
    "{\n  admin [::1]:2020\n  servers {\n    protocols h1\n  }\n}\n"
    "(s) {\n  bind unix//run/x|0220 ::1\n  import s\n}\n"
    "a.org, # c\n http://:8080/x {\n  import s\n  import *\n"
    "  reverse_proxy /x {$B:c:1} unix//run/y `z` {\n    to \"d\"\n  }\n"
    "  respond <<E\n }\n  E\n}\n" },
  { "elf", "bin/sh", "ExecStart=/bin/sh /etc/hosts",
    "\177ELF\002\001\001" },
  { "fstab", "etc/fstab", NULL,
    "UUID=1 / ext4 defaults 0 1\n/dev/sdb1 /srv\\040x xfs noauto 0 0\n" },
  { "group", "etc/group", NULL, "root:x:0:\nadm:x:4:a,b\n" },
  { "hostname", "etc/hostname", NULL, "# name\nweb1\n" },
  { "hosts", "etc/hosts", NULL, "127.0.0.1 localhost me # c\n::1 a\n" },
  { "ld.so.conf", "etc/ld.so.conf", NULL,
    "# c\ninclude /etc/ld.so.conf.d/*.conf\n/usr/local/lib\nhwcap 0 x\n" },
  { "modules", "etc/modules", NULL, "# c\nloop max_loop=8\n;x\n" },
  { "mysql", "etc/my.cnf",
    "ExecStart=/usr/sbin/mariadbd --defaults-group-suffix=.a -P 3307",
    "!include /etc/my.cnf\n[mysqld.a]\nport = \"3308\" # c\n"
    "loose-bind_address=a, ::/ns\n[mysqld-10.11]\nskip-networking\n"
    "[galera]\nwsrep_on=ON\nwsrep-provider=\\s/x\\n\n!includedir /etc/\n"
    "wsrep_provider_options='a=b;gmcast.listen_addr=tcp://[::1]:1'\n"
    "wsrep_cluster_address=gcomm://a,b:2?c=d\n" },
  { "nginx", "etc/nginx/nginx.conf", "ExecStart=/usr/sbin/nginx",
    "http {\n  server { listen 127.0.0.1:8080 ssl; listen [::]:80; }\n"
    "  include \"a b/*.conf\";\n  upstream u { server unix:/run/x; }\n}\n" },
  { "os-release", "etc/os-release", NULL,
    "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME='a b'\n# c\n" },
  { "pacman-conf", "etc/pacman.conf", NULL,
    "[options]\nIgnorePkg = a b*\n[core]\nServer = http://x\n" },
  { "pacman-desc", "var/lib/pacman/local/a-1/desc", NULL,
    "%NAME%\na\n\n%VERSION%\n1-1\n\n%REASON%\n1\n\n%DEPENDS%\nb>=1\nc\n" },
  { "passwd", "etc/passwd", NULL,
    "root:x:0:0:root:/root:/bin/bash\na:!:1000:1000::/home/a:\n" },
  { "postgresql", "etc/postgresql.conf",
    "ExecStart=/usr/bin/postgres -c config_file=/etc/postgresql.conf",
    "port = 5433 # a\nListen_Addresses '*, \"a\"\"b\",::1'\n"
    "unix_socket_directories='/run/a''b\\'c'\ninclude_dir '.'\n"
    "include_if_exists x\nprimary_conninfo='host=a,b port=1'\n" },
  { "postgresql-recovery", "var/lib/pgsql/data/recovery.conf",
    "ExecStart=/usr/bin/postgres -D /var/lib/pgsql/data "
    "-c config_file=/var/lib/pgsql/data/recovery.conf",
    "primary_conninfo='host=a,/b port=1,2 user=''it\\\\''s'' hostaddr=::1'\n"
    "primary_conninfo='postgresql://u:p@[::1]:5,b/d?x=y'\n" },
  { "redhat-release", "etc/redhat-release", NULL,
    "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n" },
  { "redis", "etc/redis/redis.conf",
    "ExecStart=/usr/bin/redis-server /etc/redis/redis.conf",
    "port 6380\nbind 127.0.0.1 -::1\nunixsocket \"/run/a b\"\n"
    "include /etc/redis/*.conf\n" },
  { "script", "usr/bin/run", "ExecStart=/usr/bin/run",
    "#!/usr/bin/env -S A=b sh -e\nexec /etc/x \"/usr/bin/run\"\n" },
  { "secret-settings", "srv/app/wp-config.php", NULL,
    "define('DB_PASSWORD', 'a b');\nURL=x://u:pw@h/ TOKEN: \"abc\"\n" },
  { "shadow", "etc/shadow", NULL, "root:$6$a:1:0:9:7:::\na:!:1::::::\n" },
  { "repo", "etc/yum.repos.d/x.repo", NULL,
    "[fedora]\nname=F\nmetalink=https://m?a=b\nenabled=1\n[x]\nenabled=0\n" },
  { "sshd", "etc/ssh/sshd_config", "ExecStart=/usr/sbin/sshd -D",
    "Port 22\nListenAddress [::]:2222\nInclude /etc/ssh/*.conf\n"
    "Match User a\n  X11Forwarding no\n" },
  { "sysctl", "etc/sysctl.conf", NULL,
    "# c\nnet/ipv4/conf/eth0.1/x = 1\n-vm.x=2\nkernel.sem = 1 2 3\n" },
  { "sysv", "etc/init.d/x", NULL,
    "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: x\n"
    "# Required-Start: $network\n# Default-Start: 2 3\n### END INIT INFO\n"
    "DAEMON=/usr/sbin/x\nstart-stop-daemon --start --exec $DAEMON\n" },
  { "unit", "etc/systemd/system/s.service", NULL,
    "[Unit]\nAfter=a.service\\\n b.service\n[Service]\n"
    "ExecStart=-/bin/a \"b c\" ${X} $Y %n\nEnvironment=\"X=1 2\" Y=3\n"
    "[Install]\nWantedBy=multi-user.target\nAlias=t.service\n" },
  { "unit-shell", "etc/systemd/system/s.service", NULL,
    "[Service]\nExecStart=/bin/sh -c \"set -f; [ -e /x ] && V= || V=`/y`; "
    "A=b exec /usr/sbin/nginx -c '/a b' $V 2>/dev/null\"\n" },
  { "unit-default", "etc/systemd/system.conf", NULL,
    "[Manager]\nDefaultEnvironment=A=b\n" },
  { "unit-preset", "usr/lib/systemd/system-preset/90.preset", NULL,
    "enable s.service\ndisable *\n" },
  { "unit-environment", "etc/default/s",
    "EnvironmentFile=/etc/default/s\nExecStart=/usr/sbin/nginx $OPTS",
    "OPTS=\"-c /x -g 'daemon off;'\"\nA=b\\\nc\n" },
  { "apk-installed", "usr/lib/apk/db/installed", NULL,
    "P:a\nV:1-r0\nA:x86_64\nD:so:b=1 !c\np:d\nI:9\nF:etc\nR:x\na:0:0:644\n"
    "Z:Q1P3hoUOOHVQ/auDbtfm3Igd4jABs=\n\nP:b\nV:2\n" },
  { "apk-world", "etc/apk/world", NULL, "a=1 b@edge\nc><Q1x\n" },
  { "apt-sources", "etc/apt/sources.list", NULL,
    "# x\ndeb [arch=amd64] http://d bookworm main contrib # c\ndeb http://f ./\n" },
  { "apt-sources-822", "etc/apt/sources.list.d/x.sources", NULL,
    "Types: deb\nURIs: http://d http://e\nSuites: a\n b\nEnabled: no\n" },
  { "dnf-versionlock", "etc/dnf/plugins/versionlock.list", NULL,
    "# x\na-0:1-2.*\n!b\n" },
  { "dpkg-status", "var/lib/dpkg/status", NULL,
    "Package: a\nStatus: install ok installed\nArchitecture: amd64\n"
    "Version: 1:2-3\nDepends: b (>= 1) | c, d:any\nConffiles:\n /etc/a 0123\n"
    "\nPackage: b\nStatus: hold ok installed\nVersion: 1\n" },
  { "composer-installed", "srv/vendor/composer/installed.json", NULL,
    "{\"packages\":[{\"name\":\"v/p\",\"version\":\"v1\"},{},7]}" },
  { "gemspec", "var/lib/gems/specifications/a-2b-1.0-java.gemspec", NULL,
    "# -*- encoding: utf-8 -*-\n# stub: net-ssh 7.0 ruby lib\n" },
  { "jar", "opt/a-1.2.jar", NULL, "PK\3\4PK\1\2META-INF/MANIFEST.MFPK\5\6" },
  { "npm-package", "srv/node_modules/@s/x/package.json", NULL,
    "{\"name\":\"@s/x\",\"version\":\"1.2.3-rc.1\"}" },
  { "pip-metadata", "opt/v/A_b-1.dist-info/METADATA", NULL,
    "Metadata-Version: 2.1\nName: A.b\nVersion:\t1.0\r\n\nVersion: 2\n" },
  { "snapd-state", "var/lib/snapd/state.json", NULL,
    "{\"data\":{\"snaps\":{\"lxd\":{\"current\":\"27\",\"channel\":\"a/b\"}}}}" },
};
/* clang-format on */
const size_t fuzz_target_count = DC_COUNT (fuzz_targets);
