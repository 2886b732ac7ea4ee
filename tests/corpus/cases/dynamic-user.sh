# DynamicUser= with a StateDirectory= that stays.
state=kept
outside () { install -m 755 "$files/answer" "$root/usr/local/bin/answer"; }
guest () {
  cat >/etc/systemd/system/counter.service <<'END'
[Service]
DynamicUser=yes
StateDirectory=counter
ExecStart=/usr/local/bin/answer --port 8082 --count /var/lib/counter/count counted
[Install]
WantedBy=multi-user.target
END
  systemctl enable -q counter
}
probe () { fetch 8082 / | grep -q 'counted [0-9]'; }
write () { first=$(fetch 8082 / | cut -d ' ' -f 2) && echo "$first" >"$work/first"; }
check () { [ "$(fetch 8082 / | cut -d ' ' -f 2)" -gt "$(cat "$work/first")" ]; }
