/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_ERROR_H
#define DC_LIB_ERROR_H

/* error: what went wrong, in memory the caller already has.
 *
 * Setting an error allocates nothing, so it cannot fail and there is
 * nothing to release.  The text grows from the inside out: the function
 * that failed says what, each caller that knows more says where.
 */

enum dc_code {
  DC_OK = 0,
  DC_ERR_INVALID,     /* the input breaks its own format */
  DC_ERR_LIMIT,       /* the input is larger than we accept */
  DC_ERR_NOTFOUND,    /* the thing named by the caller does not exist */
  DC_ERR_UNSUPPORTED, /* well-formed, but we cannot do it */
  DC_ERR_SYSTEM,      /* a system call failed; sys_errno says how */
  DC_ERR_TOOL,        /* an external program failed */
  DC_ERR_EXISTS,      /* an output is already there */
  DC_ERR_BUSY,        /* somebody else uses it */
  DC_ERR_ENCRYPTED,   /* a key is needed */
  DC_ERR_APPLIANCE,   /* well-formed, but only the appliance can read it */
  DC_ERR_CANCELLED,   /* the user asked us to stop */
};

struct dc_error {
  enum dc_code code;
  int sys_errno;  /* errno of the failed call, 0 when there was none */
  char text[512]; /* one line without a newline; cut at the end if long */
};

/* Each sets ERR and returns -1, so that a failure is one statement.
 * dc_fail_errno() appends ": " and the message for errno.
 * dc_context() puts its text and ": " before what ERR already says.
 */
int dc_fail (struct dc_error *err, enum dc_code code, const char *fmt, ...)
    __attribute__ ((__nonnull__ (1, 3), __format__ (__printf__, 3, 4)));
int dc_fail_errno (struct dc_error *err, const char *fmt, ...)
    __attribute__ ((__nonnull__ (1, 2), __format__ (__printf__, 2, 3)));
int dc_context (struct dc_error *err, const char *fmt, ...)
    __attribute__ ((__nonnull__ (1, 2), __format__ (__printf__, 2, 3)));

#endif
