/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

#include "analyzer/ext/extmap.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* Maps are written by hand into a disk of 1 KiB blocks. */
#define BLOCK 1024
#define BLOCKS 2048

struct memory_disk {
  struct dc_disk head;
  unsigned char bytes[BLOCKS][BLOCK];
};

static struct memory_disk disk;
static struct ext2_super_block super;
static struct struct_ext2_filsys fs;
static struct dc_ext ext;
static struct dc_extnode node;
static uint64_t reads;

static int
read_memory (struct dc_disk *self, const struct dc_disk_read *items,
             size_t count, struct dc_error *err)
{
  (void) err;
  for (size_t i = 0; i < count; i++)
    memcpy (items[i].bytes,
            ((struct memory_disk *) self)->bytes[0] + items[i].offset,
            items[i].size);
  reads += count;
  return 0;
}

static const struct dc_disk_ops memory_ops = { .read = read_memory };

static void
setup (void)
{
  struct dc_error err;

  memset (&disk, 0, sizeof disk);
  memset (&node, 0, sizeof node);
  disk.head.ops = &memory_ops;
  disk.head.size = sizeof disk.bytes;
  super.s_blocks_count = BLOCKS;
  super.s_first_data_block = 1;
  fs.super = &super;
  fs.blocksize = BLOCK;
  ext.fs = &fs;
  ck_assert_ok (dc_extio_new (&disk.head, 0, sizeof disk.bytes, &ext.io, &err));
}

static void
teardown (void)
{
  dc_extio_free (ext.io);
}

static void
put16 (unsigned char *bytes, unsigned value)
{
  bytes[0] = (unsigned char) value;
  bytes[1] = (unsigned char) (value >> 8);
}

static void
put32 (unsigned char *bytes, uint32_t value)
{
  put16 (bytes, value & 0xffff);
  put16 (bytes + 2, value >> 16);
}

/* A node: "1: 0>500 50>501" has depth 1 and leads to blocks 500 and 501;
 * "0: 0+3>20 5~2>30" is a leaf with an extent and one never written.
 */
static void
put_node (unsigned char *bytes, size_t size, const char *words)
{
  unsigned depth, entries = 0;
  int used;

  ck_assert_int_eq (sscanf (words, "%u:%n", &depth, &used), 1);
  for (words += used; *words != '\0'; words += used) {
    unsigned char *e = bytes + 12 + 12 * entries++;
    unsigned logical, physical, count = 0;
    char kind = '+';
    if (depth > 0)
      ck_assert_int_eq (sscanf (words, " %u>%u%n", &logical, &physical, &used),
                        2);
    else
      ck_assert_int_eq (sscanf (words, " %u%c%u>%u%n", &logical, &kind, &count,
                                &physical, &used),
                        4);
    put32 (e, logical);
    if (depth > 0) {
      put32 (e + 4, physical);
    } else {
      put16 (e + 4, count + (kind == '~' ? 32768 : 0));
      put32 (e + 8, physical);
    }
  }
  put16 (bytes, 0xf30a);
  put16 (bytes + 2, entries);
  put16 (bytes + 4, (unsigned) (size - 12) / 12);
  put16 (bytes + 6, depth);
}

static int
write_run (void *self, const struct dc_extrun *run, struct dc_error *err)
{
  (void) err;
  return dc_buffer_print (
      self, err, " %llu%c%llu>%llu", (unsigned long long) run->logical,
      run->is_zero ? '~' : '+', (unsigned long long) run->count,
      (unsigned long long) run->physical);
}

/* The runs of blocks FIRST to END as text, or the error. */
static const char *
walk (uint64_t first, uint64_t end)
{
  static struct dc_error err;
  static char text[64 * 1024];
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (sizeof text - 1);
  struct dc_extmap map = { .ext = &ext,
                           .node = &node,
                           .first = first,
                           .end = end,
                           .run = write_run,
                           .self = &b };

  if (dc_extmap_walk (&map, &err) < 0)
    return err.text;
  (void) snprintf (text, sizeof text, "%s", dc_buffer_text (&b));
  return text;
}

static void
set_root (const char *words)
{
  unsigned char root[sizeof node.inode.i_block] = { 0 };

  put_node (root, sizeof root, words);
  memcpy (node.inode.i_block, root, sizeof root);
  node.inode.i_flags = EXT4_EXTENTS_FL;
}

static const struct {
  const char *root, *nodes[3]; /* nodes are in blocks 500, 501, 502 */
  uint64_t first, end;
  const char *expected;
} extents[] = {
  { "0:", { NULL }, 0, 100, "" },
  { "0: 0+3>20 5~2>30", { NULL }, 0, 100, " 0+3>20 5~2>30" },
  { "0: 0+3>20 5~2>30", { NULL }, 1, 6, " 1+2>21 5~1>30" },
  { "0: 0+3>20 5~2>30", { NULL }, 3, 5, "" },
  { "1: 0>500 50>501",
    { "0: 0+3>20", "0: 60+2>40" },
    0,
    100,
    " 0+3>20 60+2>40" },
  /* what is not asked for is not read */
  { "1: 0>500 50>501", { "0: 0+3>20", "0: 60+2>4000" }, 0, 50, " 0+3>20" },
  { "1: 0>500 50>501", { "9:", "0: 60+2>40" }, 60, 100, " 60+2>40" },
  { "2: 0>500",
    { "1: 0>501 50>502", "0: 7+1>9", "0: 50+1>8" },
    0,
    100,
    " 7+1>9 50+1>8" },
  { "0: 0+3>2047",
    { NULL },
    0,
    100,
    "its map leads to block 2047, outside the file system" },
  { "0: 0+1>2048",
    { NULL },
    0,
    100,
    "its map leads to block 2048, outside the file system" },
  { "0: 0+1>1",
    { NULL },
    0,
    100,
    "its map leads to block 1, outside the file system" },
  { "0: 0+0>20", { NULL }, 0, 100, "its map has blocks 0 to 0 out of order" },
  { "0: 5+3>20 7+2>40",
    { NULL },
    0,
    100,
    "its map has blocks 7 to 9 out of order" },
  { "1: 0>500 2>501",
    { "0: 0+3>20", "0: 3+2>40" },
    0,
    100,
    "its map has blocks 0 to 3 out of order" },
  { "1: 0>500",
    { "2: 0>501" },
    0,
    100,
    "its map has a node of depth 2 where 0 is due" },
  { "2: 0>500",
    { "1: 0>500" },
    0,
    100,
    "its map has a node of depth 1 where 0 is due" },
  { "1: 0>499", { NULL }, 0, 100, "its map has a node without magic" },
  { "1: 0>500", { "0:" }, 0, 100, "its map has an empty node" },
  { "1: 5>500 5>501",
    { "0: 5+1>20", "0: 6+1>20" },
    0,
    100,
    "its map has nodes out of order at block 5" },
  { "1: 0>500 50>500",
    { "0: 0+1>20" },
    0,
    100,
    "its map has blocks 0 to 1 out of order" },
  { "6: 0>500", { NULL }, 0, 100, "its map is 6 levels deep" },
};

START_TEST (test_extents)
{
  for (size_t i = 0; i < 3 && extents[_i].nodes[i] != NULL; i++)
    put_node (disk.bytes[500 + i], BLOCK, extents[_i].nodes[i]);
  set_root (extents[_i].root);
  ck_assert_str_eq (walk (extents[_i].first, extents[_i].end),
                    extents[_i].expected);
}
END_TEST

START_TEST (test_header)
{
  unsigned char root[sizeof node.inode.i_block];

  set_root ("0: 0+1>20");
  memcpy (root, node.inode.i_block, sizeof root);
  root[2] = 5; /* entries, of which there is room for 4 */
  memcpy (node.inode.i_block, root, sizeof root);
  ck_assert_str_eq (walk (0, 100), "its map has a node with 5 of 4 entries");
  root[4] = 5;
  memcpy (node.inode.i_block, root, sizeof root);
  ck_assert_str_eq (walk (0, 100), "its map has a node with 5 of 5 entries");
}
END_TEST

START_TEST (test_lists)
{
  for (uint32_t i = 0; i < 12; i++)
    node.inode.i_block[i] = i == 5 ? 0 : 100 + i;
  node.inode.i_block[12] = 600; /* blocks 12 to 267 */
  node.inode.i_block[13] = 601; /* 268 to 65803 */
  node.inode.i_block[14] = 602; /* the rest */
  put32 (disk.bytes[600], 112);
  put32 (disk.bytes[600] + 4 * 255, 700);
  put32 (disk.bytes[601], 603);
  put32 (disk.bytes[603], 701);
  put32 (disk.bytes[601] + 4 * 255, 604);
  put32 (disk.bytes[604] + 4 * 255, 800);
  put32 (disk.bytes[602], 605);
  put32 (disk.bytes[605], 606);
  put32 (disk.bytes[606] + 4, 900);
  ck_assert_str_eq (walk (0, 1 << 24),
                    " 0+5>100 6+7>106 267+2>700 65803+1>800 65805+1>900");
  ck_assert_str_eq (walk (3, 7), " 3+2>103 6+1>106");
  ck_assert_str_eq (walk (60000, 65805), " 65803+1>800");
  reads = 0;
  dc_extio_forget (ext.io);
  ck_assert_str_eq (walk (0, 12), " 0+5>100 6+6>106");
  ck_assert_uint_eq (reads, 0);
}
END_TEST

/* Lists of lists that lead back to themselves, with and without contents. */
START_TEST (test_endless_lists)
{
  for (size_t i = 0; i < BLOCK / 4; i++) {
    put32 (disk.bytes[600] + 4 * i, 600);
    put32 (disk.bytes[601] + 4 * i, 602);
  }
  node.inode.i_block[14] = 600;
  ck_assert_str_eq (walk (0, (uint64_t) 1 << 40),
                    "its map has more blocks than the file system");
  node.inode.i_block[14] = 0;
  node.inode.i_block[13] = 601; /* 256 empty lists */
  ck_assert_str_eq (walk (0, (uint64_t) 1 << 40), "");
  for (size_t i = 0; i < BLOCK / 4; i++)
    put32 (disk.bytes[603] + 4 * i, 601);
  node.inode.i_block[14] = 603;
  dc_extio_forget (ext.io);
  ck_assert_str_eq (walk (0, (uint64_t) 1 << 40),
                    "its map has more blocks than the file system");
}
END_TEST

/* All files together have no more blocks for their maps than there are. */
START_TEST (test_budget)
{
  struct dc_error err;
  uint64_t budget = 3;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);
  struct dc_extmap map = { .ext = &ext,
                           .node = &node,
                           .end = 100,
                           .run = write_run,
                           .self = &b,
                           .budget = &budget };

  put_node (disk.bytes[500], BLOCK, "0: 0+3>20");
  set_root ("1: 0>500");
  for (int i = 0; i < 3; i++)
    ck_assert_ok (dc_extmap_walk (&map, &err));
  ck_assert_fails (dc_extmap_walk (&map, &err), DC_ERR_INVALID, "all files");
  ck_assert_fails (dc_extmap_walk (&map, &err), DC_ERR_INVALID, "all files");
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1000);
  struct dc_extmap map = {
    .ext = &ext, .node = &node, .end = 100, .run = write_run, .self = &b
  };

  put_node (disk.bytes[500], BLOCK, "0: 0+3>20");
  set_root ("1: 0>500");
  OOM_LOOP (status, dc_extmap_walk (&map, &err))
  {
    if (status < 0)
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, test_extents, 0,
                       sizeof extents / sizeof extents[0]);
  tcase_add_test (tcase, test_header);
  tcase_add_test (tcase, test_lists);
  tcase_add_test (tcase, test_endless_lists);
  tcase_add_test (tcase, test_budget);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("extmap", add);
}
