/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/cleanup.h"
#include "tests/fuzz/target.h"
#include "tests/unit/unittree.h"

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
  { "limits", "etc/security/limits.conf", NULL,
    "# c\n@db soft nofile 65536\n* hard core 0 # c\nroot -\n" },
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
  { "observed", NULL, "ExecStart=/usr/sbin/nginx",
    "decant-observed 1\nhostname\ta.b\nos\tdebian\t12\ncpu\t1\t2\n"
    "memory\t8\t4\t\t\nlisten\ttcp\t*\t80\tnginx\ts.service\n"
    "listen\tunix\t\t/run/x.12.tmp\tx\tx.service\n"
    "connect\tout\ttcp\t::1\t80\tx.service\t2\naddress\teth0\t10.0.0.1/8\n"
    "process\t1\t0\ts.service\t8\t9\tnginx\t/x\nunit\ts.service\trunning\n"
    "mount\ta\t/\text4\trw\t10\t2\nsysctl\tnet.ipv4.ip_local_port_range\t5 6\n"
    "end\n" },
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
  { "selinux", "etc/selinux/config", NULL,
    "# c\nSELINUX=enforcing\nSELINUXTYPE=targeted\n" },
  { "sysstat", "var/log/sysstat/sa01", NULL,
    "\226\325\165\041\014\006\001" },
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
  { "dnf-versionlock", NULL, NULL,
    "# x\na-0:1-2.*\n!b\n", .run = fuzz_dnf_locks },
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
  { "app-memcached", "etc/memcached.conf",
    "ExecStart=/usr/share/memcached/scripts/systemd-memcached-wrapper "
    "/etc/memcached.conf", "# c\n-d\n-p 11211\n-l 127.0.0.1,[::1]:2\n-s /x\n" },
  { "app-chrony", "etc/chrony/chrony.conf", "ExecStart=/usr/sbin/chronyd",
    "! c\npool a.b iburst\nport 123\nbindaddress ::1\ncmdport 0\n"
    "confdir /etc/chrony\n" },
  { "apache", "etc/apache2/apache2.conf", "ExecStart=/usr/sbin/apache2 -DX",
    "Define P 8081\nListen 80\nListen [::1]:${P} https\n<IfDefine X>\n"
    "Listen 82\n</IfDefine>\n<VirtualHost *:80 _default_:443>\nServerName a\n"
    "ProxyPass \"/\" \"http://b:1/\" \\\n retry=0\n</VirtualHost>\n"
    "Include apache2.conf\nIncludeOptional *.conf\n# c\nUser a\n" },
  { "apk-conf", "etc/apk/repositories", NULL,
    "# c\n@edge https://d/edge/main\nhttps://d/v3.19/main\n/media/x\n" },
  { "apt-lists", "var/lib/apt/lists/d_Packages", NULL,
    "Package: a\nArchitecture: amd64\nVersion: 1:2-3\nFilename: a.deb\n\n"
    "Package: b\nVersion: 1\n",
    FUZZ_WITH (FILE ("var/lib/dpkg/status",
          "Package: a\nStatus: install ok installed\nArchitecture: amd64\n"
          "Version: 1:2-3\n\nPackage: b\nStatus: install ok installed\n"
          "Version: 2\n")) },
  { "at", "var/spool/cron/atjobs/a0000101e96258", NULL,
    "#!/bin/sh\n# atrun uid=1000 gid=1000\n# mail bob 0\numask 22\n"
    "PATH=/bin; export PATH\ncd /home/bob || {\n\t exit 1\n}\n/bin/b -a\n",
    FUZZ_WITH (FILE ("etc/passwd", "bob:x:1000:1000::/home/bob:/bin/sh\n")) },
  { "cloud-config", "etc/cloud/cloud.cfg", NULL,
    "datasource_list: [NoCloud, None]\nnetwork:\n  version: 1\n  config:\n"
    "  - type: physical\n    name: eth0\n    mac_address: '00:11:22:33:44:55'\n"
    "    subnets:\n    - {type: static, address: 10.0.0.2/24, gateway: "
    "10.0.0.1}\n" },
  { "cloud-user-data", "var/lib/cloud/instance/user-data.txt", NULL,
    "#cloud-config\nruncmd:\n- [a, b]\n- c d\nbootcmd: [x]\n",
    FUZZ_WITH (FILE ("var/lib/cloud/instance/sem/config_runcmd", "x")) },
  { "cron-d", "etc/cron.d/x", NULL,
    "SHELL=/bin/sh\nCRON_TZ=UTC\n# c\n*/5 1-3,7 * jan mon-fri root a b%c\n"
    "@reboot root [ -x /a ] && /a \"b c\"\n0 0 31 2 7 x y\n",
    FUZZ_WITH (FILE ("etc/passwd", "root:x:0:0::/root:/bin/sh\n"),
          PROGRAM ("usr/sbin/cron", "x")) },
  { "crontab", "etc/crontab", NULL,
    "PATH=/bin\n17 * * * * root cd / && run-parts --report /etc/cron.hourly\n"
    "-*/15 * * * * root test -e /a || { b; }\n",
    FUZZ_WITH (FILE ("etc/passwd", "root:x:0:0::/root:/bin/sh\n"),
          PROGRAM ("usr/sbin/cron", "x"), PROGRAM ("etc/cron.hourly/x", "x")) },
  { "crontab-user", "var/spool/cron/crontabs/bob", NULL,
    "MAILTO=\"\"\n0 5 * * 1 e\n@daily f > /dev/null 2>&1\n",
    FUZZ_WITH (FILE ("etc/passwd", "bob:x:1000:1000::/home/bob:/bin/sh\n")) },
  { "anacrontab", "etc/anacrontab", NULL,
    "START_HOURS_RANGE=3-22\n1 5 cron.daily nice run-parts /etc/cron.daily\n"
    "@monthly 45 m x\n" },
  { "docker", "var/lib/docker/containers/a/config.v2.json", NULL,
    "{\"Name\":\"/web\",\"Config\":{\"Image\":\"nginx:1.25\"}}",
    FUZZ_WITH (FILE ("var/lib/docker/containers/a/hostconfig.json", "{}")) },
  { "docker-host", "var/lib/docker/containers/a/hostconfig.json", NULL,
    "{\"RestartPolicy\":{\"Name\":\"always\"},\"PortBindings\":{\"80/tcp\":[{"
    "\"HostIp\":\"\",\"HostPort\":\"8080\"}],\"x\":null}}",
    FUZZ_WITH (FILE ("var/lib/docker/containers/a/config.v2.json",
                "{\"Name\":\"/web\",\"Config\":{\"Image\":\"nginx\"}}")) },
  { "docker-daemon", "etc/docker/daemon.json", NULL,
    "{\"data-root\":\"/srv/docker\",\"hosts\":[\"tcp://0.0.0.0:2375\"]}" },
  { "podman", "var/lib/containers/storage/overlay-containers/containers.json",
    NULL,
    "[{\"id\":\"1\",\"names\":[\"db\"],\"metadata\":"
    "\"{\\\"image-name\\\":\\\"docker.io/library/redis:7\\\"}\"},{}]" },
  { "quadlet", "etc/containers/systemd/app.container", NULL,
    "[Container]\nContainerName=app\nImage=quay.io/a:1\n"
    "PublishPort=127.0.0.1:80:80\n[Install]\nWantedBy=multi-user.target\n",
    FUZZ_WITH (PROGRAM ("usr/lib/systemd/system-generators/"
                   "podman-system-generator", "x")) },
  { "dovecot", "etc/dovecot/dovecot.conf", "ExecStart=/usr/sbin/dovecot -F",
    "protocols = imap lmtp\nlisten = *, ::\nssl = yes\n!include *.conf\n"
    "service imap-login {\n inet_listener imap {\n  port = 144\n }\n"
    " unix_listener x {\n  mode = 0600\n }\n}\n!include_try /x\na = <b\n" },
  { "dpkg-conffiles", "etc/a", NULL, "content\n",
    FUZZ_WITH (FILE ("var/lib/dpkg/status",
          "Package: a\nStatus: install ok installed\nArchitecture: amd64\n"
          "Version: 1\nConffiles:\n "
          "/etc/a 60b725f10c9c85c70d97880dfe8191b3\n")) },
  { "dpkg-diversions", "var/lib/dpkg/diversions", NULL,
    "/bin/a\n/bin/a.distrib\na\n/bin/b\n/bin/b.x\n:\n",
    FUZZ_WITH (FILE ("var/lib/dpkg/status",
          "Package: a\nStatus: install ok installed\nArchitecture: amd64\n"
          "Version: 1\n")) },
  { "dpkg-extended", "var/lib/apt/extended_states", NULL,
    "Package: a\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: b\n",
    FUZZ_WITH (FILE ("var/lib/dpkg/status",
          "Package: a\nStatus: install ok installed\nArchitecture: amd64\n"
          "Version: 1\n")) },
  { "dpkg-list", "var/lib/dpkg/info/a.list", NULL, "/.\n/etc\n/etc/a\n",
    FUZZ_WITH (FILE ("var/lib/dpkg/status",
          "Package: a\nStatus: install ok installed\nArchitecture: amd64\n"
          "Version: 1\n"), FILE ("etc/a", "x")) },
  { "dpkg-md5sums", "var/lib/dpkg/info/a.md5sums", NULL,
    "60b725f10c9c85c70d97880dfe8191b3  etc/a\n00  x\n",
    FUZZ_WITH (FILE ("var/lib/dpkg/status",
          "Package: a\nStatus: install ok installed\nArchitecture: amd64\n"
          "Version: 1\n"), FILE ("etc/a", "a\n"),
          FILE ("var/lib/dpkg/info/a.list", "/.\n/etc\n/etc/a\n")) },
  { "firewalld", "etc/firewalld/firewalld.conf", NULL,
    "# c\nDefaultZone=public\nFirewallBackend=nftables\n" },
  { "firewalld-service", "etc/firewalld/services/ssh.xml", NULL,
    "<?xml version='1.0'?>\n<service><short>a</short><port protocol='tcp' "
    "port='22-23'/><include service='ssh'/></service>",
    FUZZ_WITH (FILE ("etc/firewalld/firewalld.conf", "DefaultZone=public\n"),
          FILE ("etc/firewalld/zones/public.xml",
                "<zone><service name='ssh'/></zone>")) },
  { "firewalld-zone", "etc/firewalld/zones/public.xml", NULL,
    "<?xml version='1.0'?>\n<zone target='DROP'><interface name='eth0'/>"
    "<source address='10.0.0.0/8'/><service name='ssh'/><port port='80' "
    "protocol='tcp'/><masquerade/><rule family='ipv4'><accept/></rule></zone>",
    FUZZ_WITH (FILE ("etc/firewalld/firewalld.conf", "DefaultZone=public\n")) },
  { "grub", "boot/grub/grub.cfg", NULL,
    "set default=\"0\"\nmenuentry 'a' --class b {\n\tlinux /boot/vmlinuz-6 "
    "root=UUID=1 ro quiet console=tty0 init=/sbin/x\n\tinitrd /i\n}\n"
    "submenu 'c' { menuentry d { linux16 /x a='b c' ; } }\n" },
  { "grub-env", "boot/grub2/grubenv", NULL,
    "# GRUB Environment Block\nkernelopts=root=/dev/sda1 ro a\nsaved_entry=x\n"
    "######", FUZZ_WITH (FILE ("boot/loader/entries/a.conf",
                "title a\nlinux /vmlinuz-6\noptions $kernelopts\n")) },
  { "boot-entry", "boot/loader/entries/a.conf", NULL,
    "title a\nversion 6\nlinux /vmlinuz-6\noptions root=x init=/bin/y\n" },
  { "extlinux", "boot/extlinux/extlinux.conf", NULL,
    "DEFAULT a\nLABEL a\n LINUX /vmlinuz\n APPEND root=/dev/sda1 b\n" },
  { "haproxy", "etc/haproxy/haproxy.cfg",
    "ExecStart=/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg -p /run/x",
    "global\n stats socket /run/h.sock mode 660 # c\n.if defined(A)\n x\n"
    ".else\n y\n.endif\ndefaults\n mode http\nfrontend a\n bind *:80,:::81 "
    "name \"b\\\"c\"\n bind abns@x\n bind \"${A}:82\"\nlisten c\n"
    " bind 10.0.0.1:1-3 ssl\n server s1 10.0.0.2:80 check port 81\n"
    " server-template t 3 x:1\npeers p\n peer q 127.0.0.1:10\n" },
  { "ifcfg", "etc/sysconfig/network-scripts/ifcfg-eth0", NULL,
    "DEVICE=eth0\nBOOTPROTO=static\nIPADDR0=10.0.0.2\nPREFIX0=24\n"
    "GATEWAY='10.0.0.1'\nNETMASK1=255.255.255.0\nBONDING_OPTS=\"mode=1\"\n"
    "VLAN=yes\n" },
  { "ifcfg-suse", "etc/sysconfig/network/ifcfg-eth0", NULL,
    "BOOTPROTO='dhcp'\nSTARTMODE='auto'\nIPADDR='10.0.0.2/24'\n"
    "BRIDGE_PORTS='a b'\n" },
  { "ifupdown", "etc/network/interfaces", NULL,
    "auto lo eth0\nsource interfaces\nsource-directory .\niface lo inet "
    "loopback\niface eth0 inet static\n address 10.0.0.2\n netmask "
    "255.255.255.0\n gateway 10.0.0.1\n up ip a \\\n b\niface br0 inet6 auto\n"
    " bridge_ports eth0 eth1\nmapping x\n script y\n" },
  { "init-program", "sbin/init", NULL, "\177ELF INIT_VERSION=sysvinit-3.06" },
  { "inittab", "etc/inittab", NULL,
    "# c\nid:2:initdefault:\nsi::sysinit:/etc/init.d/rcS\n"
    "l2:2:wait:/etc/init.d/rc 2\nT0:23:respawn:/sbin/getty -L ttyS0\n",
    FUZZ_WITH (PROGRAM ("sbin/init", "INIT_VERSION=sysvinit-3.06"),
          PROGRAM ("etc/init.d/rc", ""), PROGRAM ("etc/init.d/x", "")) },
  { "inittab-busybox", "etc/inittab", NULL,
    "::sysinit:/sbin/openrc sysinit\n::wait:/sbin/openrc default\n"
    "tty1::respawn:/sbin/getty 38400 tty1\n",
    FUZZ_WITH (PROGRAM ("sbin/init", "BusyBox v1.36")) },
  { "iptables", "etc/iptables/rules.v4", NULL,
    "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 80 -j DNAT "
    "--to-destination 10.0.0.2:8080\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n:X -\n"
    "-A INPUT -p tcp -m multiport --dports 22,80:90 -m comment --comment \"a "
    "b\" -j X\n-A INPUT ! -s 10.0.0.0/8 -j REJECT\nCOMMIT\n" },
  { "kernel-cmdline", "etc/kernel/cmdline", NULL, "root=x ro init=/b \"a b\"" },
  { "krb5", "etc/krb5.conf", NULL,
    "[libdefaults]\n default_realm = A\n[realms]\n A = {\n  kdc = k:88\n"
    "  admin_server = k\n }\n" },
  { "ldap", "etc/ldap.conf", NULL,
    "uri ldap://a/ ldaps://b:1\nbase dc=x\nhost c\n" },
  { "netplan", "etc/netplan/a.yaml", NULL,
    "network:\n  version: 2\n  renderer: networkd\n  ethernets:\n    eth0:\n"
    "      match: {macaddress: '00:11:22:33:44:55'}\n      addresses: "
    "[10.0.0.2/24, '::1/64': {label: a}]\n      routes:\n      - {to: default, "
    "via: 10.0.0.1}\n      nameservers: {addresses: [1.1.1.1]}\n  bonds:\n"
    "    b: &x\n      interfaces: [eth0]\n      parameters: {mode: "
    "802.3ad}\n  vlans:\n    v: {id: 5, link: eth0}\n" },
  { "networkd", "etc/systemd/network/a.network", NULL,
    "[Match]\nName=eth* !eth1\nMACAddress=00:11:22:33:44:55\n[Network]\n"
    "DHCP=ipv4\nAddress=10.0.0.2/24\nGateway=10.0.0.1\nDNS=1.1.1.1\nVLAN=v\n"
    "[Route]\nDestination=0.0.0.0/0\nGateway=10.0.0.1\n[Address]\nAddress=x\n" },
  { "networkd-netdev", "etc/systemd/network/a.netdev", NULL,
    "[NetDev]\nName=v\nKind=vlan\n[VLAN]\nId=5\n" },
  { "nftables", "etc/nftables.conf", NULL,
    "#!/usr/sbin/nft -f\nflush ruleset\ndefine a = { 22, 80 }\ninclude \"x\"\n"
    "table inet filter {\n set s { type ipv4_addr; elements = { 10.0.0.1 } }\n"
    " chain input {\n  type filter hook input priority 0; policy drop;\n"
    "  tcp dport $a accept comment \"x { y\"\n  ip saddr @s \\\n  drop\n }\n}\n"
    "add rule inet filter input udp dport 53 accept\n" },
  { "nmkeyfile", "etc/NetworkManager/system-connections/a.nmconnection", NULL,
    "[connection]\nid=a\ntype=ethernet\ninterface-name=eth0\nautoconnect=true\n"
    "[ipv4]\nmethod=manual\naddress1=10.0.0.2/24,10.0.0.1\ndns=1.1.1.1;\n"
    "route1=0.0.0.0/0,10.0.0.1,5\n[wifi-security]\npsk=x\n" },
  { "nsswitch", "etc/nsswitch.conf", NULL,
    "# c\npasswd: files [!UNAVAIL=return] sss ldap\nhosts: files dns\n" },
  { "openrc", "etc/init.d/web", NULL,
    "#!/sbin/openrc-run\nname=\"a b\"\ncommand=/opt/web\ncommand_args=\"-p ${P"
    ":-80} $cfg\"\ncommand_user=\"a:b\"\ncommand_background=yes\npidfile=/run/"
    "${RC_SVCNAME}.pid\ndepend() {\n need net\n after firewall\n}\n"
    "start_pre() {\n checkpath -d /run/x\n}\nstart() {\n ebegin x\n "
    "start-stop-daemon --start --exec $command -- -a\n eend $?\n}\n",
    FUZZ_WITH (PROGRAM ("sbin/init", "BusyBox v1.36"),
          FILE ("etc/inittab", "::wait:/sbin/openrc default\n"),
          FILE ("etc/conf.d/web", "cfg=/etc/web.conf\n"),
          LINK ("etc/runlevels/default/web", "/etc/init.d/web")) },
  { "openrc-conf", "etc/conf.d/web", NULL,
    "# c\nP=81\ncfg=\"/etc/${x:-y}\"\nexport A='b'\\\n'c'\nrc_need=\"net\"\n",
    FUZZ_WITH (PROGRAM ("sbin/init", "BusyBox v1.36"),
          FILE ("etc/inittab", "::wait:/sbin/openrc default\n"),
          PROGRAM ("etc/init.d/web",
                   "#!/sbin/openrc-run\ncommand=/opt/web\ncommand_args=$cfg\n"),
          LINK ("etc/runlevels/default/web", "/etc/init.d/web")) },
  { "pacman-files", "var/lib/pacman/local/a-1-1/files", NULL,
    "%FILES%\netc/\netc/a\n\n%BACKUP%\netc/a\t60b725f10c9c85c70d97880dfe8191b3"
    "\n", FUZZ_WITH (FILE ("var/lib/pacman/local/a-1-1/desc",
                "%NAME%\na\n\n%VERSION%\n1-1\n"), FILE ("etc/a", "x")) },
  { "pacman-mtree", "var/lib/pacman/local/a-1-1/mtree", NULL, NULL,
    FUZZ_WITH (FILE ("var/lib/pacman/local/a-1-1/desc",
                "%NAME%\na\n\n%VERSION%\n1-1\n"), FILE ("etc/a", "x"),
          FILE ("var/lib/pacman/local/a-1-1/files", "%FILES%\netc/\netc/a\n")) },
  { "phpfpm", "etc/php/8.2/fpm/php-fpm.conf",
    "ExecStart=/usr/sbin/php-fpm8.2 --nodaemonize",
    "[global]\npid = /run/x ; c\ninclude=/etc/php/8.2/fpm/*.conf\n[www]\n"
    "listen = /run/php/$pool.sock\n[b]\nlisten = 127.0.0.1:9000\nenv[A] = $B\n"
    "php_admin_value[x] = \"y\"\n" },
  { "postfix-main", "etc/postfix/main.cf", "ExecStart=/usr/sbin/postfix start",
    "inet_interfaces = loopback-only, $myhostname\nmyhostname = a.b\n"
    "relayhost = [mx.x]:587\n# c\nsmtpd_milters = inet:l:1,\n unix:/x\n"
    "inet_protocols = ${a?{b}:{c}}\nvirtual_maps = hash:$x mysql:/y\n",
    FUZZ_WITH (FILE ("etc/postfix/master.cf",
                "smtp inet n - y - - smtpd\n")) },
  { "postfix", "etc/postfix/master.cf", "ExecStart=/usr/sbin/postfix start",
    "# c\nsmtp      inet  n - y - - smtpd\n127.0.0.1:10025 inet n - - - - x\n"
    "  -o a=b -o { c = d e }\n[::1]:submission inet n - y - - smtpd\n"
    "pickup unix n - y 60 1 pickup\n",
    FUZZ_WITH (FILE ("etc/postfix/main.cf", "inet_interfaces = all\n"),
          FILE ("etc/services", "smtp 25/tcp mail\nsubmission 587/tcp\n")) },
  { "services-file", "etc/services", "ExecStart=/usr/sbin/postfix start",
    "# c\nsmtp 25/tcp mail # d\nsubmission\t587/tcp\nx 99999/udp\n",
    FUZZ_WITH (FILE ("etc/postfix/main.cf", "inet_interfaces = all\n"),
          FILE ("etc/postfix/master.cf", "smtp inet n - y - - smtpd\n")) },
  { "program-text", "usr/bin/run", "ExecStart=/usr/bin/run -c /etc/run.conf",
    "\177ELF\002 x /etc/run.conf y /usr/bin/helper\n%s/lib/x.so libfoo.so.1",
    FUZZ_WITH (FILE ("etc/run.conf", "a = /srv/b\n"),
          PROGRAM ("usr/bin/helper", "#!/bin/sh\nexec /usr/bin/run\n")) },
  { "proxy", "etc/environment", NULL,
    "# c\nhttp_proxy=\"http://u:p@x:1/\"\nexport NO_PROXY=a,b\n" },
  { "proxy-apt", "etc/apt/apt.conf", NULL,
    "// c\nAcquire::http::Proxy \"http://x:1/\"; /* d */\nAcquire { https { "
    "Proxy \"DIRECT\"; }; };\n#include x\n" },
  { "proxy-dnf", "etc/dnf/dnf.conf", NULL,
    "[main]\ngpgcheck=1\nproxy = http://x:1\nexclude=a b*\n" },
  { "rc-conf", "etc/rc.conf", NULL, "hostname=\"a\"\n# c\nx=y\n" },
  { "rc-local", "etc/rc.local", NULL,
    "#!/bin/sh -e\n# c\n/opt/late -a &\nif [ -x /x ]; then\n  /x\nfi\nexit 0\n" },
  { "resolv", "etc/resolv.conf", NULL,
    "# c\nnameserver 1.1.1.1\nsearch a b\noptions ndots:5\n" },
  { "rpm-sqlite", "var/lib/rpm/rpmdb.sqlite", NULL, NULL },
  { "rpm-wal", NULL, NULL, NULL, .run = fuzz_rpm_wal },
  { "rpm-ndb", "var/lib/rpm/Packages.db", NULL, NULL },
  { "rpm-bdb", "var/lib/rpm/Packages", NULL, NULL },
  { "dnf-history", NULL, NULL, NULL, .run = fuzz_dnf_history },
  { "runit-run", "etc/service/web/run", NULL,
    "#!/bin/sh\nexec 2>&1\ncd /srv\nexec chpst -e ./env -u www:web /opt/web -p "
    "80\n",
    FUZZ_WITH (PROGRAM ("sbin/runit-init", ""), LINK ("sbin/init", "runit-init"),
          PROGRAM ("etc/runit/2", "#!/bin/sh\nexec runsvdir /etc/service\n")) },
  { "runit-stage", "etc/runit/2", NULL,
    "#!/bin/sh\nSVDIR=/etc/service\nexec env - PATH=$PATH runsvdir -P $SVDIR "
    "'log: ...'\n",
    FUZZ_WITH (PROGRAM ("sbin/runit-init", ""), LINK ("sbin/init", "runit-init"),
          PROGRAM ("etc/service/web/run", "#!/bin/sh\nexec /opt/web\n")) },
  { "samba", "etc/samba/smb.conf", NULL,
    "[global]\n workgroup = A\n security = ads ; c\n realm = B\n" },
  { "sssd", "etc/sssd/sssd.conf", NULL,
    "[sssd]\ndomains = a, b\n[domain/a]\nid_provider = ldap\nldap_uri = ldap://"
    "x, ldap://y\n" },
  { "sudoers", "etc/sudoers", NULL,
    "Defaults env_reset\n@include /etc/sudoers\n#includedir /etc/sudoers.d\n"
    "User_Alias A = bob, \\\n eve\nroot ALL=(ALL:ALL) ALL\n%adm x=(y) NOPASSWD: "
    "/bin/a, !/bin/b \"c\"\n" },
  { "supervisor", "etc/supervisord.conf", NULL,
    "[supervisord]\nlogfile=/x\n[group:g]\nprograms=w,i\n[include]\nfiles = "
    "sup.d/*.conf\n[program:w]\ncommand=/opt/w --n=%(process_num)d 'a b'\n"
    "numprocs=2\nprocess_name=%(program_name)s_%(process_num)02d\nuser=joe ; c\n"
    "environment=A=\"1,2\",B=%(program_name)s\n",
    FUZZ_WITH (PROGRAM ("sbin/init", "INIT_VERSION=sysvinit-3.06"),
          FILE ("etc/inittab", "id:2:initdefault:\n"),
          PROGRAM ("etc/init.d/s", "#!/bin/sh\nstart-stop-daemon --start --exec "
                   "/usr/bin/supervisord -- -c /etc/supervisord.conf\n"),
          LINK ("etc/rc2.d/S01s", "../init.d/s")) },
  { "sysvinit", "etc/init.d/x", NULL,
    "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: x\n# Default-Start: 2\n"
    "### END INIT INFO\n. /lib/lsb/init-functions\nDAEMON=/usr/sbin/x\n"
    "OPTS=\"-a ${B:-c} `id`\"\n[ -r /etc/default/x ] && . /etc/default/x\n"
    "case \"$1\" in\nstart)\n f() { cd /; }\n for i in 1 2; do f; done\n"
    " start-stop-daemon --start -b -m -p /run/x.pid -c u:g --exec $DAEMON -- "
    "$OPTS $(( 1 + 2 ))\n ;;\nstop|a*) kill `cat /run/x` ;;\nesac\n",
    FUZZ_WITH (PROGRAM ("sbin/init", "INIT_VERSION=sysvinit-3.06"),
          FILE ("etc/inittab", "id:2:initdefault:\nl2:2:wait:/etc/init.d/rc 2\n"),
          PROGRAM ("etc/init.d/rc", ""), LINK ("etc/rc2.d/S01x", "../init.d/x"),
          FILE ("etc/default/x", "B=1\n")) },
  { "timezone", "etc/timezone", NULL, "Europe/Berlin\n" },
  { "locale", "etc/locale.conf", NULL, "LANG=\"C.UTF-8\" # c\nLC_ALL='x'\n" },
  { "clock", "etc/sysconfig/clock", NULL, "ZONE=\"Europe/Berlin\"\nUTC=true\n" },
  { "machine-id", "etc/machine-id", NULL, "0123456789abcdef0123456789abcdef\n" },
  { "tomcat", "srv/base/conf/server.xml",
    "Environment=CATALINA_BASE=/srv/base JAVA_OPTS=-Dp.q=8181\n"
    "ExecStart=/bin/sh /usr/libexec/tomcat10/tomcat-start.sh",
    "<Server port='8005' portOffset='1'>\n<Service><!-- c -->\n<Connector "
    "port='${p.q}' protocol='AJP/1.3' address='::1'/><Connector port='8080'/>\n"
    "<Engine><Cluster/></Engine></Service><Resource url='jdbc:mysql://${a}/x' "
    "password='y'/></Server>" },
  { "tomcat-properties", "srv/base/conf/catalina.properties",
    "Environment=CATALINA_BASE=/srv/base\n"
    "ExecStart=/bin/sh /usr/libexec/tomcat10/tomcat-start.sh",
    "# c\nlist=a,\\\nb\np = 8282\nq:\\u0041=${p}\n",
    FUZZ_WITH (FILE ("srv/base/conf/server.xml",
                "<Server><Connector port='${p}'/></Server>")) },
  { "ufw", "etc/ufw/ufw.conf", NULL, "# c\nENABLED=yes\nLOGLEVEL=low\n" },
  { "ufw-default", "etc/default/ufw", NULL,
    "IPV6=yes\nDEFAULT_INPUT_POLICY=\"DROP\"\n" },
  { "ufw-rules", "etc/ufw/user.rules", NULL,
    "*filter\n:ufw-user-input - [0:0]\n### tuple ### allow tcp 22 0.0.0.0/0 any "
    "0.0.0.0/0 in_eth0 comment=41\n-A ufw-user-input -p tcp -j ACCEPT\n" },
  { "ipsec", "etc/ipsec.conf", NULL,
    "# c\nconn a\n left=%any\n right=10.0.0.1\n auto=start\ninclude x\n" },
  { "upstart", "etc/init/web.conf", NULL,
    "# c\ndescription \"serves\"\nstart on (local-filesystems\n and net-device-up "
    "IFACE!=lo\n or runlevel [2345])\nstop on runlevel [016]\nsetuid www\nenv "
    "NAME=\"a b\"\nlimit nofile 1024 unlimited\nexpect fork\npre-start script\n"
    "  mkdir -p /run/web\nend script\nexec /opt/web \\\n  -p $PORT\n",
    FUZZ_WITH (PROGRAM ("sbin/init", "ELF upstart"),
          FILE ("etc/init/a.conf", "start on started web\nexec /a\n")) },
  { "upstart-override", "etc/init/web.override", NULL, "manual\nenv A=b\n",
    FUZZ_WITH (PROGRAM ("sbin/init", "ELF upstart"),
          FILE ("etc/init/web.conf", "start on startup\nexec /a\n")) },
  { "unit-timer", "etc/systemd/system/s.timer", "ExecStart=/bin/a",
    "[Timer]\nOnCalendar=Mon..Fri *-*-* 00/2:30 UTC\nOnBootSec=5min 3s\n"
    "RandomizedDelaySec=1h\n[Install]\nWantedBy=timers.target\n",
    FUZZ_WITH (LINK ("etc/systemd/system/multi-user.target.wants/s.timer",
                "../s.timer")) },
  { "unit-socket", "etc/systemd/system/s.socket", "ExecStart=/bin/a",
    "[Socket]\nListenStream=80\nListenDatagram=[::1]:53\nListenFIFO=/run/%n\n"
    "ListenStream=@x\nAccept=no\n",
    FUZZ_WITH (LINK ("etc/systemd/system/multi-user.target.wants/s.socket",
                "../s.socket")) },
  { "unit-user", "home/bob/.config/systemd/user/hello.service", NULL,
    "[Service]\nExecStart=%h/bin/hello\n[Install]\nWantedBy=default.target\n",
    FUZZ_WITH (FILE ("etc/passwd", "bob:x:1000:1000::/home/bob:/bin/sh\n"),
          FILE ("var/lib/systemd/linger/bob", "")) },
  { "unit-generator", "etc/postgresql/15/main/start.conf", NULL,
    "# x\n\n auto # y\n",
    FUZZ_WITH (PROGRAM ("usr/lib/systemd/system-generators/"
                   "postgresql-generator", "x"),
          FILE (USR "/postgresql@.service", "[Service]\nExecStart=/bin/a\n"),
          FILE (USR "/postgresql.service", "[Unit]\n"),
          FILE ("etc/postgresql/15/main/postgresql.conf", "port = 1\n"),
          PROGRAM ("usr/lib/postgresql/15/bin/postgres", "x")) },
  { "unit-instances", "etc/default/openvpn", NULL,
    "# c\nAUTOSTART=\"office 'a b' all\"\n",
    FUZZ_WITH (PROGRAM ("usr/lib/systemd/system-generators/openvpn-generator",
                   "x"),
          FILE (USR "/openvpn@.service", "[Service]\nExecStart=/bin/a %i\n"),
          FILE (USR "/openvpn.service", "[Unit]\n"),
          FILE ("etc/openvpn/office.conf", "x")) },
  { "zypp-auto", NULL, NULL, "# c\na\nb\n", .run = fuzz_zypp_auto },
  { "zypp-locks", NULL, NULL,
    "\ntype: package\nmatch_type: glob\ncase_sensitive: on\n"
    "solvable_name: a*\nversion: > 1\n", .run = fuzz_zypp_locks },
  { "dnf5-versionlock", NULL, NULL,
    "version = \"1.0\"\n[[packages]]\nname = \"a\" # c\n[[packages.conditions]]"
    "\nkey = \"evr\"\ncomparator = \"=\"\nvalue = \"1-2\"\n", .run = fuzz_dnf5_locks },

  { "hive", "Windows/System32/config/SOFTWARE", NULL, "regf\1\0hbin" },
  { "disk-ext", NULL, NULL, NULL, .run = fuzz_ext },
  { "disk-lvm", NULL, NULL, NULL, .run = fuzz_lvm_label },
  { "disk-lvm-text", NULL, NULL,
    "vg {\nid = \"AAAAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAAAA\"\nseqno = 1\n"
    "format = \"lvm2\" # c\nstatus = [\"RESIZEABLE\", \"READ\", \"WRITE\"]\n"
    "extent_size = 8192\nphysical_volumes {\npv0 {\nid = \"BAAAAA-AAAA-AAAA-"
    "AAAA-AAAA-AAAA-AAAAAA\"\ndevice = \"/dev/s\\\"d\"\npe_start = 2048\n"
    "pe_count = 31\n}\n}\nlogical_volumes {\nroot {\nid = \"CAAAAA-AAAA-AAAA-"
    "AAAA-AAAA-AAAA-AAAAAA\"\nstatus = [\"READ\", \"VISIBLE\"]\nsegment1 {\n"
    "start_extent = 0\nextent_count = 4\ntype = \"striped\"\nstripe_count = 1\n"
    "stripes = [\n\"pv0\", 0\n]\n}\n}\n}\n}\n"
    "contents = \"Text Format Volume Group\"\nversion = 1\n",
    .run = fuzz_lvm_group },
  { "disk-map", NULL, NULL,
    "[{ \"start\": 0, \"length\": 65536, \"depth\": 0, \"present\": true, "
    "\"zero\": false, \"data\": true, \"offset\": 327680},\n"
    "{ \"start\": 65536, \"length\": 983040, \"depth\": 0, \"zero\": true, "
    "\"data\": false}]\n", .run = fuzz_map },
  { "disk-partitions", NULL, NULL, NULL, .run = fuzz_partitions },
  { "disk-qcow2", NULL, NULL, NULL, .run = fuzz_qcow2 },
  { "disk-vhdx", NULL, NULL, NULL, .run = fuzz_vhdx },
  { "disk-vmdk", NULL, NULL, NULL, .run = fuzz_vmdk },
  { "disk-vmdk-text", NULL, NULL,
    "# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\n"
    "createType=\"twoGbMaxExtentSparse\"\n\n# Extent description\n"
    "RW 2048 SPARSE \"a-s001.vmdk\"\nRDONLY 63 FLAT \"b c.vmdk\" 0\n\n"
    "ddb.adapterType = \"ide\"\n", .run = fuzz_vmdk_text },
  { "machine-domain", NULL, NULL,
    "<domain type='kvm'><name>a</name><memory unit='GiB'>2</memory><vcpu>2"
    "</vcpu><os firmware='efi'><type arch='x86_64'>hvm</type></os><devices>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source "
    "file='/a.qcow2'/><target dev='vda' bus='virtio'/></disk><interface "
    "type='network'><mac address='52:54:00:00:00:01'/><source network='n'/>"
    "<model type='virtio'/></interface></devices></domain>",
    .run = fuzz_domain },
  { "machine-manifest", NULL, NULL,
    "SHA256(a.ovf)= e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b785"
    "2b855\nSHA1 (b.vmdk) = da39a3ee5e6b4b0d3255bfef95601890afd80709\n",
    .run = fuzz_manifest },
  { "machine-ovf", NULL, NULL,
    "<Envelope xmlns='http://schemas.dmtf.org/ovf/envelope/1' xmlns:ovf='http:"
    "//schemas.dmtf.org/ovf/envelope/1' xmlns:rasd='http://schemas.dmtf.org/"
    "wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData'><References>"
    "<File ovf:id='f1' ovf:href='a.vmdk' ovf:size='5'/></References>"
    "<DiskSection><Disk ovf:diskId='d1' ovf:fileRef='f1' ovf:capacity='8' "
    "ovf:capacityAllocationUnits='byte * 2^30'/></DiskSection><VirtualSystem "
    "ovf:id='v'><Name>a</Name><VirtualHardwareSection><Item><rasd:"
    "AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ResourceType>4"
    "</rasd:ResourceType><rasd:VirtualQuantity>512</rasd:VirtualQuantity>"
    "</Item><Item><rasd:HostResource>ovf:/disk/d1</rasd:HostResource><rasd:"
    "ResourceType>17</rasd:ResourceType><rasd:InstanceID>9</rasd:InstanceID>"
    "</Item></VirtualHardwareSection></VirtualSystem></Envelope>",
    .run = fuzz_ovf },
  { "machine-vmx", NULL, NULL,
    ".encoding = \"UTF-8\"\ndisplayName = \"a|22b\"\nmemsize = \"512\"\nnumvcpus "
    "= \"2\"\nfirmware = \"efi\"\nscsi0.present = \"TRUE\"\nscsi0:0.present = "
    "\"TRUE\"\nscsi0:0.fileName = \"a.vmdk\"\nethernet0.present = \"TRUE\"\n"
    "ethernet0.generatedAddress = \"00:0c:29:00:00:01\"\n# c\n",
    .run = fuzz_vmx },
  { "settings-blocks", NULL, NULL,
    "# c\na b;\nhttp { server \"x y\" { listen 80; } }\nb = [ c, d ]\n/* e */\n",
    .run = fuzz_settings_blocks },
  { "settings-ini", NULL, NULL, "# c\n[a.b]\nc = d ; e\n f\n[x\ng: h\n",
    .run = fuzz_settings_ini },
  { "settings-json", NULL, NULL, "{\"a\":{\"b\":[1,2.5,null,{\"c\":true}]}}",
    .run = fuzz_settings_json },
  { "settings-phrases", NULL, NULL, "# c\na b c;\nbind to 10.0.0.1 port 53\n",
    .run = fuzz_settings_phrases },
  { "settings-tags", NULL, NULL, "<A b>\nc d\n<E>\nf \"g h\"\n</E>\n</A>\n",
    .run = fuzz_settings_tags },
  { "settings-value", NULL, NULL, "10.0.0.1:80\n", .run = fuzz_settings_value },
  { "settings-words", NULL, NULL, "# c\na b \"c d\"\\\n e\nf=g\n",
    .run = fuzz_settings_words },
  { "settings-xml", NULL, NULL,
    "<?xml version='1.0'?><a b='c'>d<e f='&lt;g'/><!-- h --></a>",
    .run = fuzz_settings_xml },
  { "settings-yaml", NULL, NULL,
    "a:\n  b: [1, 'x', {c: d}]\n  e: &f\n    g: |\n      h\n  i: *f\n",
    .run = fuzz_settings_yaml },
  { "shell-variables", NULL, NULL,
    "# c\n: ${A:=b}\nexport C=\"d $A\" E='f'\nif [ x ]; then\n G=`h`\nfi\n",
    .run = fuzz_shell_variables },
  { "tar", NULL, NULL, NULL, .run = fuzz_tar },
  { "tar-index", NULL, NULL, NULL, .run = fuzz_tar_index },
};
/* clang-format on */
const size_t fuzz_target_count = DC_COUNT (fuzz_targets);
