# Two instances of a template unit.
outside () { install -m 755 "$files/answer" "$root/usr/local/bin/answer"; }
guest () {
  cat >/etc/systemd/system/answer@.service <<'END'
[Unit]
Description=answers on port %i
[Service]
User=nobody
ExecStart=/usr/local/bin/answer --port %i "this is %i"
Restart=on-failure
[Install]
WantedBy=multi-user.target
END
  systemctl enable -q answer@9001 answer@9002
}
probe () {
  fetch 9001 / | grep -qx 'this is 9001' && fetch 9002 / | grep -qx 'this is 9002'
}
