# A mail goes in through Postfix and comes out of Dovecot.
packages='postfix dovecot-imapd'
state=kept
guest () {
  postconf -e 'mydestination=corpus.test, localhost' 'home_mailbox=Maildir/' \
    'inet_interfaces=all' 'mynetworks=127.0.0.0/8 10.0.0.0/8 172.16.0.0/12'
  sed -i 's|^mail_location = .*|mail_location = maildir:~/Maildir|' /etc/dovecot/conf.d/10-mail.conf
  echo 'disable_plaintext_auth = no' >/etc/dovecot/conf.d/99-plain.conf
  useradd -m reader
  install -d -o reader -g reader /home/reader/Maildir /home/reader/Maildir/new \
    /home/reader/Maildir/cur /home/reader/Maildir/tmp
  echo 'reader:secret' | chpasswd
}
probe () { python3 "$files/mail.py" "$(at 25)" "$(at 143)" probe; }
write () { python3 "$files/mail.py" "$(at 25)" "$(at 143)" stays; }
check () { python3 "$files/mail.py" - "$(at 143)" stays; }
