/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/json.h"
#include "runtime/probe/protocol.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define GOOD "tests/data/probe/good/"

/* What real servers of Debian 12 said (tests/data/probe/README.md), and what
 * we tell of it.
 */
static const struct recording {
  const char *protocol, *file;
  enum dc_transport transport;
  const char *text, *fact, *value;
} recordings[] = {
  { "postgresql", "postgresql-15", DC_OVER_TCP,
    "PostgreSQL: asks for a password", NULL, NULL },
  { "postgresql", "postgresql-15-trust", DC_OVER_TCP,
    "PostgreSQL 15.20 (Debian 15.20-0+deb12u1)", "version",
    "15.20 (Debian 15.20-0+deb12u1)" },
  { "mysql", "mysql-mariadb-10.11", DC_OVER_TCP,
    "MySQL 5.5.5-10.11.19-MariaDB-0+deb12u1", "version",
    "5.5.5-10.11.19-MariaDB-0+deb12u1" },
  { "redis", "redis-7.0", DC_OVER_TCP, "+PONG", "version", "7.0.15" },
  { "memcached", "memcached-1.6", DC_OVER_TCP, "VERSION 1.6.18", NULL, NULL },
  { "smtp", "smtp-postfix", DC_OVER_TCP, "220 vm ESMTP Postfix (Debian/GNU)",
    "greeting", "220 vm ESMTP Postfix (Debian/GNU)" },
  { "imap", "imap-dovecot", DC_OVER_TCP,
    "* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE "
    "LITERAL+ STARTTLS AUTH=PLAIN] Dovecot (Debian) ready.",
    NULL, NULL },
  { "pop3", "pop3-dovecot", DC_OVER_TCP, "+OK Dovecot (Debian) ready.", NULL,
    NULL },
  { "ftp", "ftp-vsftpd", DC_OVER_TCP, "220 (vsFTPd 3.0.3)", NULL, NULL },
  { "ssh", "ssh-openssh", DC_OVER_TCP,
    "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10", NULL, NULL },
  { "rsync", "rsync-3.2", DC_OVER_TCP,
    "@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4", NULL, NULL },
  { "ldap", "ldap-openldap", DC_OVER_TCP, "LDAP: shows its root entry", NULL,
    NULL },
  { "mqtt", "mqtt-mosquitto", DC_OVER_TCP, "MQTT: accepts", NULL, NULL },
  { "amqp", "amqp-rabbitmq", DC_OVER_TCP, "AMQP: RabbitMQ 3.10.8", "version",
    "3.10.8" },
  { "fastcgi", "fastcgi-php-fpm", DC_OVER_UNIX, "FastCGI: tells its limits",
    NULL, NULL },
  { "dns", "dns-bind", DC_OVER_TCP,
    "DNS NOERROR, version 9.18.49-1~deb12u3-Debian", "version",
    "9.18.49-1~deb12u3-Debian" },
  { "dns", "dns-bind-udp", DC_OVER_UDP,
    "DNS NOERROR, version 9.18.49-1~deb12u3-Debian", NULL, NULL },
  { "ntp", "ntp-ntpsec-udp", DC_OVER_UDP,
    "NTP: its clock is not set by another", NULL, NULL },
  { "http", "http-nginx", DC_OVER_TCP, "HTTP/1.1 200 OK", "server",
    "nginx/1.22.1" },
};

static void
load (const char *file, struct dc_buffer *b)
{
  struct dc_error err;
  AUTO_FREE char *path = NULL;

  const char *top = getenv ("top_srcdir");
  ck_assert_int_gt (
      asprintf (&path, "%s/" GOOD "%s", top != NULL ? top : ".", file), 0);
  AUTO_CLOSE int fd = dc_file_open (AT_FDCWD, path, &err);
  ck_assert_msg (fd >= 0, "%s", err.text);
  ck_assert_ok (dc_file_read_all (fd, b, &err));
}

/* A copy of exactly SIZE bytes, so that a sanitizer sees what is read behind
 * them.
 */
static int
judge (const char *protocol, enum dc_transport transport, const char *bytes,
       size_t size, bool is_over, struct dc_probe_answer *answer,
       struct dc_error *err)
{
  const struct dc_question question = {
    .protocol = dc_protocol_find (protocol),
    .transport = transport,
    .wants_body = true,
  };
  AUTO_FREE char *copy = malloc (size + (size == 0));

  ck_assert_ptr_nonnull (copy);
  ck_assert_ptr_nonnull (question.protocol);
  memcpy (copy, bytes, size);
  const struct dc_said said = { { copy, size }, is_over };
  *answer = (struct dc_probe_answer){ .facts = json_object () };
  return question.protocol->judge (&question, &said, answer, err);
}

static void
forget (struct dc_probe_answer *answer)
{
  json_decref (answer->facts);
}

START_TEST (test_recorded)
{
  const struct recording *recording = &recordings[_i];
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);
  struct dc_probe_answer answer;
  struct dc_error err;

  load (recording->file, &b);
  const int status = judge (recording->protocol, recording->transport, b.data,
                            b.size, true, &answer, &err);
  ck_assert_msg (status == 1, "%s: %d %s", recording->file, status,
                 status < 0 ? err.text : "");
  ck_assert_str_eq (answer.text, recording->text);
  ck_assert (!answer.is_unwell);
  if (recording->fact != NULL)
    ck_assert_str_eq (
        json_string_value (json_object_get (answer.facts, recording->fact)),
        recording->value);
  forget (&answer);
}
END_TEST

/* However little has come, nobody is refused, and once there is an answer
 * more does not change the verdict.  A datagram comes whole.
 */
START_TEST (test_piece_by_piece)
{
  const struct recording *recording = &recordings[_i];
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);
  struct dc_probe_answer answer;
  struct dc_error err;
  int before = 0;

  if (recording->transport == DC_OVER_UDP)
    return;
  load (recording->file, &b);
  for (size_t size = 0; size <= b.size; size++) {
    const int status = judge (recording->protocol, recording->transport, b.data,
                              size, false, &answer, &err);
    forget (&answer);
    ck_assert_msg (status >= 0, "%s after %zu bytes: %s", recording->file, size,
                   err.text);
    ck_assert_msg (status >= before, "%s: no answer any more after %zu bytes",
                   recording->file, size);
    before = status;
  }
}
END_TEST

/* No server is taken for another: FTP and SMTP open in the same way. */
START_TEST (test_crosswise)
{
  const struct recording *recording = &recordings[_i];
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);
  struct dc_probe_answer answer;
  struct dc_error err;
  const struct dc_probe_protocol *protocol;

  load (recording->file, &b);
  for (size_t i = 0; (protocol = dc_protocol_at (i)) != NULL; i++) {
    const bool is_alike = (strcmp (protocol->name, "ftp") == 0 &&
                           strcmp (recording->protocol, "smtp") == 0) ||
                          (strcmp (protocol->name, "smtp") == 0 &&
                           strcmp (recording->protocol, "ftp") == 0);
    const int status = judge (protocol->name, recording->transport, b.data,
                              b.size, true, &answer, &err);
    forget (&answer);
    if (strcmp (protocol->name, recording->protocol) != 0 && !is_alike)
      ck_assert_msg (status <= 0, "%s is taken for %s", recording->file,
                     protocol->name);
  }
}
END_TEST

#define TEXT(text) (text), sizeof (text) - 1

/* Made by hand: 1 and what is told, or -1 and why; 0 not enough. */
static const struct {
  const char *protocol;
  const char *bytes;
  size_t size;
  int want;
  bool is_unwell;
  const char *text;
} made[] = {
  { "http", TEXT ("HTTP/1.0 502 Bad Gateway\r\n\r\n"), 1, true,
    "HTTP/1.0 502 Bad Gateway" },
  { "http", TEXT ("HTTP/1.1 404\n\n"), 1, false, "HTTP/1.1 404" },
  { "http", TEXT ("ICY 200 OK\r\n\r\n"), 1, false, "ICY 200 OK" },
  { "http", TEXT ("HTTP/1.1 20x OK\r\n\r\n"), -1, false, "not speak HTTP" },
  { "http", TEXT ("HTTP/1.1 99999999999999999999 OK\r\n\r\n"), -1, false,
    "not speak HTTP" },
  { "http", TEXT ("HTTP/1.1\r\n\r\n"), -1, false, "not speak HTTP" },
  { "http", TEXT ("\x15\x03\x01\x00\x02\x02\x46"), -1, false,
    "not speak HTTP" },
  { "http", TEXT ("HTTP/1.1 200 \x1b[31mred\r\nServer: \x1b]0;x\x07\r\n\r\n"),
    1, false, "HTTP/1.1 200 \\x1B[31mred" },
  { "http",
    TEXT ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n"
          "no colon\r\n: no name\r\n\r\n\r\nx"),
    1, false, "HTTP/1.1 200 OK" },
  { "http", TEXT (""), 0, false, NULL },
  { "smtp", TEXT ("421 too busy\r\n"), 1, true, "421 too busy" },
  { "smtp", TEXT ("554-no\r\n554 service\r\n"), 1, true, "554-no" },
  { "smtp", TEXT ("HELO\r\n"), -1, false, "not speak SMTP" },
  { "imap", TEXT ("* BYE out of memory\r\n"), 1, true, "* BYE out of memory" },
  { "pop3", TEXT ("-ERR no\r\n"), 1, true, "-ERR no" },
  { "ssh", TEXT ("Go away\r\nor not\r\nSSH-2.0-x\r\n"), 1, false, "SSH-2.0-x" },
  { "ssh",
    TEXT ("1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n"
          "1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n1\n2\n3\nSSH-2.0-x\n"),
    -1, false, "not speak SSH" },
  { "postgresql", TEXT ("E\0\0\0\x1dSFATAL\0C57P03\0Mstarting\0\0"), 1, true,
    "PostgreSQL: starting" },
  { "postgresql", TEXT ("E\0\0\0\x08SFAT"), 1, false, "PostgreSQL: " },
  { "postgresql", TEXT ("E\0\0\0\x04"), 1, false, "PostgreSQL: " },
  { "postgresql", TEXT ("E\0\0\0\x03xx"), -1, false, "not speak PostgreSQL" },
  { "postgresql", TEXT ("R\xff\xff\xff\xff"), -1, false,
    "not speak PostgreSQL" },
  { "postgresql", TEXT ("S\0\0\0\x06xx"), 0, false, NULL },
  { "postgresql", TEXT ("R\0\0\0\x05\0"), 0, false, NULL },
  { "mysql", TEXT ("\x04\0\0\0\xff\x6a\x04x"), 1, false, "MySQL: x" },
  { "mysql", TEXT ("\x01\0\0\0\xff"), 1, false, "MySQL: " },
  { "mysql",
    TEXT ("\x03\0\0\0\x0a"
          "ab"),
    -1, false, "not speak MySQL" },
  { "mysql", TEXT ("\xff\xff\xff\0\x0a"), -1, false, "not speak MySQL" },
  { "redis", TEXT ("-NOAUTH Authentication required.\r\n"), 1, false,
    "-NOAUTH Authentication required." },
  { "redis", TEXT ("-LOADING in memory\r\n"), 1, true, "-LOADING in memory" },
  { "redis", TEXT ("+PONG\r\n$99999999999999999999\r\nx"), 1, false, "+PONG" },
  { "redis", TEXT ("+PONG\r\n-NOPERM\r\n"), 1, false, "+PONG" },
  { "ldap", TEXT ("\x30\x84\0\0\0\x0c\x02\x01\x01\x65\x07"), 1, false,
    "LDAP: shows nothing to strangers" },
  { "ldap", TEXT ("\x30\x0c\x02\x01\0\x78\x07"), 1, true,
    "LDAP: ends the connection" },
  { "ldap", TEXT ("\x30\xff\x02\x01\x01\x65\x07"), -1, false,
    "not speak LDAP" },
  { "ldap", TEXT ("\x30\x84"), 0, false, NULL },
  { "amqp", TEXT ("AMQP\0\0\x09\x01"), 1, false, "AMQP of another version" },
  { "amqp", TEXT ("\x01\0\0\xff\xff\xff\xff\0\x0a\0\x0a"), -1, false,
    "not speak AMQP" },
  { "amqp", TEXT ("\x01\0\0\0\0\0\x10\0\x0a\0\x0a\x07versionS\xff\xff\xff\xff"),
    1, false, "AMQP: a server " },
  { "mqtt", TEXT ("\x20\x02\0\x03"), 1, true, "MQTT: is not available" },
  { "mqtt", TEXT ("\x20\x02\0\x05"), 1, false, "MQTT: asks for a password" },
  { "mqtt", TEXT ("\x20\x02\0\xff"), -1, false, "not speak MQTT" },
  { "fastcgi", TEXT ("\x01\x0a\0\x01\0\0\0\0"), -1, false,
    "not speak FastCGI" },
  { "dns", TEXT ("\0\x0c\xde\xca\x80\x05\0\1\0\0\0\0\0\0"), 1, false,
    "DNS REFUSED" },
  { "dns", TEXT ("\0\x0c\xde\xca\0\x05\0\1\0\0\0\0\0\0"), -1, false,
    "not speak DNS" },
  { "dns", TEXT ("\0\x0c\xde\xcb\x80\x05\0\1\0\0\0\0\0\0"), -1, false,
    "not speak DNS" },
  { "dns", TEXT ("\xff\xff\xde\xca\x80\x05\0\1\0\0\0\0\0\0"), 0, false, NULL },
  { "dns",
    TEXT ("\0\x2b\xde\xca\x84\0\0\1\0\1\0\0\0\0\7version\4bind\0\0\x10"
          "\0\3\xc0\x0c\0\x10\0\3\0\0\0\0\0"),
    0, false, NULL },
  { "dns",
    TEXT ("\0\x2b\xde\xca\x84\0\0\1\0\1\0\0\0\0\7version\4bind\0\0\x10"
          "\0\3\xc0\x0c\0\x10\0\3\0\0\0\0\0\2\xff"),
    1, false, "DNS NOERROR" },
};

START_TEST (test_made)
{
  struct dc_probe_answer answer;
  struct dc_error err;
  const int status = judge (made[_i].protocol, DC_OVER_TCP, made[_i].bytes,
                            made[_i].size, true, &answer, &err);

  ck_assert_msg (status == made[_i].want, "%d: %s: %d, not %d (%s)", _i,
                 made[_i].protocol, status, made[_i].want,
                 status < 0 ? err.text : answer.text);
  if (status == 1) {
    ck_assert_str_eq (answer.text, made[_i].text);
    ck_assert_int_eq (answer.is_unwell, made[_i].is_unwell);
  } else if (status < 0) {
    ck_assert_msg (unit_contains (err.text, made[_i].text), "%s", err.text);
  }
  forget (&answer);
}
END_TEST

/* A line that never ends is no greeting. */
START_TEST (test_endless_line)
{
  AUTO_FREE char *bytes = malloc (DC_SAID_LINE_MAX + 1);
  struct dc_probe_answer answer;
  struct dc_error err;

  memset (bytes, '2', DC_SAID_LINE_MAX + 1);
  ck_assert_int_eq (judge ("smtp", DC_OVER_TCP, bytes, DC_SAID_LINE_MAX, false,
                           &answer, &err),
                    0);
  forget (&answer);
  ck_assert_int_eq (judge ("smtp", DC_OVER_TCP, bytes, DC_SAID_LINE_MAX + 1,
                           false, &answer, &err),
                    -1);
  forget (&answer);
}
END_TEST

/* The body is awaited when its digest is wanted; the stated length ends it. */
START_TEST (test_http_body)
{
  static const char text[] =
      "HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\nabcdef";
  struct dc_probe_answer answer;
  struct dc_error err;

  ck_assert_int_eq (
      judge ("http", DC_OVER_TCP, text, sizeof text - 5, false, &answer, &err),
      0);
  forget (&answer);
  ck_assert_int_eq (
      judge ("http", DC_OVER_TCP, text, sizeof text - 1, false, &answer, &err),
      1);
  /* sha256sum of "abc" */
  ck_assert_str_eq (
      json_string_value (json_object_get (answer.facts, "body_digest")),
      "sha256:"
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  forget (&answer);
}
END_TEST

/* Packets that carry their own length. */
START_TEST (test_requests)
{
  const struct dc_span postgres = dc_protocol_find ("postgresql")->request;
  const struct dc_span ldap = dc_protocol_find ("ldap")->request;

  ck_assert_uint_eq (dc_said_number (postgres, 0, 4), postgres.size);
  ck_assert_uint_eq (dc_said_number (ldap, 1, 1), ldap.size - 2);
  ck_assert_uint_eq (dc_protocol_find ("ntp")->request.size, 48);
}
END_TEST

START_TEST (test_who_listens)
{
  bool is_tls = false;

  ck_assert_str_eq (dc_protocol_of_port (DC_OVER_TCP, 443, &is_tls), "http");
  ck_assert (is_tls);
  ck_assert_str_eq (dc_protocol_of_port (DC_OVER_UDP, 53, &is_tls), "dns");
  ck_assert (!is_tls);
  ck_assert_ptr_null (dc_protocol_of_port (DC_OVER_UDP, 443, &is_tls));
  ck_assert_ptr_null (dc_protocol_of_port (DC_OVER_TCP, 1, NULL));
  ck_assert_str_eq (dc_protocol_of_path ("/run/postgresql/.s.PGSQL.5432"),
                    "postgresql");
  ck_assert_str_eq (dc_protocol_of_path ("/run/php/php8.2-fpm.sock"),
                    "fastcgi");
  ck_assert_ptr_null (dc_protocol_of_path ("/run/dbus/system_bus_socket"));
}
END_TEST

START_TEST (test_no_memory)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);
  struct dc_error err;

  load ("http-nginx", &b);
  const struct dc_question question = { .protocol = dc_protocol_find ("http"),
                                        .wants_body = true };
  const struct dc_said said = { { b.data, b.size }, true };
  struct dc_probe_answer answer = { .facts = json_object () };
  OOM_LOOP (status, question.protocol->judge (&question, &said, &answer, &err))
  {
    ck_assert (status == 1 || status == -1);
    forget (&answer);
    answer.facts = json_object ();
  }
  forget (&answer);
}
END_TEST

static void
add_tests (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_recorded, 0, DC_COUNT (recordings));
  tcase_add_loop_test (tcase, test_piece_by_piece, 0, DC_COUNT (recordings));
  tcase_add_loop_test (tcase, test_crosswise, 0, DC_COUNT (recordings));
  tcase_add_loop_test (tcase, test_made, 0, DC_COUNT (made));
  tcase_add_test (tcase, test_endless_line);
  tcase_add_test (tcase, test_http_body);
  tcase_add_test (tcase, test_requests);
  tcase_add_test (tcase, test_who_listens);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("probe-judge", add_tests);
}
