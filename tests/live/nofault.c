/* SPDX-License-Identifier: GPL-2.0 */
/* nofault: reads by BPF, as any tracer does, of an address that is not mapped, until the
 * input ends. Prints "ready" after the first hundred and, at the end, how many failed. */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "err.h"
#include "kernel/reader.h"

/* Between cpu_entry_area and espfix, with 4 and with 5 levels: never mapped. */
#define HOLE 0xfffffe9000000000ULL
#define EACH 100

int main(void)
{
	struct pollfd end = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned long failed = 0;
	struct reader *r;
	struct err e = { 0 };
	__u64 got;

	if (reader_create(&r, &e))
		return err_print(&e);
	for (unsigned long round = 0; !round || !poll(&end, 1, 10); round++) {
		for (int i = 0; i < EACH; i++)
			failed += reader_read(r, HOLE + i * 4096, &got, sizeof(got)) != 0;
		if (!round)
			printf("ready\n");
		fflush(stdout);
	}
	printf("%lu\n", failed);
	reader_destroy(r);
	return 0;
}
