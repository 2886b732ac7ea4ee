/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/glob.h"
#include "lib/quote.h"
#include "runtime/probe/protocol.h"

#define BYTES(text)                                                            \
  {                                                                            \
    (text), sizeof (text) - 1                                                  \
  }

/* An anonymous search for the root entry.  Source: RFC 4511, 4.5; RFC 4512,
 * 5.1.
 */
#define LDAP_SEARCH                                                            \
  "\x30\x25\x02\x01\x01\x63\x20\x04\x00\x0a\x01\x00\x0a\x01\x00\x02\x01\x00"   \
  "\x02\x01\x00\x01\x01\x00\x87\x0bobjectclass\x30\x00"
/* A clean session of nobody.  Source: MQTT 3.1.1, section 3.1. */
#define MQTT_CONNECT "\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"
/* Source: AMQP 0-9-1, section 4.2.2. */
#define AMQP_HEADER "AMQP\x00\x00\x09\x01"
/* FCGI_GET_VALUES.  Source: FastCGI specification 1.0, section 4.1. */
#define FASTCGI_GET_VALUES                                                     \
  "\x01\x09\x00\x00\x00\x10\x00\x00\x0e\x00"                                   \
  "FCGI_MAX_CONNS"
/* Version 4, a client; the transmit time comes back as the originate time.
 * Source: RFC 5905, 7.3.
 */
#define ZEROS_10 "\0\0\0\0\0\0\0\0\0\0"
#define NTP_QUERY "\x23\0\0\0\0\0\0\0\0\0" ZEROS_10 ZEROS_10 ZEROS_10 "decant 1"
/* User "postgres" of database "postgres".  Source: PostgreSQL 15, 55.7,
 * StartupMessage.
 */
#define POSTGRES_STARTUP                                                       \
  "\0\0\0\x29\0\x03\0\0user\0postgres\0database\0postgres\0\0"
#define SIP_OPTIONS                                                            \
  "OPTIONS sip:localhost SIP/2.0\r\n"                                          \
  "Via: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKdecant\r\n"                  \
  "From: <sip:decant@localhost>;tag=1\r\nTo: <sip:localhost>\r\n"              \
  "Call-ID: 1@localhost\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 0\r\n"             \
  "Content-Length: 0\r\n\r\n"
#define XMPP_STREAM                                                            \
  "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' "          \
  "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

static const struct dc_probe_protocol protocols[] = {
  { .name = "http",
    .title = "HTTP",
    .ask = dc_http_ask,
    .judge = dc_http_judge },
  { .name = "postgresql",
    .title = "PostgreSQL",
    .request = BYTES (POSTGRES_STARTUP),
    .judge = dc_postgres_judge },
  { .name = "mysql", .title = "MySQL", .judge = dc_mysql_judge },
  { .name = "redis",
    .title = "Redis",
    .request = BYTES ("PING\r\nINFO server\r\n"),
    .judge = dc_redis_judge },
  { .name = "memcached",
    .title = "memcached",
    .request = BYTES ("version\r\n"),
    .judge = dc_line_judge,
    .well = { "VERSION ", "ERROR" } },
  { .name = "smtp",
    .title = "SMTP",
    .judge = dc_line_judge,
    .well = { "220" },
    .unwell = { "4", "5" },
    .farewell = "QUIT\r\n" },
  { .name = "imap",
    .title = "IMAP",
    .judge = dc_line_judge,
    .well = { "* OK", "* PREAUTH" },
    .unwell = { "* BYE" },
    .farewell = "a LOGOUT\r\n" },
  { .name = "pop3",
    .title = "POP3",
    .judge = dc_line_judge,
    .well = { "+OK" },
    .unwell = { "-ERR" },
    .farewell = "QUIT\r\n" },
  { .name = "sieve",
    .title = "ManageSieve",
    .judge = dc_line_judge,
    .well = { "\"", "OK" },
    .unwell = { "NO", "BYE" },
    .farewell = "LOGOUT\r\n" },
  { .name = "ftp",
    .title = "FTP",
    .judge = dc_line_judge,
    .well = { "220" },
    .unwell = { "120", "4", "5" },
    .farewell = "QUIT\r\n" },
  { .name = "nntp",
    .title = "NNTP",
    .judge = dc_line_judge,
    .well = { "200", "201" },
    .unwell = { "4", "5" },
    .farewell = "QUIT\r\n" },
  { .name = "ssh", .title = "SSH", .judge = dc_line_judge, .well = { "SSH-" } },
  { .name = "rsync",
    .title = "rsync",
    .judge = dc_line_judge,
    .well = { "@RSYNCD: " },
    .unwell = { "@ERROR" } },
  { .name = "vnc", .title = "VNC", .judge = dc_line_judge, .well = { "RFB " } },
  { .name = "xmpp",
    .title = "XMPP",
    .request = BYTES (XMPP_STREAM),
    .judge = dc_line_judge,
    .well = { "<?xml", "<stream:stream" },
    .has_no_lines = true },
  { .name = "sip",
    .title = "SIP",
    .request = BYTES (SIP_OPTIONS),
    .judge = dc_line_judge,
    .well = { "SIP/2.0 " } },
  { .name = "dns", .title = "DNS", .ask = dc_dns_ask, .judge = dc_dns_judge },
  { .name = "ldap",
    .title = "LDAP",
    .request = BYTES (LDAP_SEARCH),
    .judge = dc_ldap_judge },
  { .name = "amqp",
    .title = "AMQP",
    .request = BYTES (AMQP_HEADER),
    .judge = dc_amqp_judge },
  { .name = "mqtt",
    .title = "MQTT",
    .request = BYTES (MQTT_CONNECT),
    .judge = dc_mqtt_judge },
  { .name = "fastcgi",
    .title = "FastCGI",
    .request = BYTES (FASTCGI_GET_VALUES),
    .judge = dc_fastcgi_judge },
  { .name = "ntp",
    .title = "NTP",
    .request = BYTES (NTP_QUERY),
    .judge = dc_ntp_judge },
};

/* Source: IANA's service names and port numbers, and what is usual. */
static const struct {
  uint16_t port;
  bool is_tls;
  bool has_udp;
  const char *protocol;
} ports[] = {
  { 21, false, false, "ftp" },       { 22, false, false, "ssh" },
  { 24, false, false, "smtp" },      { 25, false, false, "smtp" },
  { 53, false, true, "dns" },        { 80, false, false, "http" },
  { 110, false, false, "pop3" },     { 119, false, false, "nntp" },
  { 123, false, true, "ntp" },       { 143, false, false, "imap" },
  { 389, false, false, "ldap" },     { 443, true, false, "http" },
  { 465, true, false, "smtp" },      { 563, true, false, "nntp" },
  { 587, false, false, "smtp" },     { 636, true, false, "ldap" },
  { 853, true, false, "dns" },       { 873, false, false, "rsync" },
  { 990, true, false, "ftp" },       { 993, true, false, "imap" },
  { 995, true, false, "pop3" },      { 1883, false, false, "mqtt" },
  { 3306, false, false, "mysql" },   { 4190, false, false, "sieve" },
  { 5060, false, true, "sip" },      { 5222, false, false, "xmpp" },
  { 5269, false, false, "xmpp" },    { 5432, false, false, "postgresql" },
  { 5671, true, false, "amqp" },     { 5672, false, false, "amqp" },
  { 5900, false, false, "vnc" },     { 6379, false, false, "redis" },
  { 8000, false, false, "http" },    { 8080, false, false, "http" },
  { 8081, false, false, "http" },    { 8443, true, false, "http" },
  { 8883, true, false, "mqtt" },     { 8888, false, false, "http" },
  { 9000, false, false, "fastcgi" }, { 11211, false, false, "memcached" },
};

/* Source: the packages of Debian 12. */
static const struct {
  const char *pattern;
  const char *protocol;
} paths[] = {
  { "*/.s.PGSQL.*", "postgresql" },
  { "*/mysqld.sock", "mysql" },
  { "*/mysql.sock", "mysql" },
  { "*/redis*.sock", "redis" },
  { "*/php*-fpm*.sock", "fastcgi" },
  { "*/memcached.sock", "memcached" },
  { "*/ldapi", "ldap" },
};

const struct dc_probe_protocol *
dc_protocol_find (const char *name)
{
  for (size_t i = 0; i < DC_COUNT (protocols); i++)
    if (strcmp (protocols[i].name, name) == 0)
      return &protocols[i];
  return NULL;
}

const struct dc_probe_protocol *
dc_protocol_at (size_t i)
{
  return i < DC_COUNT (protocols) ? &protocols[i] : NULL;
}

const char *
dc_protocol_of_port (enum dc_transport transport, uint16_t port, bool *is_tls)
{
  for (size_t i = 0; i < DC_COUNT (ports); i++) {
    if (ports[i].port != port ||
        (transport == DC_OVER_UDP && !ports[i].has_udp))
      continue;
    if (is_tls != NULL)
      *is_tls = ports[i].is_tls;
    return ports[i].protocol;
  }
  if (is_tls != NULL)
    *is_tls = false;
  return NULL;
}

const char *
dc_protocol_of_path (const char *path)
{
  for (size_t i = 0; i < DC_COUNT (paths); i++)
    if (dc_glob_match (paths[i].pattern, path))
      return paths[i].protocol;
  return NULL;
}

int
dc_answer_say (struct dc_probe_answer *answer, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  (void) vsnprintf (answer->text, sizeof answer->text, fmt, args);
  va_end (args);
  return 1;
}

int
dc_answer_refuse (const struct dc_question *question,
                  const struct dc_said *said, struct dc_error *err)
{
  const size_t size = said->bytes.size < 40 ? said->bytes.size : 40;

  return dc_fail (err, DC_ERR_INVALID, "it does not speak %s but says '%s'",
                  question->protocol->title,
                  dc_quote_bytes (said->bytes.text, size).text);
}

int
dc_said_line (const struct dc_said *said, struct dc_span *line)
{
  struct dc_span rest = said->bytes;
  const bool is_complete = dc_span_has (rest, '\n');

  if (!is_complete && !said->is_over)
    return rest.size <= DC_SAID_LINE_MAX ? 0 : -1;
  if (!dc_span_line (&rest, line))
    return 0;
  *line = dc_span_trim (*line);
  return line->size <= DC_SAID_LINE_MAX ? 1 : -1;
}

uint32_t
dc_said_number (struct dc_span bytes, size_t offset, size_t size)
{
  uint32_t number = 0;

  for (size_t i = 0; i < size; i++)
    number = number << 8 | (unsigned char) bytes.text[offset + i];
  return number;
}
