/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "runtime/init/plan.h"
#include "runtime/init/words.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

#define HEAD "decant-init 1\n"
#define START "exec start - /bin/a a\n"

/* A plan, and the text that it lies in. */
struct parsed {
  struct di_plan plan;
  char *text;
};

static int
parse (const char *text, struct parsed *p, struct di_error *err)
{
  const size_t size = strlen (text);

  p->text = NULL;
  p->plan = (struct di_plan){ 0 };
  p->text = malloc (size + 1);
  if (p->text == NULL)
    return di_fail (err, "no memory", NULL);
  memcpy (p->text, text, size + 1);
  return di_plan_parse (p->text, size, &p->plan, err);
}

static void
release (struct parsed *p)
{
  di_plan_release (&p->plan);
  free (p->text);
}

static const char rich[] =
    HEAD "# a comment, and an empty line\n"
         "\n"
         "tmpfile d /run 0755 0 0\n"
         "tmpfile L /var/run 0777 0 0 /run\n"
         "tmpfile f+=- /run/a :~0755 - :5 x%20y\n"
         "service web\n"
         "  type forking\n"
         "\tessential\n"
         "  after db\n"
         "  needs cache db\n"
         "  on-demand\n"
         "  tie failure cache db\n"
         "  condition exists nt /etc/no%20web\n"
         "  user 33\n"
         "  group 33\n"
         "  groups 33 4\n"
         "  umask 0027\n"
         "  limit nofile 1024 keep\n"
         "  limit core infinity infinity\n"
         "  chdir i /srv\n"
         "  env A=1 B=%25x%0A C= D=caf\xc3\xa9\n"
         "  envfile i /etc/default/web\n"
         "  exec pre ip /bin/true true\n"
         "  exec start n /usr/sbin/web % -g daemon%20on; $X\n"
         "  folder runtime 0750 /run/web /run/web2\n"
         "  preserve restart\n"
         "  pidfile /run/web.pid\n"
         "  no-guess\n"
         "  kill-signal 3\n"
         "  kill-mode mixed\n"
         "  no-sigkill\n"
         "  timeout-start infinity\n"
         "  timeout-stop 5000\n"
         "  restart on-failure\n"
         "  restart-delay 0\n"
         "  start-limit 0 0\n"
         "  success 7 s15\n"
         "  sigpipe\n"
         "service db\n"
         "  type oneshot\n"
         "  remain\n"
         "service cache\n"
         "  notify all\n"
         "  type notify\n"
         "  exec start - /bin/cache cache\n";

START_TEST (test_all_keywords)
{
  struct di_error err;
  struct parsed p;

  ck_assert_msg (parse (rich, &p, &err) == 0, "%s", err.text);
  ck_assert_uint_eq (p.plan.service_count, 3);
  const struct di_line *file = &p.plan.lines[2];
  ck_assert_int_eq (file->choice, DI_TMP_FILE);
  ck_assert_uint_eq (file->flags, DI_TMP_FORCE | DI_TMP_REPLACE | DI_TMP_QUIET |
                                      DI_TMP_MASK | DI_TMP_NEW_MODE |
                                      DI_TMP_NEW_MODE << 2);
  ck_assert_int_eq (file->numbers[0], 0755);
  ck_assert_int_eq (file->numbers[1], DI_KEEP);
  ck_assert_int_eq (file->numbers[2], 5);
  const struct di_service *web = &p.plan.services[0];
  ck_assert_str_eq (web->name, "web");
  ck_assert_int_eq (web->type, DI_FORKING);
  ck_assert (web->is_on_demand && !p.plan.services[1].is_on_demand);
  ck_assert (web->is_essential && web->no_guess && web->no_sigkill &&
             web->has_sigpipe && !web->remains && !web->sends_sighup);
  ck_assert_int_eq (web->user, 33);
  ck_assert_int_eq (web->group, 33);
  ck_assert_int_eq (web->umask, 027);
  ck_assert_int_eq (web->preserve, DI_PRESERVE_RESTART);
  ck_assert_str_eq (web->pidfile, "/run/web.pid");
  ck_assert_int_eq (web->kill_signal, 3);
  ck_assert_int_eq (web->kill_mode, DI_KILL_MIXED);
  ck_assert_int_eq (web->timeout_start_ms, DI_NEVER);
  ck_assert_int_eq (web->timeout_stop_ms, 5000);
  ck_assert_int_eq (web->restart, DI_RESTART_ON_FAILURE);
  ck_assert_int_eq (web->restart_delay_ms, 0);
  ck_assert_int_eq (web->start_limit[0], 0);
  ck_assert_int_eq (web->start_limit[1], 0);
  ck_assert (p.plan.services[1].remains);
  ck_assert_int_eq (p.plan.services[2].notify, DI_WHO_ALL);
  release (&p);
}
END_TEST

START_TEST (test_words_of_lists)
{
  struct di_error err;
  struct parsed p;
  size_t position = 0;

  ck_assert_msg (parse (rich, &p, &err) == 0, "%s", err.text);
  const struct di_service *web = &p.plan.services[0];
  const struct di_line *line = di_next (web, DI_ENV, &position);
  ck_assert_uint_eq (line->count, 4);
  ck_assert_str_eq (line->words[1], "B=%x\n");
  ck_assert_str_eq (line->words[3], "D=caf\xc3\xa9");
  ck_assert_ptr_null (di_next (web, DI_ENV, &position));

  position = 0;
  line = di_next (web, DI_EXEC, &position);
  ck_assert_int_eq (line->choice, DI_PHASE_PRE);
  ck_assert_uint_eq (line->flags, DI_IGNORE | DI_PRIVILEGED);
  line = di_next (web, DI_EXEC, &position);
  ck_assert_int_eq (line->choice, DI_PHASE_START);
  ck_assert_str_eq (line->words[3], ""); /* % alone */
  ck_assert_str_eq (line->words[5], "daemon on;");

  position = 0;
  line = di_next (web, DI_LIMIT, &position);
  ck_assert_str_eq (di_resource_name (line->choice), "nofile");
  ck_assert_int_eq (line->numbers[0], 1024);
  ck_assert_int_eq (line->numbers[1], DI_LIMIT_KEEP);
  line = di_next (web, DI_LIMIT, &position);
  ck_assert_int_eq (line->numbers[0], DI_LIMIT_INFINITY);

  ck_assert_int_eq (p.plan.lines[0].numbers[0], 0755);
  ck_assert_str_eq (p.plan.lines[1].words[5], "/run");
  release (&p);
}
END_TEST

START_TEST (test_order_becomes_edges)
{
  struct di_error err;
  struct parsed p;
  static const struct di_edge edges[] = {
    { .from = 1, .to = 0, .is_needed = false },
    { .from = 2, .to = 0, .is_needed = true },
    { .from = 1, .to = 0, .is_needed = true },
  };

  ck_assert_msg (parse (rich, &p, &err) == 0, "%s", err.text);
  ck_assert_uint_eq (p.plan.edge_count, DC_COUNT (edges));
  for (size_t i = 0; i < DC_COUNT (edges); i++) {
    ck_assert_uint_eq (p.plan.edges[i].from, edges[i].from);
    ck_assert_uint_eq (p.plan.edges[i].to, edges[i].to);
    ck_assert_int_eq (p.plan.edges[i].is_needed, edges[i].is_needed);
  }
  release (&p);
}
END_TEST

START_TEST (test_ties)
{
  struct di_error err;
  struct parsed p;
  static const struct di_tie ties[] = {
    { .from = 0, .to = 2, .kind = DI_TIE_REQUIRES },
    { .from = 0, .to = 1, .kind = DI_TIE_REQUIRES },
    { .from = 0, .to = 2, .kind = DI_TIE_FAILURE },
    { .from = 0, .to = 1, .kind = DI_TIE_FAILURE },
  };

  ck_assert_msg (parse (rich, &p, &err) == 0, "%s", err.text);
  ck_assert_uint_eq (p.plan.tie_count, DC_COUNT (ties));
  for (size_t i = 0; i < DC_COUNT (ties); i++) {
    ck_assert_uint_eq (p.plan.ties[i].from, ties[i].from);
    ck_assert_uint_eq (p.plan.ties[i].to, ties[i].to);
    ck_assert_int_eq (p.plan.ties[i].kind, ties[i].kind);
  }
  release (&p);
}
END_TEST

static const struct {
  const char *text, *words;
} bad[] = {
  { "", "is empty" },
  { "\n", "line 1: is not 'decant-init 1'" },
  { "decant-init 2\n", "line 1: is not 'decant-init 1'" },
  { "decant-init 1", "line 1: is cut off" },
  { HEAD "service a", "line 2: is cut off" },
  { HEAD "srvice a\n", "line 2: unknown keyword 'srvice'" },
  { HEAD "\n#\ntype simple\n", "line 4: 'type' stands before the first" },
  { HEAD "service a b\n", "line 2: service does not take 'b'" },
  { HEAD "service\n", "line 2: service needs more words" },
  { HEAD "service a/b\n", "service does not take 'a/b'" },
  { HEAD "service ..\n", "service does not take '..'" },
  { HEAD "service a%20b\n", "service does not take 'a b'" },
  { HEAD "service a\n" START "service a\n", "a service 'a' already" },
  { HEAD "service a\n", "'a' has 0 start commands" },
  { HEAD "service a\n" START START, "'a' has 2 start commands" },
  { HEAD "service a\nafter b\n" START, "line 3: there is no service 'b'" },
  { HEAD "service a\nafter a\n" START, "'a' waits for itself" },
  { HEAD "service a\nafter b\n" START "service b\nneeds a\n" START,
    "'a' waits for itself" },
  { HEAD "service a\ntype fork\n", "type does not take 'fork'" },
  { HEAD "service a\nuser root\n", "user does not take 'root'" },
  { HEAD "service a\nuser 4294967295\n", "user does not take" },
  { HEAD "service a\nuser -1\n", "user does not take" },
  { HEAD "service a\nuser 99999999999999999999\n", "user does not take" },
  { HEAD "service a\numask 0888\n", "umask does not take" },
  { HEAD "service a\numask 10000\n", "umask does not take" },
  { HEAD "service a\nlimit nofile 1\n", "limit needs more words" },
  { HEAD "service a\nlimit files 1 1\n", "limit does not take 'files'" },
  { HEAD "service a\nchdir - srv\n", "chdir does not take 'srv'" },
  { HEAD "service a\nenv A\n", "env does not take 'A'" },
  { HEAD "service a\nenv =x\n", "env does not take '=x'" },
  { HEAD "service a\nenv\n", "env needs more words" },
  { HEAD "service a\nexec start - /bin/a\n", "exec needs more words" },
  { HEAD "service a\nexec start x /bin/a a\n", "exec does not take 'x'" },
  { HEAD "service a\nexec start - a a\n", "exec does not take 'a'" },
  { HEAD "service a\nkill-signal 65\n", "kill-signal does not take" },
  { HEAD "service a\nkill-signal 0\n", "kill-signal does not take" },
  { HEAD "service a\ntimeout-stop 1s\n", "timeout-stop does not take" },
  { HEAD "service a\nsuccess s0\n", "success does not take 's0'" },
  { HEAD "service a\nsuccess 256\n", "success does not take '256'" },
  { HEAD "service a\nremain yes\n", "remain does not take 'yes'" },
  { HEAD "tmpfile d run 0755 0 0\n", "tmpfile does not take 'run'" },
  { HEAD "tmpfile d /run 0755 0\n", "tmpfile needs more words" },
  { HEAD "tmpfile f /run 0755 0 0 x y\n", "tmpfile does not take 'y'" },
  { HEAD "tmpfile y /run 0755 0 0\n", "tmpfile does not take 'y'" },
  { HEAD "tmpfile d! /run 0755 0 0\n", "tmpfile does not take 'd!'" },
  { HEAD "tmpfile d /run :~ 0 0\n", "tmpfile does not take '" },
  { HEAD "tmpfile d /run 0755 ~0 0\n", "tmpfile does not take '~0'" },
  { HEAD "service a\nenv A=%\n", "not followed by two hex digits" },
  { HEAD "service a\nenv A=%2\n", "not followed by two hex digits" },
  { HEAD "service a\nenv A=%00\n", "not followed by two hex digits" },
  { HEAD "service a\nenv A=%0a\n", "not followed by two hex digits" },
  { HEAD "service a\nenv A=\x1b[0m\n", "a control character is not escaped" },
  { HEAD "service a\r\n", "a control character is not escaped" },
};

START_TEST (test_refuses)
{
  struct di_error err;
  struct parsed p;

  ck_assert_int_eq (parse (bad[_i].text, &p, &err), -1);
  ck_assert_msg (unit_contains (err.text, bad[_i].words),
                 "'%s' does not contain '%s'", err.text, bad[_i].words);
  ck_assert_ptr_null (p.plan.lines);
  release (&p);
}
END_TEST

START_TEST (test_refuses_a_nul_byte)
{
  struct di_error err;
  struct di_plan plan;
  char text[] = HEAD "service a\0b\n";

  ck_assert_int_eq (di_plan_parse (text, sizeof text - 1, &plan, &err), -1);
  ck_assert (unit_contains (err.text, "NUL"));
}
END_TEST

/* N services named 1, 2, ... */
static char *
many_services (unsigned count)
{
  const size_t room = (size_t) count * 64 + sizeof HEAD;
  char *text = malloc (room);
  ck_assert_ptr_nonnull (text);
  size_t used = (size_t) snprintf (text, room, HEAD);

  for (unsigned i = 1; i <= count; i++)
    used +=
        (size_t) snprintf (text + used, room - used, "service %u\n" START, i);
  return text;
}

START_TEST (test_limit_of_services)
{
  struct di_error err;
  struct parsed p;
  AUTO_FREE char *enough = many_services (DI_SERVICE_MAX);
  AUTO_FREE char *too_many = many_services (DI_SERVICE_MAX + 1);

  ck_assert_msg (parse (enough, &p, &err) == 0, "%s", err.text);
  release (&p);
  ck_assert_int_eq (parse (too_many, &p, &err), -1);
  ck_assert (unit_contains (err.text, "more than 256 services"));
  release (&p);
}
END_TEST

START_TEST (test_limit_of_lines_and_bytes)
{
  struct di_error err;
  struct di_plan plan;
  AUTO_FREE char *text = malloc (DI_PLAN_SIZE_MAX + 2);

  ck_assert_ptr_nonnull (text);
  memset (text, '\n', DI_PLAN_SIZE_MAX + 1);
  text[DI_PLAN_SIZE_MAX + 1] = '\0';
  memcpy (text, HEAD, strlen (HEAD));
  ck_assert_int_eq (di_plan_parse (text, DI_PLAN_SIZE_MAX + 1, &plan, &err),
                    -1);
  ck_assert (unit_contains (err.text, "larger than 1048576 bytes"));
  text[DI_PLAN_SIZE_MAX] = '\0';
  ck_assert_int_eq (di_plan_parse (text, DI_PLAN_SIZE_MAX, &plan, &err), -1);
  ck_assert (unit_contains (err.text, "more than 20000 lines"));
}
END_TEST

/* Whatever is cut off or changed, there is a plan or a sentence. */
START_TEST (test_damage)
{
  static const char bytes[] = " \n%#\x01/0=z\xff";
  struct di_error err;
  struct parsed p;
  AUTO_FREE char *text = strdup (rich);

  ck_assert_ptr_nonnull (text);
  for (size_t i = 0; i < strlen (rich); i++) {
    const char saved = text[i];
    text[i] = '\0';
    err.text[0] = '\0';
    if (parse (text, &p, &err) < 0)
      ck_assert_str_ne (err.text, "");
    release (&p);
    for (size_t k = 0; k < sizeof bytes - 1; k++) {
      text[i] = bytes[k];
      err.text[0] = '\0';
      if (parse (text, &p, &err) < 0)
        ck_assert_str_ne (err.text, "");
      release (&p);
    }
    text[i] = saved;
  }
}
END_TEST

START_TEST (test_no_memory)
{
  struct di_error err;
  struct parsed p;
  int failures = 0;

  OOM_LOOP (status, parse (rich, &p, &err))
  {
    failures += status < 0;
    release (&p);
  }
  ck_assert_int_eq (failures, 7);
}
END_TEST

static const char triggers[] = HEAD "service web\n"
                                    "  on-demand\n"
                                    "  sockets web\n"
                                    "  non-blocking\n"
                                    "  " START "socket web\n"
                                    "  starts web\n"
                                    "  descriptor http\n"
                                    "  listen stream 80\n"
                                    "  listen stream [::1]:81\n"
                                    "  listen datagram 127.0.0.1:53\n"
                                    "  listen seqpacket @name\n"
                                    "  listen fifo /run/fifo\n"
                                    "  listen netlink 15:2\n"
                                    "  socket-mode 0600\n"
                                    "  socket-owner 33 34\n"
                                    "  option keep-alive 1\n"
                                    "  option congestion cubic\n"
                                    "  accept\n"
                                    "  max-connections 5\n"
                                    "  trigger-limit 7 8000\n"
                                    "timer web\n"
                                    "  starts web\n"
                                    "  elapse boot 300\n"
                                    "  calendar UTC 7f * 1ffe ~2 1 1 1\n"
                                    "  random-delay 10\n"
                                    "  persistent\n"
                                    "path web\n"
                                    "  starts web\n"
                                    "  watch filled /var/spool/web\n"
                                    "  make-folder\n"
                                    "service other\n"
                                    "  " START;

START_TEST (test_triggers)
{
  struct di_error err;
  struct parsed p;
  size_t position = 0;

  ck_assert_msg (parse (triggers, &p, &err) == 0, "%s", err.text);
  ck_assert_uint_eq (p.plan.service_count, 2);
  ck_assert_uint_eq (p.plan.trigger_count, 3);
  ck_assert (p.plan.services[0].is_on_demand);
  ck_assert (p.plan.services[0].is_non_blocking);
  const struct di_trigger *socket = &p.plan.triggers[0];
  ck_assert_int_eq (socket->kind, DI_OF_SOCKET);
  ck_assert_uint_eq (socket->service, 0);
  ck_assert_str_eq (socket->descriptor, "http");
  ck_assert_int_eq (socket->mode, 0600);
  ck_assert_int_eq (socket->owner[0], 33);
  ck_assert_int_eq (socket->owner[1], 34);
  ck_assert_int_eq (socket->limit[0], 7);
  ck_assert_int_eq (socket->limit[1], 8000);
  ck_assert_int_eq (socket->max_connections, 5);
  ck_assert (socket->accepts && !socket->is_removed);
  size_t count = 0;
  while (di_trigger_next (socket, DI_LISTEN, &position) != NULL)
    count++;
  ck_assert_uint_eq (count, 6);
  const struct di_trigger *timer = &p.plan.triggers[1];
  ck_assert_int_eq (timer->kind, DI_OF_TIMER);
  ck_assert_int_eq (timer->random_delay_ms, 10);
  ck_assert (timer->is_persistent);
  ck_assert_int_eq (p.plan.triggers[2].kind, DI_OF_PATH);
  ck_assert (p.plan.triggers[2].makes_folder);
  release (&p);
}
END_TEST

#define SOCKET HEAD "service a\n" START "socket a\nstarts a\n"
#define TIMER HEAD "service a\n" START "timer a\nstarts a\n"

static const struct {
  const char *text, *says;
} bad_triggers[] = {
  { HEAD "service a\n" START "socket a\n", "starts no service" },
  { HEAD "service a\n" START "socket a\nstarts b\n", "starts no service" },
  { HEAD "service a\n" START "sockets b\n", "there is no socket 'b'" },
  { HEAD "service a\n" START "listen stream 80\n", "does not belong" },
  { SOCKET "elapse boot 1\n", "does not belong" },
  { SOCKET "umask 022\n", "does not belong" },
  { SOCKET "socket a\nstarts a\n", "already" },
  { SOCKET "listen stream 0\n", "does not take '0'" },
  { SOCKET "listen stream 65536\n", "does not take" },
  { SOCKET "listen stream 1.2.3:4\n", "does not take" },
  { SOCKET "listen stream [::1]\n", "does not take" },
  { SOCKET "listen stream [::1:80\n", "does not take" },
  { SOCKET "listen stream ]\n", "does not take" },
  { SOCKET "listen stream @\n", "does not take" },
  { SOCKET "listen fifo fifo\n", "does not take" },
  { SOCKET "listen netlink 15\n", "does not take" },
  { SOCKET "option nothing 1\n", "unknown option" },
  { SOCKET "option mark x\n", "option does not take 'x'" },
  { TIMER "elapse never 1\n", "elapse does not take" },
  { TIMER "calendar - 7f * 1ffe 2 1 1\n", "more words" },
  { TIMER "calendar - 7f x 1ffe 2 1 1 1\n", "does not take such" },
  { TIMER "calendar - 7f * 1ffe ~ 1 1 1\n", "does not take such" },
  { TIMER "calendar - 7f * 1ffe 2 1 1 11111111111111111\n",
    "does not take such" },
};

START_TEST (test_refuses_triggers)
{
  struct di_error err;
  struct parsed p;

  ck_assert_int_eq (parse (bad_triggers[_i].text, &p, &err), -1);
  ck_assert_msg (strstr (err.text, bad_triggers[_i].says) != NULL, "%s",
                 err.text);
  release (&p);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_triggers);
  tcase_add_loop_test (tcase, test_refuses_triggers, 0,
                       DC_COUNT (bad_triggers));

  tcase_add_test (tcase, test_all_keywords);
  tcase_add_test (tcase, test_words_of_lists);
  tcase_add_test (tcase, test_order_becomes_edges);
  tcase_add_test (tcase, test_ties);
  tcase_add_loop_test (tcase, test_refuses, 0, DC_COUNT (bad));
  tcase_add_test (tcase, test_refuses_a_nul_byte);
  tcase_add_test (tcase, test_limit_of_services);
  tcase_add_test (tcase, test_limit_of_lines_and_bytes);
  tcase_add_test (tcase, test_damage);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("init-plan", add);
}
