/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <libnbd.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/landlock.h"
#include "lib/run.h"
#include "tests/unit/unit.h"

#define ARGV(...)                                                              \
  (const char *const[])                                                        \
  {                                                                            \
    __VA_ARGS__, NULL                                                          \
  }
#define SHELL(script) ARGV ("sh", "-c", (script))

static struct dc_error err;

/* Two folders beside each other, in which the jailed work: "in", "out". */
static struct {
  char *path;
  char *in;
  char *out;
} scratch;

static char *
join (const char *folder, const char *name)
{
  char *path = NULL;

  ck_assert_int_gt (asprintf (&path, "%s/%s", folder, name), 0);
  return path;
}

static void
make_file (const char *folder, const char *name, const char *text)
{
  AUTO_FREE char *path = join (folder, name);
  AUTO_CLOSE int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  ck_assert_int_ge (fd, 0);
  ck_assert_ok (dc_file_write (fd, text, strlen (text), &err));
}

static void
begin (void)
{
  scratch.path = unit_scratch ();
  scratch.in = join (scratch.path, "in");
  scratch.out = join (scratch.path, "out");
  ck_assert_int_eq (mkdir (scratch.in, 0700), 0);
  ck_assert_int_eq (mkdir (scratch.out, 0700), 0);
  make_file (scratch.in, "file", "inside\n");
  make_file (scratch.path, "secret", "outside\n");
  ck_assert_int_eq (chdir (scratch.path), 0);
}

static void
end (void)
{
  ck_assert_int_eq (chdir ("/"), 0);
  free (scratch.path);
  free (scratch.in);
  free (scratch.out);
}

/* ARGV in a jail that reads in/ and writes out/. */
static int
run_jailed (const char *const *argv, struct dc_buffer *out)
{
  const struct dc_jail jail = { .read_paths = ARGV (scratch.in),
                                .write_paths = ARGV (scratch.out) };
  const struct dc_run run = { .argv = argv, .out = out, .jail = &jail };

  return dc_run (&run, &dc_report_silent, &err);
}

static void
assert_prints (const char *const *argv, const char *words)
{
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (100000);

  ck_assert_ok (run_jailed (argv, &out));
  ck_assert_msg (unit_contains (dc_buffer_text (&out), words), "%s",
                 dc_buffer_text (&out));
}

/* What a jailed shell must not get done. */
static const char *const refused[] = {
  "cat secret",
  "cat in/../secret",
  "cat /etc/passwd",
  "cat /proc/self/environ",
  "ls .",
  "ls /",
  "echo x >in/file",
  "echo x >>in/new",
  "rm in/file",
  "mv in/file out/",
  "mv out in/",
  "cp in/file new",
  "cat /dev/kmsg",
  "cp /bin/true out/ && out/true", /* what it wrote it cannot start */
};

START_TEST (test_refused)
{
  ck_assert_fails (run_jailed (SHELL (refused[_i]), NULL), DC_ERR_TOOL,
                   "ermission denied");
}
END_TEST

static const char *const allowed[] = {
  "test \"$(cat in/file)\" = inside",
  "ls in out",
  "echo x >out/file && echo y >>out/file && echo z >out/file",
  "mkdir out/a out/b && ln -s a out/link && mkfifo out/fifo",
  "mkdir out/a out/b && echo x >out/a/f && mv out/a/f out/b && rm -r out/b",
  "echo x >/dev/null && head -c1 /dev/urandom",
};

START_TEST (test_allowed)
{
  ck_assert_ok (run_jailed (SHELL (allowed[_i]), NULL));
}
END_TEST

START_TEST (test_single_files)
{
  const struct dc_jail jail = { .read_paths = ARGV ("secret"),
                                .write_paths = ARGV ("in/file") };
  const struct dc_run run = { .argv = SHELL ("cat secret >in/file"),
                              .jail = &jail };
  const struct dc_run other = { .argv = ARGV ("ls", "in"), .jail = &jail };

  ck_assert_ok (dc_run (&run, &dc_report_silent, &err));
  ck_assert_fails (dc_run (&other, &dc_report_silent, &err), DC_ERR_TOOL,
                   "Permission denied");
}
END_TEST

START_TEST (test_absent_path)
{
  const struct dc_jail jail = { .read_paths = ARGV ("absent") };
  const struct dc_run run = { .argv = ARGV ("true"), .jail = &jail };

  ck_assert_fails (dc_run (&run, &dc_report_silent, &err), DC_ERR_NOTFOUND,
                   "cannot let a program use a file: cannot find 'absent'");
}
END_TEST

START_TEST (test_no_power)
{
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (10000);
  const struct dc_jail jail = { .read_paths = ARGV ("/proc") };
  const struct dc_run run = {
    .argv = ARGV ("grep", "-E", "^(NoNewPrivs|CapEff|CapBnd|CapPrm)",
                  "/proc/self/status"),
    .out = &out,
    .jail = &jail
  };

  ck_assert_ok (dc_run (&run, &dc_report_silent, &err));
  ck_assert (unit_contains (dc_buffer_text (&out), "NoNewPrivs:\t1\n"));
  if (geteuid () == 0) /* CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH */
    ck_assert_str_eq (dc_buffer_text (&out), "CapPrm:\t0000000000000006\n"
                                             "CapEff:\t0000000000000006\n"
                                             "CapBnd:\t0000000000000006\n"
                                             "NoNewPrivs:\t1\n");
}
END_TEST

START_TEST (test_no_tcp)
{
  if (dc_landlock_abi () < 4) {
    fprintf (stderr, "Landlock is older than its TCP rules, skipping\n");
    return;
  }
  ck_assert_fails (
      run_jailed (ARGV ("bash", "-c", "echo >/dev/tcp/127.0.0.1/1"), NULL),
      DC_ERR_TOOL, "Permission denied");
}
END_TEST

START_TEST (test_limits)
{
  const struct dc_jail cpu = { .cpu_max_s = 1 };
  const struct dc_jail memory = { .memory_max = 64 * 1024 * 1024 };
  const struct dc_run loops = { .argv = SHELL ("while :; do :; done"),
                                .jail = &cpu };
  const struct dc_run eats = {
    .argv = SHELL ("x=$(head -c 200000000 /dev/zero | tr '\\0' x); exit 0"),
    .jail = &memory
  };

  ck_assert_fails (dc_run (&loops, &dc_report_silent, &err), DC_ERR_TOOL,
                   "sh was killed by signal 24");
  ck_assert_fails (dc_run (&eats, &dc_report_silent, &err), DC_ERR_TOOL, "sh");
}
END_TEST

static void
make_disks (void)
{
  const struct dc_run inside = { .argv = ARGV ("qemu-img", "create", "-q", "-f",
                                               "qcow2", "in/disk", "16M") };
  const struct dc_run hostile = {
    .argv = ARGV ("qemu-img", "create", "-q", "-f", "qcow2", "-b", "../secret",
                  "-F", "raw", "in/hostile")
  };

  ck_assert_ok (dc_run (&inside, &dc_report_silent, &err));
  ck_assert_ok (dc_run (&hostile, &dc_report_silent, &err));
}

START_TEST (test_qemu_img)
{
  AUTO_FREE char *program = dc_run_find ("qemu-img");
  if (program == NULL) {
    fprintf (stderr, "qemu-img is not installed, skipping\n");
    return;
  }
  make_disks ();
  assert_prints (ARGV ("qemu-img", "info", "--output=json", "in/disk"),
                 "\"virtual-size\": 16777216");
  assert_prints (ARGV ("qemu-img", "map", "--output=json", "in/disk"),
                 "\"length\": 16777216");
  ck_assert_ok (run_jailed (ARGV ("qemu-img", "convert", "-f", "qcow2", "-O",
                                  "qcow2", "in/disk", "out/copy"),
                            NULL));
  ck_assert_fails (
      run_jailed (ARGV ("qemu-img", "map", "--output=json", "in/hostile"),
                  NULL),
      DC_ERR_TOOL, "Could not open 'in/../secret': Permission");
}
END_TEST

/* A connection as soon as the server listens; NULL when it ends before, or
 * 20 s have passed.  A handle that failed once takes no second try.
 */
static struct nbd_handle *
connect_nbd (struct dc_child *server, const char *path)
{
  for (int i = 0; i < 1000 && !dc_child_has_ended (server, &err); i++) {
    struct nbd_handle *nbd = nbd_create ();
    if (nbd != NULL && nbd_connect_unix (nbd, path) == 0)
      return nbd;
    nbd_close (nbd);
    (void) poll (NULL, 0, 20);
  }
  return NULL;
}

START_TEST (test_qemu_nbd)
{
  AUTO_FREE char *program = dc_run_find ("qemu-nbd");
  if (program == NULL) {
    fprintf (stderr, "qemu-nbd is not installed, skipping\n");
    return;
  }
  make_disks ();
  AUTO_FREE char *socket = join (scratch.out, "nbd");
  const struct dc_jail jail = { .read_paths = ARGV (scratch.in),
                                .write_paths = ARGV (scratch.out) };
  const struct dc_run run = { .argv = ARGV ("qemu-nbd", "--read-only",
                                            "--format=qcow2", "--persistent",
                                            "--socket", socket, "in/disk"),
                              .jail = &jail };
  DC_AUTO (dc_child) *server = NULL;
  char bytes[512] = "x";

  ck_assert_ok (dc_child_start (&run, &server, &err));
  struct nbd_handle *nbd = connect_nbd (server, socket);
  ck_assert_msg (nbd != NULL, "%s", err.text);
  ck_assert_int_eq (nbd_get_size (nbd), 16777216);
  ck_assert_int_eq (nbd_pread (nbd, bytes, sizeof bytes, 0, 0), 0);
  ck_assert_int_eq (bytes[0], 0);
  nbd_close (nbd);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_checked_fixture (tcase, begin, end);
  tcase_add_test (tcase, test_limits);
  if (dc_landlock_abi () == 0) {
    fprintf (stderr, "this kernel has no Landlock, skipping\n");
    return;
  }
  tcase_add_loop_test (tcase, test_refused, 0, DC_COUNT (refused));
  tcase_add_loop_test (tcase, test_allowed, 0, DC_COUNT (allowed));
  tcase_add_test (tcase, test_single_files);
  tcase_add_test (tcase, test_absent_path);
  tcase_add_test (tcase, test_no_power);
  tcase_add_test (tcase, test_no_tcp);
  tcase_add_test (tcase, test_qemu_img);
  tcase_add_test (tcase, test_qemu_nbd);
}

int
main (void)
{
  return unit_run ("run_jail", add);
}
