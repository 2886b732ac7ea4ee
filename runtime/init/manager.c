/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/mman.h>

#include "runtime/init/manager.h"

struct di_manager *
di_manager_make (void)
{
  void *memory = mmap (NULL, sizeof (struct di_manager), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  return memory == MAP_FAILED ? NULL : memory;
}

const char *
di_manager_next (const struct di_manager *manager, const char *item)
{
  if (manager == NULL)
    return NULL; /* a connection's service has none */
  const char *next = item == NULL ? manager->text : item + strlen (item) + 1;

  return next < manager->text + manager->size ? next : NULL;
}

/* Is ITEM what WORD, a name or an assignment, means? */
static bool
is_meant (const char *item, const char *word)
{
  const size_t size = strlen (word);

  if (strchr (word, '=') != NULL)
    return strcmp (item, word) == 0;
  return strncmp (item, word, size) == 0 && item[size] == '=';
}

static void
drop (struct di_manager *manager, const char *item)
{
  const size_t start = (size_t) (item - manager->text);
  const size_t size = strlen (item) + 1;

  memmove (manager->text + start, manager->text + start + size,
           manager->size - start - size);
  manager->size -= size;
}

void
di_manager_unset (struct di_manager *manager, const char *word)
{
  const char *item = di_manager_next (manager, NULL);

  while (item != NULL && !is_meant (item, word))
    item = di_manager_next (manager, item);
  if (item != NULL)
    drop (manager, item);
}

int
di_manager_set (struct di_manager *manager, const char *assignment,
                struct di_error *err)
{
  const char *equals = strchr (assignment, '=');
  const size_t size = strlen (assignment) + 1;
  char name[256];

  if (equals == NULL || (size_t) (equals - assignment) >= sizeof name ||
      !di_env_is_name (assignment, (size_t) (equals - assignment)))
    return di_fail (err, "'", assignment, "' is not NAME=VALUE", NULL);
  memcpy (name, assignment, (size_t) (equals - assignment));
  name[equals - assignment] = '\0';
  di_manager_unset (manager, name);
  if (manager->size + size > sizeof manager->text)
    return di_fail (err, "no room for variable '", name, "'", NULL);
  memcpy (manager->text + manager->size, assignment, size);
  manager->size += size;
  return 0;
}
