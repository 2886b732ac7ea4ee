/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/profile.h"
#include "lib/json.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const char guest[] =
    "{'source': [{'path': 'web.qcow2', 'format': 'qcow2'},"
    "  {'path': 'data.raw', 'format': 'raw'}],"
    " 'guest': {'backend': 'ext', 'filesystems': ["
    "  {'device': '/dev/sda1', 'type': 'ext4', 'uuid': null, 'label': null,"
    "   'mountpoint': '/', 'state': 'clean', 'size': 8589934592},"
    "  {'device': '/dev/sda2', 'type': null, 'uuid': null, 'label': null,"
    "   'mountpoint': null, 'state': null, 'size': 1000}]},"
    " 'os': {'id': 'debian', 'pretty_name': 'Debian GNU/Linux 12'},"
    " 'architecture': 'arm', 'architecture_variant': 'v7',"
    " 'hostname': 'web',"
    " 'packages': {'items': ["
    "  {'name': 'base-files', 'manual': true, 'distribution': true},"
    "  {'name': 'libpcre2', 'manual': false, 'distribution': false},"
    "  {'name': 'nginx', 'manual': true, 'distribution': false},"
    "  {'name': 'redis', 'manual': true, 'distribution': false}]},"
    " 'users': ["
    "  {'name': 'root', 'uid': 0, 'home': '/root', 'shell': '/bin/bash',"
    "   'has_password': true, 'can_login': true},"
    "  {'name': 'www-data', 'uid': 33, 'home': '/', 'shell': '/bin/false',"
    "   'has_password': false, 'can_login': false}],"
    " 'services': ["
    "  {'name': 'apparmor.service', 'started': true, 'left_out': 'no need'},"
    "  {'name': 'cron.service', 'started': true, 'left_out': null,"
    "   'description': 'Regular background program processing daemon that '},"
    "  {'name': 'getty@tty1.service', 'started': true, 'left_out': 'a login'},"
    "  {'name': 'idle.service', 'started': false, 'left_out': null},"
    "  {'name': 'nginx.service', 'started': true, 'left_out': null,"
    "   'description': 'A web server\\u001b[31m'},"
    "  {'name': 'udev.service', 'started': true, 'left_out': 'no need'}],"
    " 'units': [{'name': 'apt-daily.timer', 'started': true},"
    "  {'name': 'b.timer', 'started': false},"
    "  {'name': 'x.socket', 'started': true}],"
    " 'endpoints': ["
    "  {'service': 'cron.service', 'protocol': 'unix', 'address': null,"
    "   'port': null, 'path': '@c', 'confidence': 'declared'},"
    "  {'service': 'nginx.service', 'protocol': 'tcp', 'address': '*',"
    "   'port': 80, 'path': null, 'confidence': 'declared'},"
    "  {'service': 'nginx.service', 'protocol': 'tcp', 'address': '::1',"
    "   'port': 8080, 'path': null, 'confidence': 'inferred'},"
    "  {'service': 'nginx.service', 'protocol': 'unix', 'address': null,"
    "   'port': null, 'path': '/run/nginx.sock', 'confidence': 'declared'}],"
    " 'couplings': ["
    "  {'kind': 'port', 'from': 'nginx.service', 'to': 'db.service',"
    "   'protocol': 'tcp', 'host': '::1', 'port': 5432, 'path': null,"
    "   'confidence': 'inferred'},"
    "  {'kind': 'outbound', 'from': 'nginx.service', 'to': null,"
    "   'protocol': 'tcp', 'host': 'mail', 'port': null, 'path': null,"
    "   'confidence': 'declared'},"
    "  {'kind': 'socket', 'from': 'nginx.service', 'to': null,"
    "   'protocol': 'unix', 'host': null, 'port': null,"
    "   'path': '/run/php.sock', 'confidence': 'declared'},"
    "  {'kind': 'requires', 'from': 'a.service', 'to': 'b.service',"
    "   'protocol': null, 'host': null, 'port': null, 'path': null,"
    "   'confidence': 'declared'}],"
    " 'mounts': [{'device': 'UUID=1', 'mountpoint': '/', 'type': 'ext4',"
    "   'options': 'defaults', 'becomes': 'image'}],"
    " 'findings': [{'id': 'x', 'text': 'something that is worth a sentence "
    "which does not fit into one line', 'evidence': {'file': '/etc/x',"
    " 'line': 3}},"
    "  {'id': 'y', 'text': 'short\\u001b[31m \\\\x41', 'evidence': null}],"
    " 'findings_left_out': 0}";

static const char expected[] =
    "Debian GNU/Linux 12, arm/v7, host name web, from web.qcow2 and 1\n"
    "  more\n"
    "\n"
    "File systems\n"
    "  /dev/sda1  ext4  8.0 GiB     /  clean\n"
    "  /dev/sda2        1000 bytes\n"
    "\n"
    "Services that start\n"
    "  nginx  tcp *:80                   A web server\\x1B[31m\n"
    "         tcp [::1]:8080 (inferred)\n"
    "         unix /run/nginx.sock\n"
    "  cron   unix @c                    Regular background program ...\n"
    "\n"
    "Services that start, but not in a container\n"
    "  no need: apparmor, udev\n"
    "  a login: getty@tty1\n"
    "\n"
    "Other units\n"
    "  timers that start: apt-daily\n"
    "  services that do not start by themselves: 1\n"
    "\n"
    "Packages: 4, 1 of them the distribution itself\n"
    "  installed on purpose: nginx, redis\n"
    "\n"
    "Users with a login shell\n"
    "  root  uid 0  /root  /bin/bash  has a password\n"
    "\n"
    "Services that need others\n"
    "  nginx.service  db.service    tcp [::1]:5432      (inferred)\n"
    "  nginx.service  another host  tcp mail\n"
    "  nginx.service  not known     unix /run/php.sock\n"
    "  a.service      b.service     requires it\n"
    "\n"
    "Mounts of fstab\n"
    "  /  ext4  image  UUID=1  defaults\n"
    "\n"
    "Findings\n"
    "  - something that is worth a sentence which does not fit into one\n"
    "    line (/etc/x:3)\n"
    "  - short?[31m \\x41\n";

/* JSON written with single quotes. */
static json_t *
parse (const char *text)
{
  struct dc_error err;
  AUTO_FREE char *copy = strdup (text);
  json_t *json = NULL;

  for (char *p = copy; *p != '\0'; p++)
    if (*p == '\'')
      *p = '"';
  ck_assert_ok (dc_json_parse (copy, strlen (copy), "test", &json, &err));
  return json;
}

START_TEST (test_guest)
{
  struct dc_error err;
  json_auto_t *json = parse (guest);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  ck_assert_ok (dc_profile_text (json, 66, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), expected);
}
END_TEST

START_TEST (test_nothing_known)
{
  struct dc_error err;
  json_auto_t *json = json_object ();
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  ck_assert_ok (dc_profile_text (json, 80, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b),
                    "Unknown operating system, unknown architecture\n");
}
END_TEST

/* A stored profile may hold anything: every list is cut, nothing crashes. */
START_TEST (test_hostile)
{
  struct dc_error err;
  json_auto_t *json = json_object ();
  static const char *const keys[] = { "services", "endpoints", "users",
                                      "mounts",   "findings",  "units",
                                      "couplings" };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  for (size_t k = 0; k < DC_COUNT (keys); k++) {
    json_t *items = json_array ();
    for (int i = 0; i < 200; i++)
      json_array_append_new (
          items, i % 10 == 0 ? json_integer (i)
                             : json_pack ("{s:s, s:b, s:b, s:s}", "name",
                                          "a.timer", "started", 1, "can_login",
                                          1, "service", "a.timer"));
    json_object_set_new (json, keys[k], items);
  }
  ck_assert_ok (dc_profile_text (json, 0, &b, &err));
  ck_assert (unit_contains (b.data, "... and 120 more"));
  ck_assert_uint_lt (b.size, 20000);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  json_auto_t *json = parse (guest);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  OOM_LOOP (status, dc_profile_text (json, 80, &b, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_buffer_release (&b);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_guest);
  tcase_add_test (tcase, test_nothing_known);
  tcase_add_test (tcase, test_hostile);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("profiletext", add);
}
