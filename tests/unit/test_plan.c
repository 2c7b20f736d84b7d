/* SPDX-License-Identifier: GPL-2.0 */
/* The attach plan on made-up feature sets. */
#include <errno.h>

#include "test.h"
#include "trace/plan.h"

/* What a made-up kernel allows. */
struct kernel {
	bool trampolines, kprobes, tracepoints;
	const char *lacks; /* a target it does not have */
	int attempts;
};

static int attempt(void *ctx, const struct hook_candidate *c, char *why, size_t len)
{
	struct kernel *k = ctx;
	bool ok = c->how == HOW_TP_BTF				 ? k->tracepoints :
		  c->how == HOW_KPROBE || c->how == HOW_KRETPROBE ? k->kprobes :
								    k->trampolines;

	k->attempts++;
	if (ok && !(k->lacks && !strcmp(k->lacks, c->target)))
		return 0;
	snprintf(why, len, "made-up refusal");
	return -EPERM;
}

/* Of the hook NAME the kernel gets the way HOW of TARGET; RET is for the whole plan. */
static void is_hooked(int ret, struct kernel k, const char *name, const char *how,
		      const char *target, bool derived)
{
	static struct plan p;
	struct err e = { 0 };
	const struct hook_candidate *c;

	assert_int_equal(plan_make(hook_table, HOOK_COUNT, ~0u, attempt, &k, &p, &e), ret);
	c = plan_chosen(&p, name);
	assert_non_null(c);
	assert_string_equal(attach_how_name(c->how), how);
	assert_string_equal(c->target, target);
	assert_int_equal(c->derived, derived);
}

TEST(fentry_is_first)
{
	is_hooked(0, (struct kernel){ true, true, true, NULL, 0 }, "pgd_free", "fentry",
		  "pgd_free", false);
}

TEST(kprobe_where_no_trampoline)
{
	is_hooked(0, (struct kernel){ false, true, true, NULL, 0 }, "pgd_alloc", "kretprobe",
		  "pgd_alloc", false);
}

TEST(derived_where_neither)
{
	is_hooked(0, (struct kernel){ false, false, true, NULL, 0 }, "pgd_free", "tp_btf",
		  "mm_page_free", true);
}

/* 5.10 and 6.1 have no vmalloc tracepoints: the function is hooked instead. A kernel without
 * any lacks required hooks too. */
TEST(vmalloc_without_tracepoint)
{
	is_hooked(-1, (struct kernel){ true, true, false, NULL, 0 }, "vmalloc_free", "fentry",
		  "free_vmap_area_noflush", false);
	is_hooked(0, (struct kernel){ true, true, true, NULL, 0 }, "vmalloc_free", "tp_btf",
		  "free_vmap_area_noflush", false);
}

TEST(missing_required_fails)
{
	struct kernel k = { true, true, true, "sched_switch", 0 };
	struct plan p;
	struct err e = { 0 };

	assert_int_equal(plan_make(hook_table, HOOK_COUNT, ~0u, attempt, &k, &p, &e), -1);
	assert_int_equal(e.status, KVAS_EXIT_HOST);
	assert_non_null(strstr(e.text, "'switch'"));
	assert_non_null(strstr(e.text, "made-up refusal"));
	/* The rest of the plan stands all the same, for `kvas hooks`. */
	assert_non_null(plan_chosen(&p, "fork"));
	assert_null(plan_chosen(&p, "switch"));
}

TEST(missing_optional_is_told)
{
	struct kernel k = { true, true, true, "tlb_flush", 0 };
	static struct meta m;
	struct plan p;
	const struct hook_info *h = NULL;

	assert_int_equal(plan_make(hook_table, HOOK_COUNT, ~0u, attempt, &k, &p, NULL), 0);
	plan_to_meta(&p, &m);
	for (unsigned int i = 0; i < m.nr_hooks; i++)
		if (!strcmp(m.hooks[i].name, "tlb_flush"))
			h = &m.hooks[i];
	assert_non_null(h);
	assert_string_equal(h->provenance, "none");
	assert_string_equal(h->why, "made-up refusal");
}

TEST(better_found_is_not_tried_further)
{
	struct kernel k = { true, true, true, NULL, 0 };
	struct plan p;

	plan_make(hook_table, HOOK_COUNT, ~0u, attempt, &k, &p, NULL);
	assert_int_equal(k.attempts, HOOK_COUNT);
}

TEST(dropped_row_is_missing)
{
	struct kernel k = { true, true, true, NULL, 0 };
	static struct meta m;
	struct plan p;

	plan_make(hook_table, HOOK_COUNT, ~0u, attempt, &k, &p, NULL);
	plan_drop(&p, 4, -EBUSY, "was busy");
	assert_null(plan_chosen(&p, p.row[4].hook->name));
	plan_to_meta(&p, &m);
	assert_string_equal(m.hooks[4].provenance, "none");
	assert_string_equal(m.hooks[4].why, "was busy");
}

/* Another way is left to try for a row dropped that has one; a row whose ways were all
 * refused has none. */
TEST(a_dropped_row_may_have_other_ways)
{
	struct kernel all = { true, true, true, NULL, 0 };
	struct kernel no_nmi = { true, true, true, "nmi_handler", 0 };
	struct plan p;

	plan_make(hook_table, HOOK_COUNT, ~0u, attempt, &no_nmi, &p, NULL);
	assert_null(plan_chosen(&p, "nmi"));
	assert_false(plan_untried(&p));
	plan_make(hook_table, HOOK_COUNT, ~0u, attempt, &all, &p, NULL);
	assert_false(plan_untried(&p));
	assert_string_equal(p.row[4].hook->name, "pgd_alloc");
	plan_drop(&p, 4, -EBUSY, "was busy");
	assert_true(plan_untried(&p));
}

/* Interrupts and NMIs would all be counted as the kernel's: they are unknown instead. */
TEST(without_a_stack_size_interrupts_are_unknown)
{
	struct kernel all = { true, true, true, NULL, 0 };
	struct plan p;

	plan_make(hook_table, HOOK_COUNT, ~0u, attempt, &all, &p, NULL);
	plan_drop_stack_hooks(&p);
	for (size_t i = 0; i < p.nr; i++) {
		const char *program = p.row[i].hook->candidate[0].program;
		bool interrupt = !strncmp(program, "irq_", 4) || !strcmp(program, "nmi_handler");

		assert_int_equal(p.row[i].chosen < 0, interrupt);
	}
}

TESTS_RUN(NULL, NULL)
