/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli/initprogram.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#define IN_BUILD_FOLDER "runtime/init/decant-init"
#define PATH_SIZE_MAX 4096

/* The folder of the running program with IN_BUILD_FOLDER behind it. */
static int
beside_us (char path[PATH_SIZE_MAX])
{
  const ssize_t size =
      readlink ("/proc/self/exe", path, PATH_SIZE_MAX - sizeof IN_BUILD_FOLDER);

  if (size < 0)
    return 0;
  path[size] = '\0';
  char *slash = strrchr (path, '/');
  if (slash == NULL)
    return 0;
  memcpy (slash + 1, IN_BUILD_FOLDER, sizeof IN_BUILD_FOLDER);
  return access (path, R_OK) == 0;
}

int
dc_init_program_path (struct dc_buffer *b, struct dc_error *err)
{
  char path[PATH_SIZE_MAX];

  if (beside_us (path))
    return dc_buffer_print (b, err, "%s", path);
  if (access (DC_INIT_PROGRAM, R_OK) == 0)
    return dc_buffer_print (b, err, "%s", DC_INIT_PROGRAM);
  return dc_fail (err, DC_ERR_NOTFOUND,
                  "decant-init is not at '%s': install decant, or build it",
                  DC_INIT_PROGRAM);
}

int
dc_init_program_read (struct dc_buffer *b, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (PATH_SIZE_MAX);

  if (dc_init_program_path (&path, err) < 0)
    return -1;
  AUTO_CLOSE int fd = dc_file_open (AT_FDCWD, path.data, err);
  if (fd < 0 || dc_file_read_all (fd, b, err) < 0)
    return dc_context (err, "decant-init");
  return 0;
}

const char *
dc_init_program_arch (void)
{
  static const struct {
    const char *machine, *arch;
  } names[] = {
    { "x86_64", "amd64" },    { "aarch64", "arm64" },   { "i686", "386" },
    { "armv7l", "arm" },      { "ppc64le", "ppc64le" }, { "s390x", "s390x" },
    { "riscv64", "riscv64" },
  };
  struct utsname host;

  (void) uname (&host); /* fails only for a bad address */
  for (size_t i = 0; i < DC_COUNT (names); i++)
    if (strcmp (names[i].machine, host.machine) == 0)
      return names[i].arch;
  return NULL;
}
