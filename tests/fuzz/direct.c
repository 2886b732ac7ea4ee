/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* What is no file of a guest: disks, definitions, archives, and the dialects
 * of which many applications' files are.  Each is read as the worker does.
 */

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/endpoint/settings.h"
#include "analyzer/endpoint/shellvars.h"
#include "analyzer/ext/ext.h"
#include "analyzer/machine/domain.h"
#include "analyzer/machine/manifest.h"
#include "analyzer/machine/ovf.h"
#include "analyzer/machine/tarindex.h"
#include "analyzer/machine/vmx.h"
#include "lib/disk/extents.h"
#include "lib/disk/header.h"
#include "lib/disk/lvm.h"
#include "lib/disk/map.h"
#include "lib/disk/partition.h"
#include "lib/disk/vmdk.h"
#include "lib/tree/backends.h"
#include "tests/fuzz/target.h"
#include "tests/unit/rpmmake.h"

#define DISK_SIZE ((uint64_t) 2 << 20) /* zeros behind the input */

/* A file in memory with the input, and zeros up to SIZE. */
static int
make_file (const uint8_t *data, size_t data_size, uint64_t size)
{
  const int fd = memfd_create ("input", MFD_CLOEXEC);

  if (fd < 0 || write (fd, data, data_size) != (ssize_t) data_size ||
      ftruncate (fd, (off_t) size) < 0 || lseek (fd, 0, SEEK_SET) != 0)
    abort ();
  return fd;
}

static struct dc_disk *
make_disk (int fd)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_extent *extent = calloc (1, sizeof *extent);
  struct dc_disk *disk = NULL;

  if (extent == NULL)
    abort ();
  *extent = (struct dc_extent){ 0, DISK_SIZE, 0, fd };
  if (dc_extents_disk (extent, 1, DISK_SIZE, &disk, &err) < 0)
    abort ();
  return disk;
}

#define MACHINE(name)                                                          \
  void fuzz_##name (const uint8_t *data, size_t size)                          \
  {                                                                            \
    struct dc_error err = { .code = DC_OK };                                   \
    DC_AUTO (dc_machine) *machine = NULL;                                      \
    (void) dc_##name##_parse ((const char *) data, size, &machine, &err);      \
  }
MACHINE (domain)
MACHINE (ovf)
MACHINE (vmx)

#define HEADER(name, format)                                                   \
  void fuzz_##name (const uint8_t *data, size_t size)                          \
  {                                                                            \
    struct dc_error err = { .code = DC_OK };                                   \
    DC_AUTO (dc_header) *header = NULL;                                        \
    AUTO_CLOSE const int fd = make_file (data, size, DISK_SIZE);               \
    (void) dc_header_read (&(struct dc_window){ fd, 0, DISK_SIZE }, format,    \
                           &header, &err);                                     \
  }
HEADER (qcow2, DC_FORMAT_QCOW2)
HEADER (vhdx, DC_FORMAT_VHDX)
HEADER (vmdk, DC_FORMAT_VMDK)

#define SETTINGS(name, dialect)                                                \
  void fuzz_settings_##name (const uint8_t *data, size_t size)                 \
  {                                                                            \
    struct dc_error err = { .code = DC_OK };                                   \
    AUTO_SETTINGS struct dc_settings settings = { .count = 0 };                \
    (void) dc_settings_parse (&settings, dialect, (const char *) data, size,   \
                              "/etc/x", &err);                                 \
  }
SETTINGS (blocks, DC_DIALECT_BLOCKS)
SETTINGS (ini, DC_DIALECT_INI)
SETTINGS (json, DC_DIALECT_JSON)
SETTINGS (phrases, DC_DIALECT_PHRASES)
SETTINGS (tags, DC_DIALECT_TAGS)
SETTINGS (value, DC_DIALECT_VALUE)
SETTINGS (words, DC_DIALECT_WORDS)
SETTINGS (xml, DC_DIALECT_XML)
SETTINGS (yaml, DC_DIALECT_YAML)

void
fuzz_manifest (const uint8_t *data, size_t size)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_manifest) *manifest = NULL;

  (void) dc_manifest_parse ((const char *) data, size, &manifest, &err);
}

void
fuzz_lvm_group (const uint8_t *data, size_t size)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_lvmgroup) *group = NULL;

  (void) dc_lvmgroup_parse ((const char *) data, size, &group, &err);
}

#define LABEL 512
#define AREA 4096

/* Source: lib/disk/lvmlabel.h. */
static void
put_crc (uint8_t *at, const uint8_t *bytes, size_t size)
{
  uint32_t crc = 0xf597a6cf;

  for (size_t i = 0; i < size; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++)
      crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
  }
  crc = htole32 (crc);
  memcpy (at, &crc, sizeof crc);
}

/* Make checksums right, or no damage would be seen but theirs. */
static void
put_crcs (uint8_t *disk, size_t size)
{
  uint64_t offset, text;

  memcpy (&offset, disk + AREA + 40, sizeof offset);
  memcpy (&text, disk + AREA + 48, sizeof text);
  offset = le64toh (offset);
  text = le64toh (text);
  if (offset < size - AREA && text <= size - AREA - offset)
    put_crc (disk + AREA + 56, disk + AREA + offset, (size_t) text);
  put_crc (disk + AREA, disk + AREA + 4, 508);
  put_crc (disk + LABEL + 16, disk + LABEL + 20, 492);
}

/* A physical volume, and all volumes that it makes. */
void
fuzz_lvm_label (const uint8_t *data, size_t size)
{
  static uint8_t bytes[FUZZ_INPUT_MAX];
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_lvm) *lvm = NULL;

  memcpy (bytes, data, size);
  if (size >= AREA + 512)
    put_crcs (bytes, size);
  AUTO_CLOSE const int fd = make_file (bytes, size, DISK_SIZE);
  DC_AUTO (dc_disk) *disk = make_disk (fd);
  const struct dc_lvm_place place = { disk, 0, DISK_SIZE };

  if (dc_lvm_open (&place, 1, &lvm, &err) < 0)
    return;
  for (size_t i = 0; i < dc_lvm_count (lvm); i++) {
    DC_AUTO (dc_disk) *volume = NULL;
    if (dc_lvm_at (lvm, i)->problem == NULL)
      (void) dc_lvm_disk (lvm, i, &volume, &err);
  }
}

void
fuzz_partitions (const uint8_t *data, size_t size)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_partitions) *partitions = NULL;
  AUTO_CLOSE const int fd = make_file (data, size, DISK_SIZE);
  DC_AUTO (dc_disk) *disk = make_disk (fd);

  (void) dc_partitions_read (disk, &partitions, &err);
}

void
fuzz_map (const uint8_t *data, size_t size)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_disk) *disk = NULL;
  AUTO_CLOSE const int fd = make_file (data, size, DISK_SIZE);
  const struct dc_window file = { fd, 0, DISK_SIZE };

  if (dc_map_is_direct ((const char *) data, size, 1))
    (void) dc_map_disk ((const char *) data, size, &file, 1, &disk, &err);
}

void
fuzz_vmdk_text (const uint8_t *data, size_t size)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_header) *header = calloc (1, sizeof *header);

  if (header == NULL)
    abort ();
  (void) dc_vmdk_parse ((const char *) data, size, DC_VMDK_EXTENTS_COUNT,
                        header, &err);
}

void
fuzz_tar_index (const uint8_t *data, size_t size)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tarindex) *index = NULL;
  AUTO_CLOSE const int fd = make_file (data, size, size);

  (void) dc_tarindex_read (&(struct dc_window){ fd, 0, size }, &index, &err);
}

/* All files of a tree, up to DISK_SIZE each. */
static void
read_all (struct dc_tree *tree)
{
  struct dc_error err = { .code = DC_OK };

  for (uint32_t i = 0; i < tree->count; i++) {
    char bytes[4096];
    const uint64_t file_size = tree->entries[i].size;
    for (uint64_t at = 0; at < file_size && at < DISK_SIZE; at += sizeof bytes)
      if (dc_tree_read (tree, i, at, bytes,
                        file_size - at < sizeof bytes
                            ? (size_t) (file_size - at)
                            : sizeof bytes,
                        &err) < 0)
        break;
  }
}

void
fuzz_tar (const uint8_t *data, size_t size)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_CLOSE const int fd = make_file (data, size, size);
  AUTO_CLOSE const int spool = make_file (NULL, 0, 0);

  if (dc_tree_tar (fd, spool, &tree, &err) == 0)
    read_all (tree);
}

void
fuzz_ext (const uint8_t *data, size_t size)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_ext_mount mount = { NULL, "/" };
  AUTO_CLOSE const int fd = make_file (data, size, DISK_SIZE);
  DC_AUTO (dc_disk) *disk = make_disk (fd);

  if (dc_ext_open (disk, 0, disk->size, &mount.ext, &err) < 0)
    return;
  if (dc_ext_tree (&mount, 1, &tree, &err) < 0) {
    dc_ext_free (mount.ext);
    return;
  }
  read_all (tree);
}

/* The file at PATH beside rpm's database. */
static void
run_with_rpm (const char *path, const uint8_t *data, size_t size)
{
  static struct bytes db;

  if (db.size == 0)
    make_sqlite (&db);
  const struct dc_memory_file files[] = {
    { .path = "var/lib/rpm/rpmdb.sqlite",
      .mode = 0100644,
      .data = (const char *) db.data,
      .size = db.size },
    { .path = NULL },
  };
  const struct target target = { .path = path, .files = files };
  fuzz_run (&target, data, size);
}

#define BESIDE_RPM(name, path)                                                 \
  void fuzz_##name (const uint8_t *data, size_t size)                          \
  {                                                                            \
    run_with_rpm (path, data, size);                                           \
  }
BESIDE_RPM (dnf5_locks, "etc/dnf/versionlock.toml")
BESIDE_RPM (dnf_history, "var/lib/dnf/history.sqlite")
BESIDE_RPM (dnf_locks, "etc/dnf/plugins/versionlock.list")
BESIDE_RPM (rpm_wal, "var/lib/rpm/rpmdb.sqlite-wal")
BESIDE_RPM (zypp_auto, "var/lib/zypp/AutoInstalled")
BESIDE_RPM (zypp_locks, "etc/zypp/locks")

void
fuzz_shell_variables (const uint8_t *data, size_t size)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_WORDS struct dc_words environment = { NULL, 0 };

  (void) dc_shellvars_read ((const char *) data, size, &environment, &err);
}
