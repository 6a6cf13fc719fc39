#include "process.h"

#include <dirent.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <unistd.h>

#include "auto.h"

static void head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP process_%s %s\n# TYPE process_%s %s\n", name, help, name, type);
}

static void write_cpu(FILE *out)
{
	struct rusage use;

	if (getrusage(RUSAGE_SELF, &use) != 0)
		return;
	head(out, "cpu_seconds_total", "counter", "Time of processors, in user and kernel.");
	fprintf(out, "process_cpu_seconds_total %.6f\n",
		(double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
			(double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6);
}

static void write_memory(FILE *out)
{
	AUTO(auto_fclose) FILE *f = fopen("/proc/self/statm", "re");
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t size, resident;

	/* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers */
	if (!f || fscanf(f, "%" SCNu64 " %" SCNu64, &size, &resident) != 2)
		return;
	head(out, "virtual_memory_bytes", "gauge", "Address space in use.");
	fprintf(out, "process_virtual_memory_bytes %" PRIu64 "\n", size * page);
	head(out, "resident_memory_bytes", "gauge", "Memory in use.");
	fprintf(out, "process_resident_memory_bytes %" PRIu64 "\n", resident * page);
}

static void auto_closedir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* Not counted: . and .. and the one that counts. */
static void write_files(FILE *out)
{
	AUTO(auto_closedir) DIR *dir = opendir("/proc/self/fd");
	struct rlimit limit;
	int n = -3;

	if (!dir || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	while (readdir(dir)) /* NOLINT(concurrency-mt-unsafe): of a folder of its own */
		n++;
	head(out, "open_fds", "gauge", "Open files and connections.");
	fprintf(out, "process_open_fds %d\n", n);
	head(out, "max_fds", "gauge", "How many there may be.");
	fprintf(out, "process_max_fds %ju\n", (uintmax_t)limit.rlim_cur);
}

void process_write(int64_t started_ms, FILE *out)
{
	write_cpu(out);
	write_memory(out);
	write_files(out);
	head(out, "start_time_seconds", "gauge", "When it was started.");
	fprintf(out, "process_start_time_seconds %.3f\n", (double)started_ms / 1000);
}
