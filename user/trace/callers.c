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
	"reclaim_and_purge_vmap_areas", "_vm_unmap_aliases", "vm_unmap_aliases", NULL,
};
static const char *const flush_code[] = { "flush_tlb_kernel_range", NULL };
static const char *const check_code[] = { "__check_object_size", NULL };
/* Below these the same functions copy to and from kernel memory, 5.10 to 7.2; a page is
 * looked at by copy_page_*_iter itself, before 6.0, for such memory only. */
static const char *const kernel_code[] = {
	"kernel_read", "__kernel_read", "kernel_write", "__kernel_write", "__kernel_write_iter",
	"generic_file_splice_read", "copy_splice_read", "iter_file_splice_write",
	"kernel_sendmsg", "kernel_recvmsg", "copy_page_to_iter", "copy_page_from_iter", NULL,
};
/* 5.10 to 7.2. What takes pages for others is a caller: the slab allocator, vmalloc. */
static const char *const page_code[] = {
	"__alloc_pages_nodemask", "__alloc_pages", "__alloc_frozen_pages", "__alloc_pages_slowpath",
	"alloc_pages", "alloc_pages_current", "alloc_pages_vma", "alloc_pages_node",
	"alloc_pages_mpol", "alloc_frozen_pages", "alloc_page_interleave",
	"alloc_pages_preferred_many", "__folio_alloc", "folio_alloc", "folio_alloc_mpol",
	"vma_alloc_folio", "__get_free_pages", "get_free_pages", "get_zeroed_page",
	"alloc_pages_exact", "alloc_pages_nolock", "alloc_frozen_pages_nolock",
	"try_alloc_pages", "__alloc_pages_bulk", "alloc_pages_bulk", "alloc_pages_bulk_mempolicy", NULL,
};

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

static bool among(const char *name, const char *const *code)
{
	while (*code)
		if (is(name, *code++))
			return true;
	return false;
}

/* The first function of STACK, NR addresses at most, behind those of CODE. Before these
 * come those of tracing and kvas's own program. */
static const char *find(const struct symbols *s, const __u64 *stack, int nr,
			const char *const *code)
{
	bool inside = false;
	struct symbol at;
	__u64 end;

	for (int i = 0; i < nr && stack[i]; i++) {
		/* A return address may lie behind the last instruction. */
		if (!symbols_at(s, stack[i] - 1, &at, &end))
			continue;
		if (among(at.name, code))
			inside = true;
		else if (inside)
			return at.name;
	}
	return "";
}

static bool in_any(const struct symbols *s, const __u64 *stack, const char *const *code)
{
	struct symbol at;
	__u64 end;

	for (int i = 0; i < KVAS_MEMORY_STACK && stack[i]; i++)
		if (symbols_at(s, stack[i] - 1, &at, &end) && among(at.name, code))
			return true;
	return false;
}

const char *callers_of_memory(const struct symbols *s, const __u64 *stack, __u32 use)
{
	if (use != KVAS_MEMORY_PAGES && in_any(s, stack, kernel_code))
		return NULL;
	return find(s, stack, KVAS_MEMORY_STACK, use == KVAS_MEMORY_PAGES ? page_code : check_code);
}

void callers_name(const struct symbols *s, struct kvas_rec_vmalloc *r)
{
	const char *const *code = r->op == KVAS_VM_FLUSH ? flush_code : vmalloc_code;
	const char *name = s ? find(s, r->stack, KVAS_VM_STACK, code) : "";
	size_t len = strnlen(name, KVAS_FUNCTION_LEN - 1);

	memset(r->stack, 0, sizeof(r->stack));
	memcpy(r->caller, name, len);
}
