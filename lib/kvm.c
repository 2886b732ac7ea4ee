/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/kvm.h"
#include "lib/run.h"
#include "lib/statedir.h"

#define RECORD "kvm" /* in the state folder */
#define FLOPPY_SIZE 1474560
#define STATUS_BOOTED 85 /* 2 * 0x2a + 1 */
#define TIMEOUT_MS 5000  /* software emulation takes 150 ms */

/*  mov al, 0x2a;  mov dx, 0xf4;  out dx, al;  hlt;  jmp to the hlt  */
static const unsigned char boot_code[] = { 0xb0, 0x2a, 0xba, 0xf4, 0x00,
                                           0xee, 0xf4, 0xeb, 0xfd };
static const unsigned char boot_mark[] = { 0x55, 0xaa }; /* at byte 510 */

static int
make_floppy (struct dc_error *err)
{
  AUTO_CLOSE int fd = memfd_create ("boot", MFD_CLOEXEC);

  if (fd < 0 || ftruncate (fd, FLOPPY_SIZE) < 0 ||
      pwrite (fd, boot_code, sizeof boot_code, 0) != sizeof boot_code ||
      pwrite (fd, boot_mark, sizeof boot_mark, 510) != sizeof boot_mark)
    return dc_fail_errno (err, "cannot make a boot sector");
  return DC_TAKE_FD (fd);
}

static int
boot (const char *qemu, const struct dc_report *report, int *status,
      struct dc_error *err)
{
  char drive[128];
  AUTO_CLOSE int fd = make_floppy (err);

  if (fd < 0)
    return -1;
  (void) snprintf (drive, sizeof drive,
                   "if=floppy,format=raw,snapshot=on,file=/proc/self/fd/%d",
                   fd);
  const char *const argv[] = {
    qemu,          "-accel",
    "kvm",         "-cpu",
    "max", /* as libguestfs; and where KVM lacks something, QEMU says so
              at once instead of hanging (measured: 0.1 s, else 5 s) */
    "-m",          "64",
    "-display",    "none",
    "-nodefaults", "-no-reboot",
    "-device",     "isa-debug-exit,iobase=0xf4,iosize=4",
    "-drive",      drive,
    "-boot",       "a",
    NULL,
  };
  const struct dc_run run = { .argv = argv,
                              .keep_fds = &fd,
                              .keep_fd_count = 1,
                              .timeout_ms = TIMEOUT_MS,
                              .exit_status = status };
  return dc_run (&run, report, err);
}

static int
try_it (const struct dc_report *report, enum dc_kvm *answer,
        struct dc_error *err)
{
  struct utsname host;
  char qemu[96];
  int status = 0;

  if (access ("/dev/kvm", R_OK | W_OK) < 0) {
    *answer = DC_KVM_ABSENT;
    return 0;
  }
  (void) uname (&host); /* fails only for a bad address */
  (void) snprintf (qemu, sizeof qemu, "qemu-system-%s", host.machine);
  AUTO_FREE char *path = dc_run_find (qemu);
  if (path == NULL || strcmp (host.machine, "x86_64") != 0) {
    *answer = path == NULL ? DC_KVM_UNTRIED : DC_KVM_WORKS;
    return 0; /* the boot sector is x86's; elsewhere /dev/kvm must do */
  }
  if (boot (path, report, &status, err) < 0) {
    *answer = DC_KVM_BROKEN; /* hung, or killed by an assertion */
    return err->code == DC_ERR_CANCELLED ? -1 : 0;
  }
  *answer = status == STATUS_BOOTED ? DC_KVM_WORKS : DC_KVM_BROKEN;
  return 0;
}

/* "BOOT-ID ANSWER": which boot of the host an answer belongs to. */
static int
boot_id (struct dc_buffer *b, struct dc_error *err)
{
  AUTO_CLOSE int fd =
      dc_file_open (AT_FDCWD, "/proc/sys/kernel/random/boot_id", err);

  if (fd < 0 || dc_file_read_all (fd, b, err) < 0)
    return -1;
  b->size = strcspn (b->data, "\n");
  b->data[b->size] = '\0';
  return dc_buffer_print (b, err, " ");
}

int
dc_kvm_probe (const struct dc_report *report, enum dc_kvm *answer,
              struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer known = DC_BUFFER_INIT (128);
  AUTO_BUFFER struct dc_buffer record = DC_BUFFER_INIT (128);

  if (boot_id (&record, err) < 0)
    return -1;
  if (dc_statedir_recall (RECORD, &known, err) == 1 &&
      known.size == record.size + 1 &&
      memcmp (known.data, record.data, record.size) == 0 &&
      known.data[record.size] >= '0' && known.data[record.size] <= '3') {
    *answer = (enum dc_kvm) (known.data[record.size] - '0');
    return 0;
  }
  if (try_it (report, answer, err) < 0 ||
      dc_buffer_print (&record, err, "%d", (int) *answer) < 0)
    return -1;
  struct dc_error ignored; /* then it is tried again the next time */
  (void) dc_statedir_remember (RECORD, record.data, &ignored);
  return 0;
}
