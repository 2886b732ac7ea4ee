/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/disk/partition.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/kvm.h"
#include "lib/run.h"
#include "lib/words.h"
#include "runtime/verify/boot.h"

#define QEMU "qemu-system-x86_64"
#define CONSOLE_SIZE 8192 /* bytes of its end */
/* Bytes of what the guest may write to each disk, and to its console. */
#define FILE_SIZE_MAX (16ULL * 1024 * 1024 * 1024)
#define ESP "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
#define BIOS_BOOT "21686148-6449-6e6f-744e-656564454649"

/* Of Debian, Fedora, SUSE and Arch. */
static const struct {
  const char *code, *vars;
} firmwares[] = {
  { "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd" },
  { "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd" },
  { "/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd" },
  { "/usr/share/qemu/ovmf-x86_64-code.bin",
    "/usr/share/qemu/ovmf-x86_64-vars.bin" },
  { "/usr/share/edk2/x64/OVMF_CODE.4m.fd",
    "/usr/share/edk2/x64/OVMF_VARS.4m.fd" },
};

struct dc_boot {
  struct dc_child *child;
  int console; /* the file */
  bool has_kvm, is_uefi;
};

/* ---- Which firmware ---- */

static int
look_at_disk (void *arg, const struct dc_report *report, json_t **result,
              struct dc_error *err)
{
  DC_AUTO (dc_disk) *disk = NULL;
  DC_AUTO (dc_partitions) *partitions = NULL;
  bool has_esp = false, has_bios = false;

  (void) report;
  if (dc_disk_source_attach (arg, &disk, err) < 0 ||
      dc_partitions_read (disk, &partitions, err) < 0)
    return -1;
  for (size_t i = 0; i < partitions->count; i++) {
    has_esp |= strcasecmp (partitions->items[i].type, ESP) == 0;
    has_bios |= strcasecmp (partitions->items[i].type, BIOS_BOOT) == 0;
  }
  *result = json_pack ("[b]", has_esp && !has_bios);
  return *result != NULL ? 0 : dc_json_no_memory (err);
}

static int
choose_firmware (struct dc_boot *boot, struct dc_disk_source *disk,
                 const struct dc_report *report, struct dc_error *err)
{
  int fds[DC_DISK_FD_MAX];
  json_auto_t *result = NULL;
  struct dc_confine confine = { .name = "reading the partitions",
                                .keep_fds = fds };

  if (dc_disk_source_fds (disk, report, fds, &confine.keep_fd_count, err) < 0 ||
      dc_confined (&confine, look_at_disk, disk, report, &result, err) < 0)
    return -1;
  boot->is_uefi = json_is_true (json_array_get (result, 0));
  return 0;
}

/* ---- QEMU's arguments ---- */

static int add (struct dc_words *words, struct dc_error *err, const char *fmt,
                ...) __attribute__ ((__format__ (__printf__, 3, 4)));
static int
add (struct dc_words *words, struct dc_error *err, const char *fmt, ...)
{
  char *text = NULL;
  va_list args;

  va_start (args, fmt);
  const int size = vasprintf (&text, fmt, args);
  va_end (args);
  return size < 0 ? dc_fail_errno (err, "cannot keep an argument")
                  : dc_words_take (words, text, err);
}

static int
add_firmware (struct dc_words *words, const struct dc_boot *boot,
              struct dc_error *err)
{
  if (!boot->is_uefi)
    return 0;
  for (size_t i = 0; i < DC_COUNT (firmwares); i++) {
    if (access (firmwares[i].code, R_OK) < 0 ||
        access (firmwares[i].vars, R_OK) < 0)
      continue;
    return add (words, err, "-drive") < 0 ||
                   add (words, err,
                        "if=pflash,unit=0,format=raw,readonly=on,file=%s",
                        firmwares[i].code) < 0 ||
                   add (words, err, "-drive") < 0 ||
                   add (words, err,
                        "if=pflash,unit=1,format=raw,snapshot=on,file=%s",
                        firmwares[i].vars) < 0
               ? -1
               : 0;
  }
  return dc_fail (err, DC_ERR_NOTFOUND,
                  "the source needs UEFI, and OVMF is not installed");
}

/* "json:{...}" as an option's value: a comma in it is doubled. */
static int
add_disk_file (struct dc_disk_source *disk, size_t i,
               const struct dc_report *report, struct dc_words *words,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer option = DC_BUFFER_INIT (64 * 1024);
  AUTO_FREE char *text = NULL;
  json_auto_t *json = NULL;
  struct dc_disk_export export;
  size_t size = 0;

  if (dc_disk_source_export (disk, report, &export, err) < 0)
    return -1;
  json = export.kind == DC_DISK_EXPORT_RAW
             ? json_pack ("{s:s, s:{s:s, s:s}}", "driver", "raw", "file",
                          "driver", "file", "filename", export.path)
             : json_pack ("{s:s, s:{s:s, s:s, s:{s:s, s:s}}}", "driver", "raw",
                          "file", "driver", "nbd", "export", export.export,
                          "server", "type", "unix", "path", export.path);
  if (json == NULL)
    return dc_json_no_memory (err);
  if (dc_json_canonical (json, &text, &size, err) < 0 ||
      dc_buffer_print (&option, err,
                       "if=none,id=d%zu,snapshot=on,file=json:", i) < 0)
    return -1;
  for (size_t j = 0; j < size; j++)
    if (dc_buffer_append (&option, text[j] == ',' ? ",," : &text[j],
                          text[j] == ',' ? 2 : 1, err) < 0)
      return -1;
  return add (words, err, "-drive") < 0
             ? -1
             : add (words, err, "%s", dc_buffer_text (&option));
}

static bool
is_of_virtio (struct dc_disk_source *disk)
{
  const char *format = dc_disk_source_format (disk);

  return strcmp (format, "raw") == 0 || strcmp (format, "qcow2") == 0;
}

static int
add_disks (const struct dc_boot_options *options,
           const struct dc_report *report, struct dc_words *words,
           struct dc_error *err)
{
  const bool has_virtio = is_of_virtio (options->disks[0]);

  if (options->disk_count > DC_BOOT_DISK_MAX)
    return dc_fail (err, DC_ERR_UNSUPPORTED, "more than %d disks",
                    DC_BOOT_DISK_MAX);
  if (!has_virtio &&
      (add (words, err, "-device") < 0 || add (words, err, "ahci,id=ahci") < 0))
    return -1;
  for (size_t i = 0; i < options->disk_count; i++)
    if (add_disk_file (options->disks[i], i, report, words, err) < 0 ||
        add (words, err, "-device") < 0 ||
        (has_virtio
             ? add (words, err, "virtio-blk-pci,drive=d%zu,bootindex=%zu", i, i)
             : add (words, err, "ide-hd,bus=ahci.%zu,drive=d%zu,bootindex=%zu",
                    i, i, i)) < 0)
      return -1;
  return 0;
}

static int
add_network (const struct dc_boot_options *options, struct dc_words *words,
             struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (64 * 1024);

  if (dc_buffer_print (&text, err, "user,id=net,restrict=on") < 0)
    return -1;
  for (size_t i = 0; i < options->port_count; i++)
    if (dc_buffer_print (&text, err, ",hostfwd=%s:127.0.0.1:%u-:%u",
                         options->ports[i].is_udp ? "udp" : "tcp",
                         options->ports[i].port, options->ports[i].port) < 0)
      return -1;
  if (add (words, err, "-netdev") < 0 ||
      add (words, err, "%s", dc_buffer_text (&text)) < 0 ||
      add (words, err, "-device") < 0)
    return -1;
  return add (words, err, "%s,netdev=net",
              is_of_virtio (options->disks[0]) ? "virtio-net-pci" : "e1000e");
}

static int
add_all (const struct dc_boot *boot, const struct dc_boot_options *options,
         const struct dc_report *report, struct dc_words *words,
         struct dc_error *err)
{
  static const char *const fixed[] = {
    "-nodefaults",
    "-no-user-config",
    "-no-reboot",
    "-display",
    "none",
    "-monitor",
    "none",
    "-serial",
    "stdio",
    "-smp",
    "2",
    "-device",
    "virtio-rng-pci",
    /* Whatever the guest makes of QEMU, it starts nothing. */
    "-sandbox",
    "on,obsolete=deny,elevateprivileges=deny,spawn=deny",
  };

  if (add (words, err, "prlimit") < 0 ||
      add (words, err, "--fsize=%llu", FILE_SIZE_MAX) < 0 ||
      add (words, err, "unshare") < 0 || add (words, err, "--net") < 0 ||
      (geteuid () != 0 && add (words, err, "--map-root-user") < 0) ||
      add (words, err, "--") < 0 || add (words, err, QEMU) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (fixed); i++)
    if (add (words, err, "%s", fixed[i]) < 0)
      return -1;
  if (add (words, err, "-machine") < 0 || add (words, err, "q35") < 0 ||
      add (words, err, "-accel") < 0 ||
      add (words, err, "%s", boot->has_kvm ? "kvm" : "tcg") < 0 ||
      add (words, err, "-cpu") < 0 || add (words, err, "max") < 0 ||
      add (words, err, "-m") < 0 ||
      add (words, err, "%u", options->memory_mb) < 0 ||
      add_firmware (words, boot, err) < 0 ||
      add_disks (options, report, words, err) < 0)
    return -1;
  return add_network (options, words, err);
}

static int
start_qemu (struct dc_boot *boot, const struct dc_words *words,
            struct dc_error *err)
{
  const struct dc_run run = { .argv = (const char *const *) words->items,
                              .stdout_fd = boot->console };

  return dc_child_start (&run, &boot->child, err);
}

int
dc_boot_start (const struct dc_boot_options *options,
               const struct dc_report *report, struct dc_boot **out,
               struct dc_error *err)
{
  DC_AUTO (dc_boot) *boot = calloc (1, sizeof *boot);
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  enum dc_kvm kvm = DC_KVM_ABSENT;

  if (boot == NULL)
    return dc_fail_errno (err, "cannot keep a machine");
  boot->console = -1;
  AUTO_FREE char *qemu = dc_run_find (QEMU);
  if (qemu == NULL)
    return dc_fail (err, DC_ERR_NOTFOUND, QEMU " is not installed");
  if (dc_kvm_probe (report, &kvm, err) < 0 ||
      choose_firmware (boot, options->disks[0], report, err) < 0)
    return -1;
  boot->has_kvm = kvm == DC_KVM_WORKS;
  boot->console = dc_file_spool (err);
  if (boot->console < 0 || add_all (boot, options, report, &words, err) < 0 ||
      start_qemu (boot, &words, err) < 0)
    return -1;
  *out = DC_TAKE (boot);
  return 0;
}

pid_t
dc_boot_pid (const struct dc_boot *boot)
{
  return dc_child_pid (boot->child);
}

int
dc_boot_has_ended (struct dc_boot *boot, struct dc_error *err)
{
  return dc_child_has_ended (boot->child, err);
}

const char *
dc_boot_accel (const struct dc_boot *boot)
{
  return boot->has_kvm ? "kvm" : "tcg";
}

const char *
dc_boot_firmware (const struct dc_boot *boot)
{
  return boot->is_uefi ? "uefi" : "bios";
}

void
dc_boot_console (const struct dc_boot *boot, struct dc_buffer *text)
{
  struct dc_error ignored; /* then it has said nothing */
  uint64_t size = 0;

  if (dc_file_size (boot->console, &size, &ignored) < 0 || size == 0)
    return;
  const uint64_t offset = size > CONSOLE_SIZE ? size - CONSOLE_SIZE : 0;
  if (dc_buffer_reserve (text, (size_t) (size - offset), &ignored) < 0 ||
      dc_file_read_at (boot->console, offset, text->data + text->size,
                       (size_t) (size - offset), &ignored) < 0)
    return;
  text->size += (size_t) (size - offset);
  text->data[text->size] = '\0';
}

void
dc_boot_free (struct dc_boot *boot)
{
  if (boot == NULL)
    return;
  dc_child_free (boot->child); /* takes NULL */
  dc_close_auto (&boot->console);
  free (boot);
}
