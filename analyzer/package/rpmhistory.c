/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* Why dnf 4 installed a package is in its history:
 *
 *   rpm         item, name, epoch, version, release, architecture
 *   trans_item  id, transaction, item, repository, action, reason, state
 *
 * The last row of a name and architecture counts.  Reasons: 1 dependency, 2
 * user, 3 no longer needed, 4 weak dependency, 5 group; 0 is not known.
 *
 * Source: libdnf 0.73 libdnf/transaction/sql/create_tables.sql, Types.hpp.
 */

#include <stdlib.h>

#include "analyzer/package/rpmmarks.h"
#include "analyzer/package/sqlite.h"
#include "lib/array.h"

#define HISTORY "/var/lib/dnf/history.sqlite"
#define ITEM_MAX ((size_t) 4000000)

/* An item of the history that is of a package that is still there. */
struct item {
  int64_t number;
  size_t package; /* the first one of its name and architecture */
};

struct history {
  struct dc_packages *packages;
  size_t db;
  struct item *items; /* sorted when all are there */
  size_t count;
};

static int
add_item (void *self, int64_t rowid, const struct dc_sqlite_value *columns,
          size_t count, struct dc_error *err)
{
  struct history *history = self;
  const struct dc_package_db *db = &history->packages->dbs[history->db];
  const struct dc_package *items = history->packages->items;

  (void) rowid; /* item is a column of its own */
  if (count < 6 || columns[1].text.text == NULL || columns[5].text.text == NULL)
    return 0;
  for (size_t i =
           dc_packages_find (history->packages, history->db, columns[1].text);
       i < db->first + db->count && dc_span_is (columns[1].text, items[i].name);
       i++) {
    if (!dc_span_is (columns[5].text, items[i].arch))
      continue;
    if (DC_ARRAY_GROW (history->items, history->count, ITEM_MAX,
                       "items of dnf's history", err) < 0)
      return -1;
    history->items[history->count++] = (struct item){ columns[0].number, i };
    return 0;
  }
  return 0;
}

static int
by_number (const void *a, const void *b)
{
  const struct item *p = a, *q = b;

  return (p->number > q->number) - (p->number < q->number);
}

/* Rows come in the order of their ids. */
static int
set_reason (void *self, int64_t rowid, const struct dc_sqlite_value *columns,
            size_t count, struct dc_error *err)
{
  static const enum dc_answer reasons[] = {
    DC_ANSWER_UNKNOWN, DC_ANSWER_NO, DC_ANSWER_YES,
    DC_ANSWER_NO,      DC_ANSWER_NO, DC_ANSWER_YES,
  };
  const struct history *history = self;
  const struct dc_package_db *db = &history->packages->dbs[history->db];
  struct dc_package *items = history->packages->items;

  (void) rowid;
  (void) err; /* nothing here can fail */
  if (count < 6 || history->count == 0 || columns[5].number < 0 ||
      columns[5].number >= (int64_t) DC_COUNT (reasons))
    return 0;
  const struct item key = { columns[2].number, 0 };
  const struct item *item = bsearch (&key, history->items, history->count,
                                     sizeof *history->items, by_number);
  if (item == NULL)
    return 0;
  const struct dc_package *first = &items[item->package];
  for (size_t i = item->package;
       i < db->first + db->count && strcmp (items[i].name, first->name) == 0 &&
       strcmp (items[i].arch, first->arch) == 0;
       i++)
    items[i].manual = reasons[columns[5].number];
  return 0;
}

static void
ignore_damage (void *self)
{
  (void) self; /* what is not known stays unknown */
}

int
dc_rpm_mark_history (struct dc_package_loader *loader, size_t db,
                     struct dc_error *err)
{
  struct history history = { loader->packages, db, NULL, 0 };
  const struct dc_sqlite_sink names = { add_item, ignore_damage, &history };
  const struct dc_sqlite_sink reasons = { set_reason, ignore_damage, &history };

  int status = dc_sqlite_rows (loader->tree, HISTORY, "rpm", &names, err);
  if (status > 0 && history.count > 0) {
    qsort (history.items, history.count, sizeof *history.items, by_number);
    status =
        dc_sqlite_rows (loader->tree, HISTORY, "trans_item", &reasons, err);
  }
  free (history.items);
  return status < 0 ? dc_context (err, "%s", HISTORY) : 0;
}
