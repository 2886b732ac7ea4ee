/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/profile.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define KEY "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"

static const struct dc_memory_file files[] = {
  FOLDERS,
  FILE (USR "/default.target", "[Unit]\nWants=s.service\n"),
  FILE (USR "/s.service",
        "[Service]\nEnvironment=\"API_TOKEN=abcdef\" \"MODE=x\"\n"
        "EnvironmentFile=-/etc/s.env\nExecStart=/bin/s\n"),
  DIR ("etc/mysql"),
  /* As Debian 12 has it: no password, comments that speak of some. */
  FILE ("etc/mysql/debian.cnf",
        "# THIS FILE IS OBSOLETE. password = none\n[client]\n"
        "host     = localhost\nuser     = root\npassword =\n"
        "[mysql_upgrade]\nuser = root\n"),
  FILE ("etc/rsyncd.secrets", "; users\nbackup:pw1234\n"),
  FILE ("etc/s.env", "DB_PASSWORD='hunter two'\nURL=http://u:pw123@h/\n"
                     "PASSWORD_FILE=/run/x\nPASSWORD=$X\nCOMPASS=north\n"),
  FILE ("etc/shadow", "root:$6$salt$hash:1::::::\nbin:*:1::::::\na:!:1\n"),
  DIR ("etc/ssh"),
  FILE ("etc/ssh/ssh_host_rsa_key", "key"),
  FILE ("etc/ssh/ssh_host_rsa_key.pub", "public"),
  DIR ("etc/tls"),
  FILE ("etc/tls/certificate.pem", "-----BEGIN CERTIFICATE-----\n"),
  FILE ("etc/tls/server.pem", KEY),
  DIR ("home"),
  DIR ("home/a"),
  FILE ("home/a/.my.cnf", "[client]\npassword = 'x y'\n"),
  DIR ("home/a/.ssh"),
  FILE ("home/a/.ssh/id_rsa", KEY),
  FILE ("home/a/.ssh/id_rsa.pub", "ssh-rsa x"),
  DIR ("srv"),
  DIR ("srv/w"),
  FILE ("srv/w/wp-config.php",
        "<?php\ndefine('DB_PASSWORD', 's3cret');\n"
        "// define('DB_PASSWORD', 'old');\ndefine( 'DB_HOST', 'h' );\n"
        "$password = getenv('X');\n"),
};

static int
print (const unsigned char *key, struct dc_buffer *b, struct dc_error *err)
{
  const struct dc_profile_options options = { .secret_key = key };
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_guest) *guest = NULL;
  DC_AUTO (dc_profile) *profile = NULL;

  dc_buffer_clear (b);
  if (dc_tree_memory (files, DC_COUNT (files), &tree, err) < 0 ||
      dc_guest_new ("memory", &guest, err) < 0 ||
      dc_profile_make (tree, guest, &options, &dc_report_silent, &profile,
                       err) < 0)
    return -1;
  guest = NULL;
  for (size_t i = 0; i < profile->secrets.count; i++) {
    const struct dc_secret *s = &profile->secrets.items[i];
    if (dc_buffer_print (b, err, "%s:%u %s %s %zu\n", s->path, s->line, s->kind,
                         s->name != NULL ? s->name : "-",
                         strlen (s->fingerprint)) < 0)
      return -1;
  }
  return 0;
}

#define EXPECTED(n)                                                            \
  "/etc/rsyncd.secrets:0 password file of a service - " n "\n"                 \
  "/etc/s.env:1 password DB_PASSWORD " n "\n"                                  \
  "/etc/s.env:2 password in a URL - " n "\n"                                   \
  "/etc/shadow:1 password hash root " n "\n"                                   \
  "/etc/ssh/ssh_host_rsa_key:0 SSH host key - " n "\n"                         \
  "/etc/tls/server.pem:0 private key - " n "\n"                                \
  "/home/a/.my.cnf:0 password file of a client - " n "\n"                      \
  "/home/a/.ssh/id_rsa:0 SSH key of a user - " n "\n"                          \
  "/srv/w/wp-config.php:2 password DB_PASSWORD " n "\n"                        \
  "/usr/lib/systemd/system/s.service:2 token API_TOKEN " n "\n"

static const unsigned char key[DC_SECRET_KEY_SIZE] = { 1, 2, 3 };

START_TEST (test_found)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  ck_assert_ok (print (key, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), EXPECTED ("32"));
  ck_assert_ok (print (NULL, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), EXPECTED ("0"));
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);
  int failures = 0;

  OOM_LOOP (status, print (key, &b, &err))
  failures += status < 0;
  ck_assert_int_gt (failures, 100);
  ck_assert_str_eq (dc_buffer_text (&b), EXPECTED ("32"));
}
END_TEST

static const struct {
  const char *line, *value; /* NULL: none */
} lines[] = {
  { "  # password = x", NULL },
  { "[client]", NULL },
  { "", NULL },
  { "password =", NULL },
  { "password = ''", NULL },
  { "host = db.example.com", NULL },
  { "AuthPass=abc", "abc" },
  { "key = AQD+x==", "AQD+x==" },
  { "node.session.auth.password = \"a b\"", "a b" },
  { "a:$apr1$x$y=", "a:$apr1$x$y=" },
  { "[smtp.example.com]:587 u:p", "[smtp.example.com]:587 u:p" },
  { "machine h login l password p", "machine h login l password p" },
};

START_TEST (test_value)
{
  struct dc_span value;
  const bool is_some = dc_secret_value (dc_span_of (lines[_i].line), &value);

  ck_assert_int_eq (is_some, lines[_i].value != NULL);
  ck_assert (!is_some || dc_span_is (value, lines[_i].value));
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_found);
  tcase_add_test (tcase, test_no_memory);
  tcase_add_loop_test (tcase, test_value, 0, (int) DC_COUNT (lines));
}

int
main (void)
{
  return unit_run ("secrets", add);
}
