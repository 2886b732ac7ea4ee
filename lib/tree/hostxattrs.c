/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

#include "lib/array.h"
#include "lib/quote.h"
#include "lib/tree/hostxattrs.h"
#include "lib/tree/xattrs.h"

/* The kernel's limits: XATTR_LIST_MAX for all names, XATTR_SIZE_MAX for a
 * value.  A name has at least 2 bytes.
 */
#define NAMES_MAX ((size_t) 64 * 1024)
#define VALUE_MAX ((size_t) 64 * 1024)
#define COUNT_MAX (NAMES_MAX / 2)

/* Bytes of the list of names, 0: none or no such thing here. */
static int
list_names (int fd, struct dc_buffer *b, struct dc_error *err)
{
  const ssize_t wanted = flistxattr (fd, NULL, 0);
  if (wanted == 0 || (wanted < 0 && errno == ENOTSUP))
    return 0;
  if (wanted < 0)
    return dc_fail_errno (err, "cannot list its extended attributes");
  /* All of it: a name may have come in since. */
  if (dc_buffer_reserve (b, NAMES_MAX, err) < 0)
    return -1;
  const ssize_t size = flistxattr (fd, b->data, NAMES_MAX);
  if (size < 0)
    return dc_fail_errno (err, "cannot list its extended attributes");
  b->size = (size_t) size;
  b->data[b->size] = '\0';
  return 0;
}

/* Append the value of NAME; *SIZE is SIZE_MAX when it is gone by now. */
static int
read_value (int fd, const char *name, struct dc_buffer *b, size_t *size,
            struct dc_error *err)
{
  if (dc_buffer_reserve (b, VALUE_MAX, err) < 0)
    return -1;
  const ssize_t n = fgetxattr (fd, name, b->data + b->size, VALUE_MAX);
  *size = SIZE_MAX;
  if (n < 0 && errno == ENODATA)
    return 0;
  if (n < 0)
    return dc_fail_errno (err, "cannot read its extended attribute '%s'",
                          dc_quote (name).text);
  b->size += (size_t) n;
  *size = (size_t) n;
  return 0;
}

int
dc_hostxattrs_read (int fd, uint16_t mode, struct dc_hostxattrs *list,
                    struct dc_error *err)
{
  list->count = 0;
  list->names.max = NAMES_MAX;
  list->values.max = COUNT_MAX * VALUE_MAX;
  dc_buffer_clear (&list->names);
  dc_buffer_clear (&list->values);
  if (list_names (fd, &list->names, err) < 0)
    return -1;
  const char *name = list->names.data, *const end = name + list->names.size;
  for (; name < end; name += strlen (name) + 1) {
    size_t size;
    if (!dc_xattrs_is_kept (name, mode))
      continue;
    if (read_value (fd, name, &list->values, &size, err) < 0)
      return -1;
    if (size == SIZE_MAX)
      continue;
    if (DC_ARRAY_GROW (list->items, list->count, COUNT_MAX,
                       "extended attributes", err) < 0)
      return -1;
    list->items[list->count].name = name;
    list->items[list->count++].size = size;
  }
  /* Only now do they stay where they are. */
  const char *value = list->values.data;
  for (size_t i = 0; i < list->count; i++) {
    list->items[i].value = value;
    value += list->items[i].size;
  }
  return 0;
}

void
dc_hostxattrs_release (struct dc_hostxattrs *list)
{
  free (list->items);
  list->items = NULL;
  list->count = 0;
  dc_buffer_release (&list->names);
  dc_buffer_release (&list->values);
}
