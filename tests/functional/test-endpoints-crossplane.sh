#!/bin/sh
# The nginx configurations that crossplane's authors made to trip up parsers.
. "${0%/*}/functions.sh"
dump=$top_builddir/tests/functional/dump-facts
configs=$(data configs/nginxinc+crossplane/tests/configs)

for config in "$configs"/*/; do
  name=$(basename "$config")
  mkdir -p $name/etc/systemd/system $name/etc/nginx
  cp -r "$config/." $name/etc/nginx
  printf '[Unit]\nWants=s.service\n' >$name/etc/systemd/system/default.target
  printf '[Service]\nExecStart=/usr/sbin/nginx\n' \
    >$name/etc/systemd/system/s.service
  "$dump" $name endpoints | sed "s/^s\.service|//; s/^/$name: /"
done >ours.txt

# What nginx 1.22 would listen on; findings where it would not start.
cat >expected.txt <<'END'
includes-globbed: tcp|0.0.0.0|8080||declared|/etc/nginx/servers/server1.conf|2
includes-globbed: tcp|0.0.0.0|8081||declared|/etc/nginx/servers/server2.conf|2
includes-regular: tcp|127.0.0.1|8080||declared|/etc/nginx/conf.d/server.conf|2
includes-regular: finding|endpoint.unknown|/etc/nginx/conf.d/server.conf|5|s.service: cannot use '/etc/nginx/bar.conf': it is not there
lua-block-simple: tcp|127.0.0.1|8080||declared|/etc/nginx/nginx.conf|15
lua-block-tricky: tcp|127.0.0.1|8080||declared|/etc/nginx/nginx.conf|3
messy: tcp|0.0.0.0|80||inferred|/etc/nginx/nginx.conf|24
messy: tcp|0.0.0.0|8080||declared|/etc/nginx/nginx.conf|12
messy: tcp|0.0.0.0|8083||declared|/etc/nginx/nginx.conf|9
missing-semicolon: finding|endpoint.unknown|/etc/systemd/system/s.service|2|s.service: cannot use '/etc/nginx/nginx.conf': it is not there
non-unicode: tcp|0.0.0.0|80||inferred|/etc/nginx/nginx.conf|2
quote-behavior: finding|endpoint.unknown|/etc/nginx/nginx.conf|1|s.service: line 1: something follows a quoted word at once
simple: tcp|127.0.0.1|8080||declared|/etc/nginx/nginx.conf|7
spelling-mistake: tcp|0.0.0.0|80||inferred|/etc/nginx/nginx.conf|4
with-comments: tcp|127.0.0.1|8080||declared|/etc/nginx/nginx.conf|7
END
same_file expected.txt ours.txt
