# Somebody logs in with a key.
packages='openssh-server'
outside () {
  [ -f "$cache/corpus-key" ] || ssh-keygen -q -t ed25519 -N '' -f "$cache/corpus-key"
  install -D -m 600 "$cache/corpus-key.pub" "$root/root/.ssh/authorized_keys"
}
probe () {
  where=$(at 22)
  ssh -i "$cache/corpus-key" -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR \
    -o UserKnownHostsFile=/dev/null -p "${where##*:}" "root@${where%:*}" 'id -un' </dev/null | grep -qx root
}
