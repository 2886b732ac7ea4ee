# A log server takes messages from the network and from its own machine.
packages='rsyslog'
guest () {
  cat >/etc/rsyslog.d/10-remote.conf <<'END'
module(load="imudp")
input(type="imudp" port="514")
module(load="imtcp")
input(type="imtcp" port="514")
if $msg contains "corpus" then /var/log/corpus.log
END
}
probe () {
  talk 514 '<13>Jan  1 00:00:00 far corpus: over tcp corpus\n' 1 >/dev/null
  inside logger -t corpus 'from here corpus'
  inside grep -q 'over tcp' /var/log/corpus.log && inside grep -q 'from here' /var/log/corpus.log
}
