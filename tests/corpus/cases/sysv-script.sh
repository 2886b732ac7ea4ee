# A daemon that has an init script and no unit.
outside () {
  install -m 755 "$files/answer" "$root/usr/local/sbin/oldd"
  install -m 755 "$files/oldd.init" "$root/etc/init.d/oldd"
}
guest () {
  echo 'GREETING="hello from the old days"' >/etc/default/oldd
  update-rc.d oldd defaults
}
probe () { fetch 7070 / | grep -qx 'hello from the old days'; }
