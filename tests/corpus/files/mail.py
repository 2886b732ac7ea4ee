#!/usr/bin/python3
# mail.py SMTP IMAP WORD: sends a mail with WORD in its subject through SMTP
# ("-": does not), and waits until IMAP has it.
import imaplib
import smtplib
import sys
import time


def address (text):
    host, _, port = text.rpartition (":")
    return host, int (port)


smtp, imap, word = sys.argv[1:]
if smtp != "-":
    server = smtplib.SMTP (*address (smtp), timeout=20)
    server.sendmail ("writer@corpus.test", ["reader@corpus.test"],
                     f"Subject: {word}\r\n\r\nhello\r\n")
    server.quit ()
for _ in range (40):
    box = imaplib.IMAP4 (*address (imap), timeout=20)
    box.login ("reader", "secret")
    box.select ("INBOX")
    found = box.search (None, "SUBJECT", word)[1][0]
    box.logout ()
    if found:
        sys.exit (0)
    time.sleep (0.5)
sys.exit ("no mail arrived")
