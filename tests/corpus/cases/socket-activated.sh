# Two services that are started by the first who connects: one takes the
# listening socket, one is started for each connection.
outside () { install -m 755 "$files/answer" "$root/usr/local/bin/answer"; }
guest () {
  cat >/etc/systemd/system/lazy.socket <<'END'
[Socket]
ListenStream=7001
[Install]
WantedBy=sockets.target
END
  cat >/etc/systemd/system/lazy.service <<'END'
[Service]
User=nobody
ExecStart=/usr/local/bin/answer --passed "lazy is here"
END
  cat >/etc/systemd/system/echo.socket <<'END'
[Socket]
ListenStream=7002
Accept=yes
[Install]
WantedBy=sockets.target
END
  cat >/etc/systemd/system/echo@.service <<'END'
[Service]
User=nobody
ExecStart=/bin/sed -u "s/^/you said /;q"
StandardInput=socket
END
  systemctl enable -q lazy.socket echo.socket
}
probe () {
  fetch 7001 / | grep -qx 'lazy is here' &&
    talk 7002 'hello\n' | grep -qx 'you said hello'
}
