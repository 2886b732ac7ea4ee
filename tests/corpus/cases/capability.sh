# A user of its own on port 81, and a capability that containers do not have.
outside () { install -m 755 "$files/answer" "$root/usr/local/bin/answer"; }
guest () {
  cat >/etc/systemd/system/low.service <<'END'
[Service]
User=nobody
AmbientCapabilities=CAP_NET_BIND_SERVICE
ExecStart=/usr/local/bin/answer --port 81 "a low port"
[Install]
WantedBy=multi-user.target
END
  cat >/etc/systemd/system/nice.service <<'END'
[Service]
User=nobody
AmbientCapabilities=CAP_SYS_NICE
ExecStart=/usr/bin/nice -n -5 /usr/local/bin/answer --port 8083 --nice "nice"
[Install]
WantedBy=multi-user.target
END
  systemctl enable -q low nice
}
probe () { fetch 81 / | grep -qx 'a low port' && fetch 8083 / | grep -qx 'nice -5'; }
