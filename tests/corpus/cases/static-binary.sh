# One static program with a unit of its own.
outside () {
  musl-gcc -static -Os -o "$root/usr/local/bin/hello" "$files/hello.c"
}
guest () {
  cat >/etc/systemd/system/hello.service <<'END'
[Service]
Type=exec
User=nobody
ExecStart=/usr/local/bin/hello --port 8081
[Install]
WantedBy=multi-user.target
END
  systemctl enable -q hello
}
probe () { fetch 8081 / | grep -q 'hello from a static binary'; }
