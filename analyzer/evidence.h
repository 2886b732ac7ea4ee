/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EVIDENCE_H
#define DC_ANALYZER_EVIDENCE_H

/* evidence: what makes a statement about a guest worth believing. */

enum dc_confidence {
  DC_OBSERVED, /* seen on the live host */
  DC_DECLARED, /* the configuration says so */
  DC_INFERRED, /* a default, or a guess with a reason */
  DC_UNKNOWN,
};

/* Where a statement comes from; owned. */
struct dc_evidence {
  char *file;    /* "/etc/nginx/sites-enabled/default" */
  unsigned line; /* 0: the file as a whole */
};

/* The same, borrowed. */
struct dc_proof {
  const char *file;
  unsigned line;
};

#endif
