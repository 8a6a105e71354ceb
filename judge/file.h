/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole files, in and out. */
#ifndef JUDGE_FILE_H
#define JUDGE_FILE_H

#include <stddef.h>

/*
 * Writes a file so that after a crash either the old or the whole new one is
 * there: temporary file, fsync, rename, fsync of the folder.  0; or -1 with
 * errno, and nothing left behind.
 */
int file_publish(const char *path, const void *data, size_t len);
/* A whole file of at most max bytes, to be freed; NULL and errno. */
void *file_read(const char *path, size_t max, size_t *len);

#endif
