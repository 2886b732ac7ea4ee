# A service that does not start without a sysctl of its machine.
outside () { install -m 755 "$files/answer" "$root/usr/local/bin/answer"; }
guest () {
  echo 'net.core.somaxconn = 5000' >/etc/sysctl.d/50-queue.conf
  cat >/etc/systemd/system/queue.service <<'END'
[Service]
User=nobody
ExecStartPre=/bin/sh -c 'test "$$(cat /proc/sys/net/core/somaxconn)" = 5000'
ExecStart=/usr/local/bin/answer --port 8084 "a long queue"
[Install]
WantedBy=multi-user.target
END
  systemctl enable -q queue
}
probe () { fetch 8084 / | grep -qx 'a long queue'; }
