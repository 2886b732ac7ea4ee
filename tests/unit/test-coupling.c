/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/profile.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define SERVICE(name, text) FILE (USR "/" name ".service", text)

/* A proxy before an application that has a database, a cache and a mail relay
 * elsewhere.
 */
static const struct dc_memory_file files[] = {
  FOLDERS,
  FILE (USR "/default.target",
        "[Unit]\nWants=nginx.service app.service redis.service\n"),
  SERVICE ("nginx", "[Unit]\nWants=app.service none.service\n"
                    "[Service]\nExecStart=/usr/sbin/nginx\n"),
  SERVICE ("app",
           "[Service]\nEnvironment=\"REDIS_URL=redis://web1/0\"\n"
           "EnvironmentFile=-/etc/default/app\nExecStart=/srv/app/run\n"),
  SERVICE ("redis", "[Service]\nExecStart=/usr/bin/redis-server "
                    "/etc/redis.conf\n"),
  DIR ("etc/default"),
  FILE ("etc/default/app", "# x\n#DB_HOST=old\nSMTP_HOST=mx.example.org\n"),
  FILE ("etc/hostname", "web1\n"),
  FILE ("etc/hosts", "127.0.1.1 me # me too\n10.0.0.1 other\n"
                     "10.0.0.7 web.example.org\n"),
  DIR ("etc/network"),
  FILE ("etc/network/interfaces",
        "auto eth0\niface eth0 inet static\n  address 10.0.0.7/24\n"),
  DIR ("etc/nginx"),
  FILE ("etc/nginx/nginx.conf",
        "http { server { listen 80;\n"
        "location / { proxy_pass http://127.0.0.1:8080; } } }\n"),
  FILE ("etc/redis.conf",
        "port 6379\nbind 0.0.0.0\nunixsocket /run/redis.sock\n"),
  DIR ("srv"),
  DIR ("srv/shop"),
  FILE ("srv/shop/.env", "CACHE=x\nMEMCACHED_HOST=/var/run/redis.sock\n"
                         "MYSQL_HOST=db.example.org\nREDIS_HOST=me\n"
                         "A=redis://10.0.0.7 B=redis://web.example.org\n"),
};

/* Lines "KIND FROM -> TO HOST:PORT|PATH CONFIDENCE EVIDENCE". */
static int
print (struct dc_buffer *b, struct dc_error *err)
{
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_guest) *guest = NULL;
  DC_AUTO (dc_profile) *profile = NULL;

  dc_buffer_clear (b);
  if (dc_tree_memory (files, DC_COUNT (files), &tree, err) < 0 ||
      dc_guest_new ("memory", &guest, err) < 0 ||
      dc_profile_make (tree, guest, NULL, &dc_report_silent, &profile, err) < 0)
    return -1;
  guest = NULL;
  for (size_t i = 0; i < profile->couplings.count; i++) {
    const struct dc_coupling *c = &profile->couplings.items[i];
    if (dc_buffer_print (b, err, "%d %s -> %s %s%s:%u %d %s:%u\n",
                         (int) c->kind, c->from, c->to != NULL ? c->to : "?",
                         c->host != NULL ? c->host : "",
                         c->path != NULL ? c->path : "", (unsigned) c->port,
                         (int) c->confidence, c->from_evidence.file,
                         c->from_evidence.line) < 0)
      return -1;
  }
  return 0;
}

static const char expected[] =
    "0 /srv/shop/.env -> redis.service 10.0.0.7:6379 2 /srv/shop/.env:5\n"
    "3 /srv/shop/.env -> ? db.example.org:3306 2 /srv/shop/.env:3\n"
    "0 /srv/shop/.env -> redis.service me:6379 2 /srv/shop/.env:4\n"
    "0 /srv/shop/.env -> redis.service web.example.org:6379 2 "
    "/srv/shop/.env:5\n"
    "1 /srv/shop/.env -> redis.service /var/run/redis.sock:0 2 "
    "/srv/shop/.env:2\n"
    "3 app.service -> ? mx.example.org:25 2 /etc/default/app:3\n"
    "0 app.service -> redis.service web1:6379 2 "
    "/usr/lib/systemd/system/app.service:2\n"
    "0 nginx.service -> ? 127.0.0.1:8080 1 /etc/nginx/nginx.conf:2\n"
    "2 nginx.service -> app.service :0 1 "
    "/usr/lib/systemd/system/nginx.service:2\n";

START_TEST (test_couplings)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  ck_assert_ok (print (&b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), expected);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);
  int failures = 0;

  OOM_LOOP (status, print (&b, &err))
  failures += status < 0;
  ck_assert_int_gt (failures, 100);
  ck_assert_str_eq (dc_buffer_text (&b), expected);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_couplings);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("coupling", add);
}
