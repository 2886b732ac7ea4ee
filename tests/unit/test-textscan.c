/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/coupling/textscan.h"
#include "tests/unit/unit.h"

/* LINE and what it connects to: "HOST:PORT" or a path, each with a blank
 * behind it.
 */
static const struct {
  const char *line, *expected;
} lines[] = {
  { "DATABASE_URL=postgres://app:s3:c@db.example.org/app",
    "db.example.org:5432 " },
  { "url: jdbc:mysql://10.0.0.5:3307/shop?x=y", "10.0.0.5:3307 " },
  { "a redis://[::1]:6380/0 amqp://u@mq/v", "::1:6380 mq:5672 " },
  { "define('DB_HOST', 'localhost:/run/mysqld/mysqld.sock');",
    "/run/mysqld/mysqld.sock " },
  { "define( \"DB_HOST\" , \"db:3307\" );", "db:3307 " },
  { "REDIS_HOST=cache", "cache:6379 " },
  { "\"MYSQL_HOST\" => \"db\",", "db:3306 " },
  { "export PGHOST=\"/var/run/postgresql\"", "/var/run/postgresql " },
  { "spring.mail.host=mx.example.org", "mx.example.org:25 " },
  { "DB_HOST: ${DB_HOST}", "" },
  { "DB_HOST=", "" },
  { "DB_HOSTS_FILE=/etc/x", "" },
  { "/usr/bin/redis-server /etc/redis/redis.conf", "" },
  { "REMOTE_HOST=example.org", "" },
  { "see https://example.org/ and ftp://example.org", "" },
  { "postgres://${USER}@${HOST}/x mysql://", "" },
  { "://", "" },
  { "a://b", "" },
};

START_TEST (test_line)
{
  struct dc_span rest = dc_span_of (lines[_i].line);
  struct dc_text_target target;
  char found[1000] = "";

  while (dc_textscan_next (&rest, false, &target) > 0) {
    const size_t used = strlen (found);
    if (target.path[0] != '\0')
      (void) snprintf (found + used, sizeof found - used, "%s ", target.path);
    else
      (void) snprintf (found + used, sizeof found - used, "%s:%u ", target.host,
                       (unsigned) target.port);
  }
  ck_assert_str_eq (found, lines[_i].expected);
}
END_TEST

START_TEST (test_web)
{
  struct dc_span rest = dc_span_of ("API=https://api.example.org/v1");
  struct dc_text_target target;

  ck_assert_int_eq (dc_textscan_next (&rest, true, &target), 1);
  ck_assert_str_eq (target.host, "api.example.org");
  ck_assert_uint_eq (target.port, 443);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_line, 0, DC_COUNT (lines));
  tcase_add_test (tcase, test_web);
}

int
main (void)
{
  return unit_run ("textscan", add);
}
