/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_OCI_REF_H
#define DC_LIB_OCI_REF_H

/* ref: the name of an image, in the words that skopeo and podman users know.
 *
 *   oci:DIR[:TAG]            an OCI layout; TAG is "latest" unless given
 *   oci-archive:FILE[:TAG]   docker-archive:FILE[:TAG]
 *   docker://HOST/REPO[:TAG] containers-storage:NAME
 *
 * Source: containers-transports(5); OCI image-spec 1.1, annotations.md for
 * what org.opencontainers.image.ref.name may hold.
 */

#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_REF_TAG_MAX 255 /* bytes */
#define DC_REF_TAG_DEFAULT "latest"

enum dc_ref_kind {
  DC_REF_OCI,
  DC_REF_OCI_ARCHIVE,
  DC_REF_DOCKER_ARCHIVE,
  DC_REF_DOCKER,
  DC_REF_CONTAINERS_STORAGE,
};

struct dc_ref {
  enum dc_ref_kind kind;
  char *path; /* folder or file; for the others all behind the prefix */
  char *tag;  /* NULL for the kinds whose tag is part of PATH */
};

/* 0 and *OUT for the caller, or -1 with DC_ERR_INVALID: no known prefix (the
 * text proposes one), empty path, a tag with other than A-Za-z0-9._-/:@+.
 */
int dc_ref_parse (const char *text, struct dc_ref **out, struct dc_error *err);
const char *dc_ref_kind_name (enum dc_ref_kind kind); /* "oci" */
void dc_ref_free (struct dc_ref *ref);
DC_DEFINE_AUTO (dc_ref)

#endif
