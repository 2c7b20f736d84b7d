/* SPDX-License-Identifier: GPL-2.0 */
/* How maps and short programs are written down. */
#ifndef KVAS_MAPS_BPF_H
#define KVAS_MAPS_BPF_H

#include "core.bpf.h"

/* The members of a map's type; the name of the type or of the map stands around them. */
#define MAP_MEMBERS(map_type, entries, key_type, value_type) \
	{                                                    \
		__uint(type, map_type);                      \
		__uint(max_entries, entries);                \
		__type(key, key_type);                       \
		__type(value, value_type);                   \
	}

/* Those of one ring, whose size user space sets, and of the array of them by CPU. */
#define RING_MEMBERS                                \
	{                                           \
		__uint(type, BPF_MAP_TYPE_RINGBUF); \
		__uint(max_entries, 4096);          \
	}
#define RINGS_MEMBERS(ring_type)                          \
	{                                                 \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); \
		__uint(max_entries, KVAS_MAX_RINGS);      \
		__type(key, u32);                         \
		__array(values, ring_type);               \
	}

/* A program that only passes its arguments on. NAME_AND_ARGS stands in parentheses, as
 * BPF_PROG() takes it: (name) or (name, type argument). */
#define PROGRAM(section, name_and_args, call) \
	SEC(section)                          \
	int BPF_PROG name_and_args            \
	{                                     \
		return call;                  \
	}

/* The same for a program that is given the context alone. */
#define PROGRAM_OF(context_type, section, name, call) \
	SEC(section)                                  \
	int name(context_type *ctx)                   \
	{                                             \
		return call;                          \
	}

#endif
