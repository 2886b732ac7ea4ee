/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/disk/chain.h"
#include "lib/disk/qemu.h"
#include "lib/file.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

static const struct dc_disk_options no_options = { .format = NULL };
static const struct dc_disk_options qcow2_options = { .format = "qcow2" };

static char top[] = "/tmp/test-chain-XXXXXX";

static void
write_file (const char *name, const void *bytes, size_t size)
{
  AUTO_CLOSE int fd = open (name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (write (fd, bytes, size), (ssize_t) size);
}

static void
put32 (unsigned char *bytes, size_t offset, uint32_t value)
{
  value = htobe32 (value);
  memcpy (bytes + offset, &value, sizeof value);
}

/* An empty qcow2 in clusters of 512 bytes; FORMAT "": it states none. */
static void
write_qcow2 (const char *name, const char *backing, const char *format,
             const char *data_file)
{
  unsigned char bytes[2048] = "QFI\xfb";
  const uint32_t data_offset = 112 + (format[0] != '\0' ? 16 : 0);

  put32 (bytes, 4, 3);
  put32 (bytes, 12, backing != NULL ? 400 : 0);
  put32 (bytes, 16, backing != NULL ? (uint32_t) strlen (backing) : 0);
  put32 (bytes, 20, 9);
  put32 (bytes, 28, 512);
  put32 (bytes, 36, 1);
  put32 (bytes, 44, 1024);
  put32 (bytes, 52, 512);
  put32 (bytes, 56, 1);
  put32 (bytes, 76, data_file != NULL ? 4 : 0);
  put32 (bytes, 100, 112);
  if (format[0] != '\0') {
    put32 (bytes, 112, 0xe2792aca);
    put32 (bytes, 116, (uint32_t) strlen (format));
    memcpy (bytes + 120, format, strlen (format));
  }
  if (data_file != NULL) {
    put32 (bytes, data_offset, 0x44415441);
    put32 (bytes, data_offset + 4, (uint32_t) strlen (data_file));
    memcpy (bytes + data_offset + 8, data_file, strlen (data_file));
  }
  if (backing != NULL)
    memcpy (bytes + 400, backing, strlen (backing));
  write_file (name, bytes, sizeof bytes);
}

static void
enter_top (void)
{
  ck_assert_int_eq (chdir (top), 0);
}

static void
make_tree (void)
{
  static const char extents[] = "# Disk DescriptorFile\nversion=1\n"
                                "RW 1 FLAT \"base.img\" 0\n"
                                "RW 1 FLAT \"data.bin\" 0\n";
  static const char plain[512];

  ck_assert_ptr_nonnull (mkdtemp (top));
  enter_top ();
  write_file ("base.img", plain, sizeof plain);
  write_file ("data.bin", plain, sizeof plain);
  write_file ("split.vmdk", extents, sizeof extents - 1);
  write_file ("m\xfcll.vmdk", extents, sizeof extents - 1);
  write_qcow2 ("one.qcow2", "base.img", "raw", NULL);
  write_qcow2 ("two.qcow2", "one.qcow2", "qcow2", "data.bin");
  write_qcow2 ("hidden.img", NULL, "", NULL);
  write_qcow2 ("unsure.qcow2", "hidden.img", "", NULL);
  write_qcow2 ("sure.qcow2", "one.qcow2", "", NULL);
  write_qcow2 ("plain.qcow2", "base.img", "", NULL);
  write_qcow2 ("wrong.qcow2", "base.img", "vdi", NULL);
  write_qcow2 ("odd.qcow2", "base.img", "host_device", NULL);
  write_qcow2 ("lost.qcow2", "gone.raw", "raw", NULL);
  write_qcow2 ("deep.qcow2", "lost.qcow2", "qcow2", NULL);
  write_qcow2 ("self.qcow2", "self.qcow2", "qcow2", NULL);
}

static void
remove_tree (void)
{
  struct dc_error err;

  ck_assert_ok (dc_file_remove_tree (AT_FDCWD, top, &err));
}

START_TEST (test_description)
{
  struct dc_error err;
  DC_AUTO (dc_chain) *chain = NULL;
  DC_AUTO (dc_qemu) *qemu = NULL;
  AUTO_FREE char *expected = NULL;

  ck_assert_ok (dc_chain_open ("two.qcow2", &no_options, &dc_report_silent,
                               &chain, &err));
  ck_assert_uint_eq (chain->count, 3);
  const struct dc_chain_link *link = chain->links;
  ck_assert_uint_eq (link[0].other_count, 1);
  ck_assert_str_eq (link[0].others[0].name, "data.bin");
  ck_assert_str_eq (link[2].file.name, "base.img");
  ck_assert_ok (dc_qemu_describe (chain, &qemu, &err));
  ck_assert_int_gt (
      asprintf (
          &expected,
          "json:{\"backing\":{\"backing\":{\"driver\":\"raw\",\"file\":"
          "{\"driver\":\"file\",\"filename\":\"/proc/self/fd/%d\"},"
          "\"read-only\":true},\"driver\":\"qcow2\",\"file\":{\"driver\":"
          "\"file\",\"filename\":\"/proc/self/fd/%d\"},\"read-only\":true},"
          "\"data-file\":{\"driver\":\"file\",\"filename\":"
          "\"/proc/self/fd/%d\"},\"driver\":\"qcow2\",\"file\":{\"driver\":"
          "\"file\",\"filename\":\"/proc/self/fd/%d\"},\"read-only\":true}",
          link[2].file.fd, link[1].file.fd, link[0].others[0].fd,
          link[0].file.fd),
      0);
  ck_assert_str_eq (qemu->image, expected);
  ck_assert_uint_eq (qemu->file_count, 4);
  ck_assert_int_eq (qemu->keep_fds[3], link[2].file.fd);
  ck_assert_ptr_null (qemu->read_paths[4]);
}
END_TEST

/* QEMU finds extents beside the descriptor, so it must know the folder; what
 * a file does not name is forbidden.
 */
START_TEST (test_description_by_path)
{
  struct dc_error err;
  DC_AUTO (dc_chain) *split = NULL;
  DC_AUTO (dc_chain) *alone = NULL;
  DC_AUTO (dc_qemu) *by_path = NULL;
  DC_AUTO (dc_qemu) *without = NULL;
  AUTO_FREE char *path = NULL;

  ck_assert_ok (dc_chain_open ("split.vmdk", &no_options, &dc_report_silent,
                               &split, &err));
  ck_assert_ok (dc_qemu_describe (split, &by_path, &err));
  ck_assert_int_gt (asprintf (&path, "\"filename\":\"%s/split.vmdk\"", top), 0);
  ck_assert (unit_contains (by_path->image, path));
  ck_assert (unit_contains (by_path->image, "\"backing\":null"));
  ck_assert_uint_eq (by_path->file_count, 3);

  ck_assert_ok (dc_chain_open ("hidden.img", &qcow2_options, &dc_report_silent,
                               &alone, &err));
  ck_assert_ok (dc_qemu_describe (alone, &without, &err));
  ck_assert (unit_contains (without->image, "\"backing\":null"));
}
END_TEST

START_TEST (test_path_without_utf8)
{
  struct dc_error err;
  DC_AUTO (dc_chain) *chain = NULL;
  struct dc_qemu *qemu = NULL;

  ck_assert_ok (dc_chain_open ("m\xfcll.vmdk", &no_options, &dc_report_silent,
                               &chain, &err));
  ck_assert_fails (dc_qemu_describe (chain, &qemu, &err), DC_ERR_UNSUPPORTED,
                   "'m\\xFCll.vmdk' has extents and its path is not UTF-8");
}
END_TEST

static const struct {
  const char *name;
  size_t count; /* links; 0: refused with WORDS */
  enum dc_code code;
  const char *words;
} chains[] = {
  { "one.qcow2", 2, DC_OK, NULL },
  { "sure.qcow2", 3, DC_OK, NULL },
  { "plain.qcow2", 2, DC_OK, NULL },
  { "unsure.qcow2", 0, DC_ERR_UNSUPPORTED,
    "'unsure.qcow2' does not say of which format its backing file "
    "'hidden.img' is; say it with qemu-img rebase" },
  { "wrong.qcow2", 0, DC_ERR_INVALID,
    "the backing file of 'wrong.qcow2': 'base.img' is not a vdi file" },
  { "odd.qcow2", 0, DC_ERR_UNSUPPORTED, "'host_device' is none of" },
  { "deep.qcow2", 0, DC_ERR_NOTFOUND,
    "the backing file of 'lost.qcow2': cannot open 'gone.raw'" },
  { "self.qcow2", 0, DC_ERR_LIMIT, "more than 31 backing files" },
};

START_TEST (test_chains)
{
  struct dc_error err;
  struct dc_chain *chain = NULL;
  const int status = dc_chain_open (chains[_i].name, &no_options,
                                    &dc_report_silent, &chain, &err);

  if (chains[_i].count == 0) {
    ck_assert_fails (status, chains[_i].code, chains[_i].words);
    ck_assert_ptr_null (chain);
    return;
  }
  ck_assert_ok (status);
  ck_assert_uint_eq (chain->count, chains[_i].count);
  dc_chain_free (chain);
}
END_TEST

static int
open_and_describe (struct dc_error *err)
{
  DC_AUTO (dc_chain) *chain = NULL;
  DC_AUTO (dc_qemu) *qemu = NULL;

  if (dc_chain_open ("two.qcow2", &no_options, &dc_report_silent, &chain, err) <
      0)
    return -1;
  return dc_qemu_describe (chain, &qemu, err);
}

START_TEST (test_without_memory)
{
  struct dc_error err;

  OOM_LOOP (status, open_and_describe (&err))
  {
    ck_assert (status == 0 || err.code == DC_ERR_SYSTEM);
  }
}
END_TEST

static const struct {
  enum dc_code code;
  const char *text, *shortened;
} failures[] = {
  { DC_ERR_TOOL,
    "qemu-img exited with status 1: ...fd/7\"}}': Image is corrupt",
    "qemu-img cannot open it: Image is corrupt" },
  { DC_ERR_TOOL, "x: 'json:{\"a\":{}}': Could not open 'b}': Denied",
    "qemu-img cannot open it: Denied" },
  { DC_ERR_TOOL, "qemu-img was killed by signal 9", NULL },
  { DC_ERR_CANCELLED, "cancelled }': x", NULL },
};

START_TEST (test_failures)
{
  struct dc_error err;

  (void) dc_fail (&err, failures[_i].code, "%s", failures[_i].text);
  ck_assert_int_eq (dc_qemu_fail ("qemu-img", &err), -1);
  ck_assert_int_eq (err.code, failures[_i].code);
  ck_assert_str_eq (err.text, failures[_i].shortened != NULL
                                  ? failures[_i].shortened
                                  : failures[_i].text);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_unchecked_fixture (tcase, make_tree, remove_tree);
  tcase_add_checked_fixture (tcase, enter_top, NULL);
  tcase_add_test (tcase, test_description);
  tcase_add_test (tcase, test_description_by_path);
  tcase_add_test (tcase, test_path_without_utf8);
  tcase_add_loop_test (tcase, test_chains, 0, sizeof chains / sizeof chains[0]);
  tcase_add_test (tcase, test_without_memory);
  tcase_add_loop_test (tcase, test_failures, 0,
                       sizeof failures / sizeof failures[0]);
}

int
main (void)
{
  return unit_run ("chain", add);
}
