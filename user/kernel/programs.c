/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/programs.h"

#include <bpf/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/symbols.h"

#define MOST_LINKS 4096
#define MOST_FUNCTIONS 64 /* of one program */

/* The program's functions into SYMBOLS; where the first begins, 0 when not told. */
static __u64 add_functions(__u32 prog_id, struct symbols *symbols)
{
	__u64 start[MOST_FUNCTIONS] = {};
	__u32 bytes[MOST_FUNCTIONS] = {}, len = sizeof(struct bpf_prog_info);
	struct bpf_prog_info info = { .jited_ksyms = (uintptr_t)start,
				      .nr_jited_ksyms = MOST_FUNCTIONS,
				      .jited_func_lens = (uintptr_t)bytes,
				      .nr_jited_func_lens = MOST_FUNCTIONS };
	int fd = bpf_prog_get_fd_by_id(prog_id);
	bool bad = fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len);

	if (fd >= 0)
		close(fd);
	if (bad || !start[0])
		return 0;
	for (__u32 i = 0; i < info.nr_jited_ksyms && i < MOST_FUNCTIONS; i++) {
		char name[32];

		if (!start[i] || !bytes[i])
			continue;
		snprintf(name, sizeof(name), "bpf_prog_%.15s", info.name);
		symbols_add(symbols, start[i], name);
		symbols_add(symbols, start[i] + bytes[i], ""); /* what follows is not its */
	}
	return start[0];
}

/* The tracepoint program that link ID attaches. */
static bool tracepoint_link(__u32 id, struct program *p, __u32 *prog_id)
{
	struct bpf_link_info info = {
		.raw_tracepoint = { .tp_name = (uintptr_t)p->tracepoint,
				    .tp_name_len = sizeof(p->tracepoint) }
	};
	__u32 len = sizeof(info);
	int fd = bpf_link_get_fd_by_id(id);
	bool bad = fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len);

	if (fd >= 0)
		close(fd);
	*prog_id = info.prog_id;
	return !bad && info.type == BPF_LINK_TYPE_RAW_TRACEPOINT;
}

size_t programs_read(struct program **out, struct symbols *symbols)
{
	struct program *list = calloc(MOST_LINKS, sizeof(*list));
	__u32 id = 0, prog_id;
	size_t nr = 0;

	*out = list;
	while (list && nr < MOST_LINKS && !bpf_link_get_next_id(id, &id))
		if (tracepoint_link(id, &list[nr], &prog_id)) {
			list[nr].start = add_functions(prog_id, symbols);
			nr += list[nr].start != 0;
		}
	symbols_sort(symbols);
	return nr;
}
