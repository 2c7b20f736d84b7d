/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verifier's verdict on every program of the objects named, the tracing programs'
 * first: a line "OBJECT PROGRAM VERDICT INSNS" for each. INSNS is how many
 * instructions the verifier went through. A program for a kernel function that is
 * not there is "absent".
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kvas/wire.h"

#define MAX_PROGRAMS 96
#define LOG_BYTES (256u << 10)

static char said[4096];

static int keep(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	size_t at = strlen(said);

	if (level <= LIBBPF_WARN)
		vsnprintf(said + at, sizeof(said) - at, fmt, ap);
	return 0;
}

/* The configuration with most code alive: every record, a filter. The verifier
 * leaves out what constants switch off. */
static void configure(struct bpf_object *obj)
{
	struct kvas_config cfg = { .emit = ~0u, .filter = KVAS_FILTER_TREE, .nr_rings = 2,
				   .wakeup_bytes = 4096, .pgd_derived = 1, .thread_size = 16384, .pcid = 1,
				   .tlbstate = 4096, .percpu_offsets = 4096 };
	struct bpf_map *m;

	bpf_object__for_each_map(m, obj) {
		size_t size;
		const void *old = bpf_map__initial_value(m, &size);

		/* cfg is the object's only constant of that size, and comes first. */
		if (old && strstr(bpf_map__name(m), "rodata") && size >= sizeof(cfg)) {
			char *data = malloc(size);

			memcpy(data, old, size);
			memcpy(data, &cfg, sizeof(cfg));
			bpf_map__set_initial_value(m, data, size);
			free(data);
		}
	}
}

/* Does the kernel have what P is for? libbpf looks the name up in the kernel's BTF. */
static int absent(const struct btf *vmlinux, const struct bpf_program *p)
{
	const char *section = bpf_program__section_name(p), *target = strchr(section, '/');
	char name[128];

	if (!target)
		return 0;
	if (!strncmp(section, "tp_btf/", 7)) {
		snprintf(name, sizeof(name), "btf_trace_%s", target + 1);
		return btf__find_by_name_kind(vmlinux, name, BTF_KIND_TYPEDEF) < 0;
	}
	if (!strncmp(section, "fentry/", 7) || !strncmp(section, "fexit/", 6))
		return btf__find_by_name_kind(vmlinux, target + 1, BTF_KIND_FUNC) < 0;
	return 0;
}

/* Load the programs of FILE that WANTED says (one flag each), each with a log of its
 * own below LOGS. 0, or -errno. */
static int load_object(const char *file, const char *wanted, char *logs)
{
	struct bpf_object *obj = bpf_object__open(file);
	struct bpf_program *p;
	int i = 0, r;

	if (!obj)
		return -errno;
	bpf_object__for_each_program(p, obj) {
		bpf_program__set_autoload(p, wanted[i]);
		bpf_program__set_log_buf(p, logs + (size_t)i * LOG_BYTES, LOG_BYTES);
		bpf_program__set_log_level(p, 4);
		i++;
	}
	configure(obj);
	said[0] = '\0';
	r = bpf_object__load(obj);
	bpf_object__close(obj);
	return r;
}

static void print_row(const char *object, const char *name, const char *verdict, const char *log)
{
	const char *n = strstr(log, "processed ");

	printf("%s %s %s %ld\n", object, name, verdict, n ? atol(n + 10) : -1);
}

/* All at once where the kernel takes them all; else one by one. */
static int report(const char *file, const struct btf *vmlinux)
{
	struct bpf_object *obj = bpf_object__open(file);
	const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	char wanted[MAX_PROGRAMS], *logs = calloc(MAX_PROGRAMS, LOG_BYTES);
	struct bpf_program *p;
	int i = 0, all, refused = 0;

	if (!obj || !logs) {
		fprintf(stderr, "%s: %s\n", file, strerror(errno));
		return 1;
	}
	bpf_object__for_each_program(p, obj)
		if (i < MAX_PROGRAMS)
			wanted[i++] = !absent(vmlinux, p);
	all = load_object(file, wanted, logs);
	i = 0;
	bpf_object__for_each_program(p, obj) {
		char one[MAX_PROGRAMS] = { 0 }, *log = logs + (size_t)i * LOG_BYTES;
		int r = all;

		if (wanted[i] && all) {
			one[i] = 1;
			r = load_object(file, one, logs);
		}
		print_row(base, bpf_program__name(p),
			  !wanted[i] ? "absent" : r ? "refused" : "accepted", log);
		if (wanted[i] && r) {
			refused++;
			fprintf(stderr, "%s: %s\n%s\n", bpf_program__name(p), said, log);
		}
		i++;
	}
	bpf_object__close(obj);
	free(logs);
	return refused;
}

int main(int argc, char **argv)
{
	struct btf *vmlinux;
	int refused = 0;

	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(keep);
	vmlinux = btf__load_vmlinux_btf();
	if (argc < 2 || !vmlinux)
		return 2;
	for (int i = 1; i < argc; i++)
		refused += report(argv[i], vmlinux);
	btf__free(vmlinux);
	return refused != 0;
}
