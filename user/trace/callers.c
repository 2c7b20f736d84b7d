/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/callers.h"

#include <stdbool.h>
#include <string.h>

/* Of mm/vmalloc.c, mm/util.c (mm/slub.c from 6.12), mm/execmem.c and module.c, 5.10 to 7.2. */
static const char *const vmalloc_code[] = {
	"alloc_vmap_area", "node_alloc", "__get_vm_area_node", "__get_vm_area_caller",
	"get_vm_area", "get_vm_area_caller", "alloc_vm_area",
	"__vmalloc_node_range", "__vmalloc_node", "__vmalloc", "vmalloc", "vzalloc",
	"vmalloc_node", "vzalloc_node", "vmalloc_user", "vmalloc_huge", "vmalloc_huge_node",
	"vmalloc_no_huge", "vmalloc_exec", "vmalloc_32", "vmalloc_32_user", "__vmalloc_array",
	"vmalloc_array", "__vcalloc", "vcalloc", "vrealloc", "vrealloc_node_align",
	"kvmalloc_node", "__kvmalloc_node", "kvrealloc", "kvrealloc_node_align",
	"vmap", "vmap_pfn", "vm_map_ram", "new_vmap_block", "vb_alloc",
	"module_alloc", "execmem_alloc", "execmem_alloc_rw", "__execmem_alloc",
	"execmem_vmalloc", "execmem_cache_alloc", "execmem_cache_populate",
	/* frees */
	"free_vmap_area_noflush", "free_unmap_vmap_area", "remove_vm_area", "free_vm_area",
	"__vunmap", "__vfree", "vfree", "vunmap", "vm_remove_mappings", "vm_unmap_ram",
	"free_vmap_block", "vb_free", "kvfree", "kvfree_sensitive", "module_memfree",
	"execmem_free",
	/* purges */
	"__purge_vmap_area_lazy", "purge_vmap_area_lazy", "try_purge_vmap_area_lazy",
	"reclaim_and_purge_vmap_areas", "_vm_unmap_aliases", "vm_unmap_aliases",
};
static const char flush_code[] = "flush_tlb_kernel_range";

/* Is NAME, as the compiler or the allocation profiler changed it, PLAIN? */
static bool is(const char *name, const char *plain)
{
	size_t len = strlen(plain);

	if (strncmp(name, plain, len))
		return false;
	name += len;
	if (!strncmp(name, "_noprof", 7))
		name += 7;
	return !*name || *name == '.'; /* .isra.0, .constprop.0, .part.0 */
}

static bool passed_over(const char *name, __u32 op)
{
	if (op == KVAS_VM_FLUSH)
		return is(name, flush_code);
	for (size_t i = 0; i < sizeof(vmalloc_code) / sizeof(vmalloc_code[0]); i++)
		if (is(name, vmalloc_code[i]))
			return true;
	return false;
}

/* Before the code itself come those of tracing and kvas's own program. */
static const char *find(const struct symbols *s, const struct kvas_rec_vmalloc *r)
{
	bool inside = false;
	struct symbol at;
	__u64 end;

	for (int i = 0; i < KVAS_VM_STACK && r->stack[i]; i++) {
		/* A return address may lie behind the last instruction. */
		if (!symbols_at(s, r->stack[i] - 1, &at, &end))
			continue;
		if (passed_over(at.name, r->op))
			inside = true;
		else if (inside)
			return at.name;
	}
	return "";
}

void callers_name(const struct symbols *s, struct kvas_rec_vmalloc *r)
{
	const char *name = s ? find(s, r) : "";
	size_t len = strnlen(name, KVAS_FUNCTION_LEN - 1);

	memset(r->stack, 0, sizeof(r->stack));
	memcpy(r->caller, name, len);
}
