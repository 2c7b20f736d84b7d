/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/features.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/kernel_btf.h"
#include "kernel/limits.h"
#include "kernel/refusal.h"

struct features {
	struct btf *btf;
	char avoid[HOW_TP_BTF + 1][128]; /* by enum attach_how: why not; "" may be used */
	bool trampolines; /* a program was attached by fentry or fexit here */
	int kprobe_type; /* perf PMU type, -1 none */
};

/* r0 = 0; exit */
static const struct bpf_insn empty_program[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};
#define EMPTY_LEN (sizeof(empty_program) / sizeof(empty_program[0]))

static int read_int(const char *path)
{
	FILE *f = fopen(path, "re");
	int v = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%d", &v) != 1)
		v = -1;
	fclose(f);
	return v;
}

int features_bpf_allowed(struct err *e)
{
	int fd;

	libbpf_set_print(NULL); /* each error says it in kvas's own words */
	/* Old kernels charge maps to RLIMIT_MEMLOCK; libbpf raises it if need be. */
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	limits_raise_files();
	fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "kvas_try", "GPL", empty_program,
			   EMPTY_LEN, NULL);
	if (fd < 0)
		return refusal(e, errno, "the kernel refuses BPF programs");
	close(fd);
	return kernel_btf_check(KERNEL_BTF, e);
}

int features_create(struct features **out, struct err *e)
{
	struct features *f = calloc(1, sizeof(*f));

	if (!f)
		return err_set(e, "out of memory");
	if (features_bpf_allowed(e)) {
		free(f);
		return -1;
	}
	f->btf = btf__load_vmlinux_btf();
	if (!f->btf) {
		free(f);
		return refusal(e, errno, "the kernel's BTF (" KERNEL_BTF ") cannot be read");
	}
	f->kprobe_type = read_int("/sys/bus/event_source/devices/kprobe/type");
	*out = f;
	return 0;
}

void features_destroy(struct features *f)
{
	if (!f)
		return;
	btf__free(f->btf);
	free(f);
}

static int load_tracing(struct features *f, const char *name, int kind, int attach, char *why,
			size_t len)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach);
	int id = btf__find_by_name_kind(f->btf, name, kind), fd;

	if (id <= 0) {
		snprintf(why, len, "the kernel's BTF has no %s",
			 kind == BTF_KIND_FUNC ? "such function" : "such tracepoint");
		return -ENOENT;
	}
	opts.attach_btf_id = id;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "kvas_try", "GPL", empty_program, EMPTY_LEN,
			   &opts);
	if (fd < 0) {
		fd = -errno;
		snprintf(why, len, "loading is refused: %s", strerror(-fd));
	}
	return fd;
}

/* Arguments of function NAME by BTF; -1 when it has no such function. */
static int arguments(struct features *f, const char *name)
{
	int id = btf__find_by_name_kind(f->btf, name, BTF_KIND_FUNC);
	const struct btf_type *t = id > 0 ? btf__type_by_id(f->btf, id) : NULL;

	t = t ? btf__type_by_id(f->btf, t->type) : NULL;
	return t ? btf_vlen(t) : -1;
}

/* What speaks against C before it is tried: 0, or -errno with WHY. */
static int ruled_out(struct features *f, const struct hook_candidate *c, char *why, size_t len)
{
	int args = c->args && c->how < HOW_KPROBE ? arguments(f, c->target) : -1;

	if (f->avoid[c->how][0]) {
		snprintf(why, len, "%s", f->avoid[c->how]);
		return -EPERM;
	}
	if (args >= 0 && args != c->args - 1) {
		snprintf(why, len, "it takes %d arguments here, this program expects %d", args,
			 c->args - 1);
		return -EINVAL;
	}
	return 0;
}

static int attach_tracing(struct features *f, const struct hook_candidate *c, int held[2],
			  char *why, size_t len)
{
	char name[128];
	int prog, link;

	if (c->how == HOW_TP_BTF) {
		snprintf(name, sizeof(name), "btf_trace_%s", c->target);
		prog = load_tracing(f, name, BTF_KIND_TYPEDEF, BPF_TRACE_RAW_TP, why, len);
	} else {
		prog = load_tracing(f, c->target, BTF_KIND_FUNC,
				    c->how == HOW_FENTRY ? BPF_TRACE_FENTRY : BPF_TRACE_FEXIT, why,
				    len);
	}
	if (prog < 0)
		return prog;
	link = bpf_raw_tracepoint_open(NULL, prog);
	if (link < 0) {
		link = -errno;
		snprintf(why, len, "attaching is refused: %s%s", strerror(-link),
			 c->how == HOW_TP_BTF ? "" : " (no BPF trampolines here)");
		close(prog);
		return link;
	}
	held[0] = link;
	held[1] = prog;
	return 0;
}

static int attach_probe(struct features *f, const struct hook_candidate *c, int held[2], char *why,
			size_t len)
{
	struct perf_event_attr attr = { .size = sizeof(attr) };
	int event, prog, r;

	if (f->kprobe_type < 0) {
		snprintf(why, len, "the kernel has no kprobes");
		return -EOPNOTSUPP;
	}
	attr.type = f->kprobe_type;
	attr.config = c->how == HOW_KRETPROBE; /* PMU format "retprobe": bit 0 */
	attr.kprobe_func = (uintptr_t)c->target;
	event = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (event < 0) {
		r = -errno;
		snprintf(why, len, "the probe is refused: %s", strerror(-r));
		return r;
	}
	prog = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "kvas_try", "GPL", empty_program, EMPTY_LEN,
			     NULL);
	if (prog < 0 || ioctl(event, PERF_EVENT_IOC_SET_BPF, prog) ||
	    ioctl(event, PERF_EVENT_IOC_ENABLE, 0)) {
		r = -errno;
		snprintf(why, len, "BPF on the probe is refused: %s", strerror(-r));
		close(event);
		if (prog >= 0)
			close(prog);
		return r;
	}
	held[0] = event;
	held[1] = prog;
	return 0;
}

void features_avoid(struct features *f, unsigned int ways, const char *why)
{
	for (int how = 0; how <= HOW_TP_BTF; how++)
		if (ways & (1u << how))
			snprintf(f->avoid[how], sizeof(f->avoid[how]), "%s", why);
}

int features_attach_empty(struct features *f, const struct hook_candidate *c, int held[2],
			  char *why, size_t len)
{
	int r = ruled_out(f, c, why, len);

	held[0] = held[1] = -1;
	if (r)
		return r;
	if (c->how == HOW_KPROBE || c->how == HOW_KRETPROBE)
		return attach_probe(f, c, held, why, len);
	return attach_tracing(f, c, held, why, len);
}

int features_attempt(void *ctx, const struct hook_candidate *c, char *why, size_t len)
{
	int held[2], r = features_attach_empty(ctx, c, held, why, len);

	for (int i = 0; i < 2; i++)
		if (held[i] >= 0)
			close(held[i]);
	return r;
}

/* The verifier finds the place a trampoline would go: where one was attached, others
 * that load can be. */
static int load_trampoline(struct features *f, const struct hook_candidate *c, char *why, size_t len)
{
	int prog;

	if (!f->trampolines) {
		int r = features_attempt(f, c, why, len);

		f->trampolines |= !r;
		return r;
	}
	prog = load_tracing(f, c->target, BTF_KIND_FUNC,
			    c->how == HOW_FENTRY ? BPF_TRACE_FENTRY : BPF_TRACE_FEXIT, why, len);
	if (prog < 0)
		return prog;
	close(prog);
	return 0;
}

int features_attempt_quick(void *ctx, const struct hook_candidate *c, char *why, size_t len)
{
	struct features *f = ctx;
	char name[128];
	int r = ruled_out(f, c, why, len);

	if (r)
		return r;
	if (c->how == HOW_FENTRY || c->how == HOW_FEXIT)
		return load_trampoline(f, c, why, len);
	if (c->how != HOW_TP_BTF)
		return features_attempt(ctx, c, why, len);
	snprintf(name, sizeof(name), "btf_trace_%s", c->target);
	if (btf__find_by_name_kind(f->btf, name, BTF_KIND_TYPEDEF) > 0)
		return 0;
	snprintf(why, len, "the kernel's BTF has no such tracepoint");
	return -ENOENT;
}
