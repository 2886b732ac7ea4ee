/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"
#include "lib/disk/format.h"
#include "lib/file.h"
#include "lib/quote.h"
#include "lib/span.h"

/* Bytes at the start in which every signature lies ("ustar" is at 257); a
 * VMware descriptor says within them that it is one.
 */
#define HEAD_SIZE 512
#define TAIL_SIZE 512 /* the footer of a fixed VHD, the trailer of a DMG */

static const char *const format_names[] = {
  [DC_FORMAT_RAW] = "raw",     [DC_FORMAT_QCOW] = "qcow",
  [DC_FORMAT_QCOW2] = "qcow2", [DC_FORMAT_VMDK] = "vmdk",
  [DC_FORMAT_VDI] = "vdi",     [DC_FORMAT_VHDX] = "vhdx",
  [DC_FORMAT_VPC] = "vpc",
};

/* A suffix that stands in several rows leaves the choice to the header.
 * .img, .dd, .bin and all others state nothing.
 */
static const struct {
  const char *suffix;
  enum dc_format format;
} suffixes[] = {
  { ".qcow", DC_FORMAT_QCOW },   { ".qcow", DC_FORMAT_QCOW2 },
  { ".qcow2", DC_FORMAT_QCOW2 }, { ".raw", DC_FORMAT_RAW },
  { ".vdi", DC_FORMAT_VDI },     { ".vhd", DC_FORMAT_VPC },
  { ".vhdx", DC_FORMAT_VHDX },   { ".vmdk", DC_FORMAT_VMDK },
  { ".vpc", DC_FORMAT_VPC },
};

/* Signatures in the first HEAD_SIZE bytes, or the last TAIL_SIZE. */
struct signature {
  const char *name;
  enum dc_format_seen seen;
  enum dc_format format;
  enum { AT_HEAD, AT_TAIL } where;
  unsigned offset;
  unsigned size;
  const char *bytes;
};

#define DISK(name, format, where, offset, bytes)                               \
  {                                                                            \
    name, DC_FORMAT_SEEN_DISK, format, where, offset, sizeof (bytes) - 1,      \
        bytes                                                                  \
  }
#define FOREIGN(name, where, offset, bytes)                                    \
  {                                                                            \
    name, DC_FORMAT_SEEN_FOREIGN, DC_FORMAT_RAW, where, offset,                \
        sizeof (bytes) - 1, bytes                                              \
  }
static const struct signature signatures[] = {
  DISK ("a qcow header", DC_FORMAT_QCOW, AT_HEAD, 0, "QFI\xfb\0\0\0\1"),
  DISK ("a qcow2 header", DC_FORMAT_QCOW2, AT_HEAD, 0, "QFI\xfb"),
  DISK ("a VMDK header", DC_FORMAT_VMDK, AT_HEAD, 0, "KDMV"),
  DISK ("the header of a VMDK extent", DC_FORMAT_VMDK, AT_HEAD, 0, "COWD"),
  DISK ("a VDI header", DC_FORMAT_VDI, AT_HEAD, 0x40, "\x7f\x10\xda\xbe"),
  DISK ("a VHDX header", DC_FORMAT_VHDX, AT_HEAD, 0, "vhdxfile"),
  DISK ("a VHD header", DC_FORMAT_VPC, AT_HEAD, 0, "conectix"),
  DISK ("a VHD footer", DC_FORMAT_VPC, AT_TAIL, 0, "conectix"),
  FOREIGN ("a 7z archive", AT_HEAD, 0, "7z\xbc\xaf\x27\x1c"),
  FOREIGN ("a bzip2 file", AT_HEAD, 0, "BZh"),
  FOREIGN ("a DMG image", AT_TAIL, 0, "koly\0\0\0\4"),
  FOREIGN ("an EWF image", AT_HEAD, 0, "EVF\x09\x0d\x0a\xff\0"),
  FOREIGN ("a gzip file", AT_HEAD, 0, "\x1f\x8b\x08"),
  FOREIGN ("a Parallels disk", AT_HEAD, 0, "WithoutFreeSpace"),
  FOREIGN ("a Parallels disk", AT_HEAD, 0, "WithouFreSpacExt"),
  FOREIGN ("a QED disk", AT_HEAD, 0, "QED\0"),
  FOREIGN ("a tar archive", AT_HEAD, 257, "ustar"),
  FOREIGN ("an xz file", AT_HEAD, 0, "\xfd\x37zXZ\0"),
  FOREIGN ("a zip archive", AT_HEAD, 0, "PK\3\4"),
  FOREIGN ("a zstd file", AT_HEAD, 0, "\x28\xb5\x2f\xfd"),
};

const char *
dc_format_name (enum dc_format format)
{
  return format_names[format];
}

int
dc_format_parse (const char *name, enum dc_format *out, struct dc_error *err)
{
  if (strcmp (name, "vhd") == 0)
    name = "vpc";
  for (size_t i = 0; i < DC_COUNT (format_names); i++)
    if (strcmp (format_names[i], name) == 0) {
      *out = (enum dc_format) i;
      return 0;
    }
  return dc_fail (err, DC_ERR_UNSUPPORTED,
                  "disk format '%s' is none of raw, qcow, qcow2, vmdk, vdi, "
                  "vhdx, vpc",
                  dc_quote (name).text);
}

/* Does row I of the suffixes fit NAME? */
static bool
has_suffix (const char *name, size_t i)
{
  const size_t size = strlen (name), n = strlen (suffixes[i].suffix);

  return size > n && strcasecmp (name + size - n, suffixes[i].suffix) == 0;
}

/* A text that says "version=" behind comments and empty lines, which is how
 * QEMU tells a descriptor.
 */
static bool
is_descriptor (struct dc_span text)
{
  struct dc_span line;

  while (dc_span_line (&text, &line)) {
    line = dc_span_trim (line);
    if (line.size > 0 && line.text[0] != '#')
      return dc_span_starts (line, "version=");
  }
  return false;
}

int
dc_format_look (const struct dc_window *file, struct dc_format_header *out,
                struct dc_error *err)
{
  static const struct dc_format_header nothing = { .name = "no known header" };
  static const struct dc_format_header descriptor = { DC_FORMAT_SEEN_DISK,
                                                      DC_FORMAT_VMDK,
                                                      "a VMDK descriptor" };
  char head[HEAD_SIZE], tail[TAIL_SIZE];
  const size_t head_size =
      file->size < HEAD_SIZE ? (size_t) file->size : HEAD_SIZE;
  const size_t tail_size = file->size < TAIL_SIZE ? 0 : TAIL_SIZE;

  if (dc_window_read (file, 0, head, head_size, err) < 0 ||
      dc_window_read (file, file->size - tail_size, tail, tail_size, err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (signatures); i++) {
    const struct signature *s = &signatures[i];
    const char *bytes = s->where == AT_HEAD ? head : tail;
    const size_t available = s->where == AT_HEAD ? head_size : tail_size;
    if (s->offset + s->size <= available &&
        memcmp (bytes + s->offset, s->bytes, s->size) == 0) {
      *out = (struct dc_format_header){ s->seen, s->format, s->name };
      return 0;
    }
  }
  const struct dc_span text = { head, head_size };
  *out = is_descriptor (text) ? descriptor : nothing;
  return 0;
}

static int
refuse (const char *name, const struct dc_format_header *header,
        struct dc_error *err)
{
  if (header->seen == DC_FORMAT_SEEN_FOREIGN)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "'%s' is %s; unpack or convert it, or say --format raw "
                    "to take it as the disk's bytes",
                    dc_quote (name).text, header->name);
  return dc_fail (err, DC_ERR_UNSUPPORTED,
                  "'%s' has %s, which the guest of a raw disk could have "
                  "written; say --format %s or --format raw",
                  dc_quote (name).text, header->name,
                  dc_format_name (header->format));
}

static int
fail_disagree (const char *name, enum dc_format format,
               const struct dc_format_header *header, struct dc_error *err)
{
  const bool is_foreign = header->seen == DC_FORMAT_SEEN_FOREIGN;

  return dc_fail (err, DC_ERR_INVALID, "'%s' is not a %s file: it %s %s",
                  dc_quote (name).text, dc_format_name (format),
                  is_foreign ? "is" : "has", header->name);
}

int
dc_format_decide (const char *name, const char *stated,
                  const struct dc_window *file, enum dc_format *out,
                  struct dc_error *err)
{
  struct dc_format_header header;
  enum dc_format format = DC_FORMAT_RAW;
  bool is_stated = stated != NULL;

  if (is_stated && dc_format_parse (stated, &format, err) < 0)
    return dc_context (err, "'%s'", dc_quote (name).text);
  if (dc_format_look (file, &header, err) < 0)
    return dc_context (err, "'%s'", dc_quote (name).text);
  for (size_t i = 0; stated == NULL && i < DC_COUNT (suffixes); i++)
    if (has_suffix (name, i)) {
      is_stated = true;
      format = suffixes[i].format;
      if (format == header.format)
        break;
    }

  if (!is_stated && header.seen != DC_FORMAT_SEEN_NOTHING)
    return refuse (name, &header, err);
  if (format != DC_FORMAT_RAW && format != header.format)
    return fail_disagree (name, format, &header, err);
  *out = format;
  return 0;
}
