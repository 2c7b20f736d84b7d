/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Preloaded into kvas: one of the allocations that kvas itself makes fails, by its number from 0 in
 * KVAS_NOMEM; with a '+' behind the number all after it fail, too. KVAS_NOMEM_ALL: those that its
 * libraries make count as well. KVAS_NOMEM_COUNT: the file that is told how many there were.
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);

static long fail_at = -1, count;
static bool fail_on, of_all, ready;
static uintptr_t program, program_end;

/* The first is the program. */
static int find_program(struct dl_phdr_info *info, size_t size, void *ctx)
{
	program = UINTPTR_MAX;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		uintptr_t from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

		if (info->dlpi_phdr[i].p_type != PT_LOAD)
			continue;
		if (from < program)
			program = from;
		if (from + info->dlpi_phdr[i].p_memsz > program_end)
			program_end = from + info->dlpi_phdr[i].p_memsz;
	}
	(void)size, (void)ctx;
	return 1;
}

static void __attribute__((constructor)) begin(void)
{
	const char *at = getenv("KVAS_NOMEM");
	char *end;

	of_all = getenv("KVAS_NOMEM_ALL");
	dl_iterate_phdr(find_program, NULL);
	if (at) {
		fail_at = strtol(at, &end, 10);
		fail_on = *end == '+';
	}
	ready = true;
}

static void __attribute__((destructor)) tell(void)
{
	const char *file = getenv("KVAS_NOMEM_COUNT");
	int fd = file ? open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

	ready = false;
	if (fd < 0)
		return;
	dprintf(fd, "%ld\n", count);
	close(fd);
}

static bool refused(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;
	long n;

	if (!ready || (!of_all && (at < program || at >= program_end)))
		return false;
	n = __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED);
	if (fail_at < 0 || (n != fail_at && !(fail_on && n > fail_at)))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return refused(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return refused(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return refused(__builtin_return_address(0)) ? NULL : __libc_realloc(p, size);
}
