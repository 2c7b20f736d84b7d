// SPDX-License-Identifier: GPL-2.0
/*
 * Slab objects and pages allocated, and bytes copied between user and kernel memory: sums
 * by region, size and caller. There are too many for a record each.
 */
#include "account.bpf.h"
#include "region.bpf.h"

struct MAP_MEMBERS(BPF_MAP_TYPE_PERCPU_HASH, KVAS_MEMORY_SUMS, struct kvas_memory_key,
		   struct kvas_memory_sum) memory_sums SEC(".maps");

struct memory_stack {
	u64 at[KVAS_MEMORY_STACK];
};

/*
 * The stacks that sums have in their keys. A map of type STACK_TRACE would not do: a bucket
 * of it holds one stack, and another one that belongs there is refused. Its sum then had no
 * function, and a string was taken for a copy of all the room there was for it.
 */
struct MAP_MEMBERS(BPF_MAP_TYPE_HASH, KVAS_MEMORY_SUMS, u64, struct memory_stack)
	memory_stacks SEC(".maps");

/* The least N with 2^N >= BYTES. */
static __always_inline u32 order_of(u64 bytes)
{
	u32 order = 0;

	if (bytes < 2)
		return 0;
	bytes--;
	if (bytes >> 32)
		return 32;
	for (u32 step = 16; step; step /= 2)
		if (bytes >> step) {
			bytes >>= step;
			order += step;
		}
	return order + 1;
}

/* BYTES put to USE in region IN by WHO (struct kvas_memory_key), at STACK; that may be 0. */
static __always_inline int sum_memory(struct kvas_cpu *c, u16 use, u64 who, u32 in, u64 bytes,
				      const struct memory_stack *stack)
{
	struct kvas_memory_key key = { .who = who, .use = use, .region = in,
				       .order = order_of(bytes) };
	struct kvas_memory_sum *s = bpf_map_lookup_elem(&memory_sums, &key), none = {};

	if (!s) {
		/* The stack first: whoever reads the sum finds it. A sum without its stack would be
		 * of nobody for good. */
		if (stack && bpf_map_update_elem(&memory_stacks, &key.who, stack, BPF_ANY))
			goto lost;
		/* Another CPU may have been first. */
		bpf_map_update_elem(&memory_sums, &key, &none, BPF_NOEXIST);
		s = bpf_map_lookup_elem(&memory_sums, &key);
	}
	if (!s)
		goto lost;
	/* Interrupts allocate too. */
	__sync_fetch_and_add(&s->count, 1);
	__sync_fetch_and_add(&s->bytes, bytes);
	return 0;
lost:
	count_nested(c, KVAS_C_LOST_MAP + KVAS_LOSS_MAP_MEMORY, 1);
	return 0;
}

/* The N arguments of a program's hook as numbers: the verifier lets nobody reckon with
 * pointers to structs, and 5.10 refuses to load those to const void. */
static __always_inline void arguments(const void *ctx, u64 *args, u32 n)
{
	bpf_probe_read_kernel(args, n * sizeof(u64), ctx);
}

/* BYTES put to USE in region IN by whoever the stack at hand shows. */
static __always_inline int sum_memory_by_stack(void *ctx, struct kvas_cpu *c, u16 use, u32 in,
					       u64 bytes)
{
	struct memory_stack stack;
	u64 who = 0;

	if (bpf_get_stack(ctx, stack.at, sizeof(stack.at), 0) < 0)
		return sum_memory(c, use, 0, in, bytes, 0);
	/* 63 bits of a hash: no two of a few thousand stacks share them. */
	for (int i = 0; i < KVAS_MEMORY_STACK; i++)
		who = ((who << 5 | who >> 59) ^ stack.at[i]) * 0x9e3779b97f4a7c15ULL;
	return sum_memory(c, use, who | KVAS_WHO_STACK, in, bytes, &stack);
}

/*
 * Hardened usercopy's look at the kernel's side of a copy whose size is not constant:
 * __check_object_size(pointer, bytes, to_user). The functions that copy cannot be hooked:
 * lib/ is built without the tracer's calls, 5.10 to 7.2.
 */
static __always_inline int checked(void *ctx, u64 pointer, u64 bytes, bool to_user)
{
	struct kvas_cpu *c = this_cpu();

	if (!c || !in_scope(c) || !bytes)
		return 0;
	return sum_memory_by_stack(ctx, c, to_user ? KVAS_MEMORY_TO_USER : KVAS_MEMORY_FROM_USER,
				   region(pointer), bytes);
}

SEC("fentry/__check_object_size")
int BPF_PROG(copy_check_fentry)
{
	u64 a[3];

	arguments(ctx, a, 3);
	return checked(ctx, a[0], a[1], a[2] & 0xff);
}

SEC("kprobe/__check_object_size")
int copy_check_kprobe(struct pt_regs *ctx)
{
	return checked(ctx, PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx), PT_REGS_PARM3(ctx) & 0xff);
}

/* BYTES of pages, or an error. The kernel reaches a page by page_address(), which is in the
 * direct map, known or not where that begins. */
static __always_inline int pages_copied(u16 use, enum kvas_copy by, u64 iter, s64 bytes)
{
	struct kvas_cpu *c = this_cpu();

	return c && in_scope(c) && bytes > 0 && iov_iter_of_user_read((struct iov_iter *)iter) ?
		       sum_memory(c, use, by, KVAS_REGION_DIRECT_MAP, bytes, 0) : 0;
}

/* (iocb, iter, what was read before); its result has that in it. Before 5.12
 * generic_file_buffered_read. */
static __always_inline int file_read(void *ctx)
{
	u64 a[4];

	arguments(ctx, a, 4);
	return pages_copied(KVAS_MEMORY_TO_USER, KVAS_COPY_FILE_READ, a[1], (s64)(a[3] - a[2]));
}

PROGRAM("fexit/filemap_read", (file_read_fexit), file_read(ctx))
PROGRAM("fexit/generic_file_buffered_read", (file_read_old_fexit), file_read(ctx))

/* A function of N arguments, the second the iterator, that returns how much it copied. */
static __always_inline int copying(void *ctx, u32 n, u16 use, enum kvas_copy by)
{
	u64 a[6];

	arguments(ctx, a, n + 1);
	return pages_copied(use, by, a[1], (s64)a[n]);
}

#define COPIES_TO_USER(function, name, n, by) \
	PROGRAM("fexit/" #function, (name), copying(ctx, n, KVAS_MEMORY_TO_USER, by))
#define COPIES_FROM_USER(function, name, n, by) \
	PROGRAM("fexit/" #function, (name), copying(ctx, n, KVAS_MEMORY_FROM_USER, by))

/* (iocb, iter); before 6.0 (file, iter, position) */
COPIES_FROM_USER(generic_perform_write, file_write_fexit, 2, KVAS_COPY_FILE_WRITE)
COPIES_FROM_USER(generic_perform_write, file_write_old_fexit, 3, KVAS_COPY_FILE_WRITE)
/* (iocb, iter, ops) and later one and two more */
COPIES_FROM_USER(iomap_file_buffered_write, iomap_write_fexit_3, 3, KVAS_COPY_IOMAP_WRITE)
COPIES_FROM_USER(iomap_file_buffered_write, iomap_write_fexit_4, 4, KVAS_COPY_IOMAP_WRITE)
COPIES_FROM_USER(iomap_file_buffered_write, iomap_write_fexit_5, 5, KVAS_COPY_IOMAP_WRITE)
COPIES_TO_USER(shmem_file_read_iter, shmem_read_fexit, 2, KVAS_COPY_SHMEM_READ)
/* Pipes: anon_pipe_*, which that of named ones calls, since 6.15. */
COPIES_TO_USER(pipe_read, pipe_read_fexit, 2, KVAS_COPY_PIPE_READ)
COPIES_TO_USER(anon_pipe_read, anon_pipe_read_fexit, 2, KVAS_COPY_PIPE_READ)
COPIES_FROM_USER(pipe_write, pipe_write_fexit, 2, KVAS_COPY_PIPE_WRITE)
COPIES_FROM_USER(anon_pipe_write, anon_pipe_write_fexit, 2, KVAS_COPY_PIPE_WRITE)

static __always_inline int slab(u64 call_site, u64 object, u64 bytes)
{
	struct kvas_cpu *c = this_cpu();

	return c && in_scope(c) && object ?
		       sum_memory(c, KVAS_MEMORY_SLAB, call_site, region(object), bytes, 0) : 0;
}

static __always_inline int slab_sized(void *ctx)
{
	u64 a[5];

	arguments(ctx, a, 5);
	return slab(a[0], a[1], slab_event_bytes(a));
}

PROGRAM("tp_btf/kmalloc", (slab_kmalloc), slab_sized(ctx))

SEC("tp_btf/kmem_cache_alloc")
int BPF_PROG(slab_cache)
{
	u64 a[3];

	if (!slab_event_has_cache())
		return slab_sized(ctx);
	arguments(ctx, a, 3);
	return slab(a[0], a[1], kmem_cache_size_read((struct kmem_cache *)a[2]));
}

PROGRAM("tp_btf/kmalloc_node", (slab_kmalloc_node), slab_sized(ctx))
PROGRAM("tp_btf/kmem_cache_alloc_node", (slab_cache_node), slab_sized(ctx))

/* (page, order); page 0: there was none. In the direct map as above. */
SEC("tp_btf/mm_page_alloc")
int BPF_PROG(pages_allocated)
{
	struct kvas_cpu *c = this_cpu();
	u64 a[2];

	arguments(ctx, a, 2);
	if (!c || !in_scope(c) || !a[0])
		return 0;
	return sum_memory_by_stack(ctx, c, KVAS_MEMORY_PAGES, KVAS_REGION_DIRECT_MAP,
				   (u64)PAGE_SIZE << (u32)a[1]);
}
