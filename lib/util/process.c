/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads /proc/self, which the units leave visible. */
#include "config.h"

#include <sys/resource.h>

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "util/metric.h"
#include "util/process.h"
#include "util/ts.h"

void
process_begin(void)
{
	metric_set(METRIC_STARTED, 0, (double)ts_now() / 1e6);
}

double
process_cpu(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) == -1)
		return 0;
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void
memory_measure(void)
{
	unsigned long all, resident;
	double page = (double)sysconf(_SC_PAGESIZE);
	FILE *f;

	if ((f = fopen("/proc/self/statm", "re")) == NULL)
		return;
	if (fscanf(f, "%lu %lu", &all, &resident) == 2) {
		metric_set(METRIC_VIRTUAL, 0, (double)all * page);
		metric_set(METRIC_RESIDENT, 0, (double)resident * page);
	}
	(void)fclose(f);
}

static void
descriptors_measure(void)
{
	struct rlimit most;
	int n = 0;
	DIR *d;

	if (getrlimit(RLIMIT_NOFILE, &most) == 0)
		metric_set(METRIC_FDS_MOST, 0, (double)most.rlim_cur);
	if ((d = opendir("/proc/self/fd")) == NULL)
		return;
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	/* without ".", ".." and the folder's own */
	metric_set(METRIC_FDS, 0, n - 3);
}

void
process_measure(void)
{
	memory_measure();
	descriptors_measure();
}
