/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/resource/sysstat.h"
#include "lib/array.h"

#define MAGIC 0xd596
#define MAGIC_SWAPPED 0x96d5
#define FORMAT 0x2175
#define FILE_MAGIC_SIZE 76
#define HEADER_MIN 68 /* bytes that are read of it */
#define HEADER_MAX ((uint32_t) 8192)
#define ACTIVITY_MIN 24
#define ACTIVITY_SIZE_MAX ((uint32_t) 1024)
#define RECORD_MIN 24
#define COMMENT_SIZE 64
#define UNKNOWN UINT64_MAX

enum record_type { STATS = 1, RESTART = 2, LAST_STATS = 3, COMMENT = 4 };
enum activity_id { A_CPU = 1, A_MEMORY = 7, A_QUEUE = 9 };

struct activity {
  uint32_t id;
  uint32_t nr, nr2, size;
  bool has_nr;
};

struct reader {
  const char *bytes;
  size_t size, at;
  uint32_t record_size;
  struct activity activities[DC_SYSSTAT_ACTIVITY_MAX];
  size_t count;
  uint64_t busy, all; /* ticks of the record before */
  bool has_before;
};

static int
ends_early (struct dc_error *err)
{
  return dc_fail (err, DC_ERR_INVALID, "the file ends within a record");
}

/* The next SIZE bytes; NULL where there are fewer. */
static const char *
take (struct reader *reader, uint64_t size)
{
  const char *bytes = reader->bytes + reader->at;

  if (size > reader->size - reader->at)
    return NULL;
  reader->at += (size_t) size;
  return bytes;
}

static uint16_t
get16 (const char *bytes)
{
  uint16_t number;

  memcpy (&number, bytes, sizeof number);
  return le16toh (number);
}

static uint32_t
get32 (const char *bytes)
{
  uint32_t number;

  memcpy (&number, bytes, sizeof number);
  return le32toh (number);
}

static uint64_t
get64 (const char *bytes)
{
  uint64_t number;

  memcpy (&number, bytes, sizeof number);
  return le64toh (number);
}

/* The header's size, or 0 with ERR. */
static uint32_t
read_magic (struct reader *reader, struct dc_error *err)
{
  const char *magic = take (reader, FILE_MAGIC_SIZE);
  uint32_t size = 0;

  if (magic == NULL ||
      (get16 (magic) != MAGIC && get16 (magic) != MAGIC_SWAPPED))
    (void) dc_fail (err, DC_ERR_INVALID, "this is no file of sysstat");
  else if (get16 (magic) == MAGIC_SWAPPED || get16 (magic + 2) != FORMAT)
    (void) dc_fail (err, DC_ERR_UNSUPPORTED,
                    "a file of sysstat %u.%u.%u or of another machine is not "
                    "read",
                    magic[4] & 0xff, magic[5] & 0xff, magic[6] & 0xff);
  else if ((size = get32 (magic + 8)) < HEADER_MIN || size > HEADER_MAX)
    (void) dc_fail (err, DC_ERR_INVALID, "a header of %u bytes", size);
  else
    return size;
  return 0;
}

static int
read_activities (struct reader *reader, uint32_t count, uint32_t size,
                 struct dc_error *err)
{
  for (uint32_t i = 0; i < count; i++) {
    const char *bytes = take (reader, size);
    if (bytes == NULL)
      return ends_early (err);
    reader->activities[reader->count++] = (struct activity){
      .id = get32 (bytes),
      .nr = get32 (bytes + 8),
      .nr2 = get32 (bytes + 12),
      .has_nr = get32 (bytes + 16) != 0,
      .size = get32 (bytes + 20),
    };
  }
  return 0;
}

static int
read_header (struct reader *reader, struct dc_error *err)
{
  const uint32_t size = read_magic (reader, err);
  const char *header = size > 0 ? take (reader, size) : NULL;

  if (size == 0)
    return -1;
  if (header == NULL)
    return ends_early (err);
  const uint32_t count = get32 (header + 20), activity = get32 (header + 52);
  reader->record_size = get32 (header + 56);
  if (get32 (header + 60) != 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "a file of sysstat with extra structures is not read");
  if (header[66] != 8)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "a file of sysstat from a 32-bit machine is not read");
  if (count > DC_SYSSTAT_ACTIVITY_MAX || activity < ACTIVITY_MIN ||
      activity > ACTIVITY_SIZE_MAX || reader->record_size < RECORD_MIN ||
      reader->record_size > ACTIVITY_SIZE_MAX)
    return dc_fail (err, DC_ERR_INVALID, "its header is damaged");
  return read_activities (reader, count, activity, err);
}

/* struct stats_cpu, the first of them being all processors: u64 user, nice,
 * system, idle, iowait, steal, hardirq, softirq, guest, guest_nice; guest is
 * within user.
 */
static void
read_cpu (struct reader *reader, const char *bytes, struct dc_sample *sample)
{
  uint64_t busy = 0;

  for (size_t i = 0; i < 8; i++)
    if (i != 3 && i != 4)
      busy += get64 (bytes + i * 8); /* a wrap is seen below */
  const uint64_t all = busy + get64 (bytes + 24) + get64 (bytes + 32);
  if (reader->has_before && all > reader->all && busy >= reader->busy &&
      busy - reader->busy <= all - reader->all)
    sample->cpu = (uint64_t) (10000.0 * (double) (busy - reader->busy) /
                                  (double) (all - reader->all) +
                              0.5);
  reader->busy = busy;
  reader->all = all;
  reader->has_before = true;
}

/* struct stats_memory: u64 free, buffers, cached, total, ...; at 128
 * available, which old ones lack.
 */
static void
read_memory (const char *bytes, uint32_t size, struct dc_sample *sample)
{
  const uint64_t total = get64 (bytes + 24);
  uint64_t available = 0;

  if (size >= 136)
    available = get64 (bytes + 128);
  else if (__builtin_add_overflow (get64 (bytes), get64 (bytes + 8),
                                   &available) ||
           __builtin_add_overflow (available, get64 (bytes + 16), &available))
    return;
  if (available > total || total > INT64_MAX / 1024)
    return;
  sample->memory_all = total;
  sample->memory_used = total - available;
}

/* struct stats_queue: u64 running, blocked, threads; u32 load of 1, 5, 15
 * minutes in hundredths.
 */
static void
read_queue (const char *bytes, struct dc_sample *sample)
{
  sample->load = get32 (bytes + 24);
}

static int
read_activity (struct reader *reader, const struct activity *activity,
               struct dc_sample *sample, struct dc_error *err)
{
  uint64_t nr = activity->nr, items = 0, size = 0;

  if (activity->has_nr) {
    const char *count = take (reader, sizeof (uint32_t));
    if (count == NULL)
      return ends_early (err);
    nr = get32 (count);
  }
  if (__builtin_mul_overflow (nr, activity->nr2, &items) ||
      __builtin_mul_overflow (items, activity->size, &size))
    return dc_fail (err, DC_ERR_INVALID, "a record is larger than all memory");
  const char *bytes = take (reader, size);
  if (bytes == NULL)
    return ends_early (err);
  if (items == 0)
    return 0;
  if (activity->id == A_CPU && activity->size >= 64)
    read_cpu (reader, bytes, sample);
  else if (activity->id == A_MEMORY && activity->size >= 32)
    read_memory (bytes, activity->size, sample);
  else if (activity->id == A_QUEUE && activity->size >= 36)
    read_queue (bytes, sample);
  return 0;
}

static int
read_sample (struct reader *reader, uint64_t time, struct dc_samples *samples,
             struct dc_error *err)
{
  struct dc_sample sample = { time, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN };

  for (size_t i = 0; i < reader->count; i++)
    if (read_activity (reader, &reader->activities[i], &sample, err) < 0)
      return -1;
  if (DC_ARRAY_GROW (samples->items, samples->count, DC_SAMPLE_MAX, "samples",
                     err) < 0)
    return -1;
  samples->items[samples->count++] = sample;
  return 0;
}

static int
read_record (struct reader *reader, struct dc_samples *samples,
             struct dc_error *err)
{
  const char *header = take (reader, reader->record_size);

  if (header == NULL)
    return ends_early (err);
  const unsigned type = (unsigned char) header[20];
  if (get32 (header + 16) != 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "a record with extra structures is not read");
  switch (type) {
  case STATS:
  case LAST_STATS:
    return read_sample (reader, get64 (header + 8), samples, err);
  case RESTART:
    reader->has_before = false;
    return take (reader, sizeof (uint32_t)) != NULL ? 0 : ends_early (err);
  case COMMENT:
    return take (reader, COMMENT_SIZE) != NULL ? 0 : ends_early (err);
  default:
    return dc_fail (err, DC_ERR_UNSUPPORTED, "a record of type %u is not known",
                    type);
  }
}

int
dc_sysstat_parse (const char *bytes, size_t size, struct dc_samples *samples,
                  struct dc_error *err)
{
  struct reader reader = { .bytes = bytes, .size = size };

  if (size > DC_SYSSTAT_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "a file of %zu bytes, limit %zu", size,
                    DC_SYSSTAT_SIZE_MAX);
  if (read_header (&reader, err) < 0)
    return -1;
  while (reader.at < reader.size)
    if (read_record (&reader, samples, err) < 0)
      return -1;
  return 0;
}

void
dc_samples_release (struct dc_samples *samples)
{
  free (samples->items);
  *samples = (struct dc_samples){ NULL, 0 };
}
