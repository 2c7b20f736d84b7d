# SPDX-License-Identifier: GPL-2.0
# kvas. `make help` lists what there is to make.

VERSION  := 0.1.0
CC       ?= gcc
CLANG    ?= clang
BPFTOOL  ?= $(or $(shell command -v bpftool),/usr/sbin/bpftool)
PREFIX   ?= /usr/local
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

B := build

# `make V=1` shows whole commands.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $@)

CPPFLAGS := -D_GNU_SOURCE -DKVAS_VERSION='"$(VERSION)"' -Iinclude -Iuser -I$B
CFLAGS   ?= -O2 -g
WARN     := -std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter
DEPFLAGS  = -MMD -MP
BPFFLAGS := -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -Wall -Wextra -Werror \
            -Wno-unused-parameter -Iinclude -Ivmlinux -Ibpf
LDLIBS   := -lcap-ng -lseccomp -lbpf -lelf -lz -ljansson -lxxhash -lZydis -lm

# Debian 12 packages: to build and run, to test, to measure.
PACKAGES       := gcc make clang llvm libbpf-dev bpftool libelf-dev zlib1g-dev libjansson-dev \
                  libxxhash-dev libzydis-dev libcap-ng-dev libseccomp-dev \
                  uthash-dev
PACKAGES_TEST  := libcmocka-dev python3 python3-jsonschema util-linux libc6-dev \
                  qemu-system-x86 busybox-static cpio libclang-rt-14-dev linux-perf
PACKAGES_BENCH := linux-perf bpftrace python3 util-linux

SRC       := $(wildcard user/*.c user/*/*.c)
OBJ       := $(SRC:%.c=$B/%.o)
LIB_OBJ   := $(filter-out $B/user/main.o,$(OBJ))
# One object of all tracing programs; the kernel reader, the watcher of the direct map and
# the access sampler by themselves. The maps' definitions go first: bpftool 7.1 links an extern before its map
# wrongly.
BPF_ALONE := reader dmap access
BPF_SRC   := bpf/state.bpf.c $(filter-out bpf/state.bpf.c $(BPF_ALONE:%=bpf/%.bpf.c), \
               $(wildcard bpf/*.bpf.c))
BPF_OBJ   := $(BPF_SRC:%.bpf.c=$B/%.bpf.o)
SKEL      := $B/kvas.skel.h $(BPF_ALONE:%=$B/%.skel.h)
SKEL_USER := user/trace/session.c user/trace/session_losses.c user/kernel/reader.c user/trace/watch.c user/trace/sampler.c
# What the sanitised unit tests link: all that needs no BPF object.
PURE_SRC  := $(filter-out user/main.c user/cmd/% $(SKEL_USER) user/trace/tracer.c user/trace/tracer_open.c user/kernel/vmaps_read.c,$(SRC))
UNIT      := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
WORKLOADS := $(patsubst tests/workload/%.c,$B/workload/%,$(wildcard tests/workload/*.c))
FUZZERS   := $(patsubst tests/fuzz/%.c,$B/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCHES   := $(patsubst bench/%.c,$B/bench/%,$(wildcard bench/*.c))

VM_HELPERS := $B/vm/verify $B/vm/judge.so $B/vm/cost.so $B/bench/empty
LIVE_HELPERS := $B/live/breakpoint $B/live/nofault $B/live/noregions $B/live/updates \
                $B/live/nomem.so

.PHONY: all run test test-unit test-live test-vm vm fuzz soak bench bench-vm lint docs deps deps-test deps-bench install \
        clean help
.DELETE_ON_ERROR:
.SECONDARY:

all: $B/kvas

help:
	@echo 'make            build $B/kvas; changes nothing on the system'
	@echo 'make run        install what is missing, build, stream this host (root)'
	@echo 'make test       install what is missing, build, run every test this machine can'
	@echo 'make test-unit  unit tests, plain and under ASan and UBSan (no root)'
	@echo 'make test-live  tests against this kernel (root)'
	@echo 'make test-vm    boot Debian kernels in QEMU: kvas inside, the emulator its judge'
	@echo 'make vm KERNEL=6.1 FLAVOUR=kpti   a shell in one of those guests'
	@echo 'make fuzz       random input to every reader, under ASan and UBSan: FUZZ, FUZZ_RUNS'
	@echo 'make soak       an hour of storms under kvas live and record (root); SECONDS=N for another time'
	@echo 'make bench      what tracing costs here, against empty programs and bpftrace (root)'
	@echo 'make bench-vm   the same in guest instructions, in emulated kernels; compares with'
	@echo '                bench/vm-baseline.csv, and with BASELINE=write takes its place'
	@echo 'make lint       the house rules a machine can check'
	@echo 'make docs       write the parts of docs/ that follow from include/kvas/*.def'
	@echo 'make deps       install the Debian packages the build needs, if any is missing'
	@echo 'make install    to $$(DESTDIR)$$(PREFIX)/bin'
	@echo 'make clean      remove $B/'

# The system changes in these and nowhere else, and only when something is missing.
deps:
	@scripts/deps.sh $(PACKAGES)
deps-test:
	@scripts/deps.sh $(PACKAGES) $(PACKAGES_TEST)
deps-bench:
	@scripts/deps.sh $(PACKAGES) $(PACKAGES_BENCH)

# Built by a make of their own: what the install step brings is then found. On all CPUs.
BUILD = $(MAKE) --no-print-directory -j$(shell nproc)
run: deps
	@$(BUILD) all
	@$B/kvas
test: deps-test
	@$(BUILD) all $(UNIT:%=$B/unit/%) $(UNIT:%=$B/asan/%) $(WORKLOADS) \
		$(LIVE_HELPERS) $(VM_HELPERS) $(FUZZERS)
	@tests/run.sh unit fuzz live vm
test-unit: $(UNIT:%=$B/unit/%) $(UNIT:%=$B/asan/%)
	@tests/run.sh unit
test-live: all $(WORKLOADS) $(LIVE_HELPERS)
	@tests/run.sh live
test-vm: deps-test
	@$(BUILD) all $(WORKLOADS) $(LIVE_HELPERS) $(VM_HELPERS)
	@tests/run.sh vm
vm: deps-test
	@$(BUILD) all $(WORKLOADS) $(LIVE_HELPERS) $(VM_HELPERS)
	@python3 tests/vm/matrix.py --shell $(or $(KERNEL),6.1)/$(or $(FLAVOUR),kpti)
# Readers of what others write, against random bytes. FUZZ=csv: that one alone; FUZZ_RUNS=0 never ends.
fuzz: deps-test
	@$(BUILD) $(FUZZERS)
	@for f in $(or $(FUZZ),$(FUZZERS:$B/fuzz/fuzz_%=%)); do \
		mkdir -p $B/fuzz/found/$$f; \
		$B/fuzz/fuzz_$$f -runs=$(or $(FUZZ_RUNS),100000) -max_len=8192 -timeout=10 \
			-artifact_prefix=$B/fuzz/$$f- $B/fuzz/found/$$f tests/fuzz/corpus/$$f || exit 1; \
	done
soak: all $(WORKLOADS)
	@python3 tests/soak.py
bench: deps-bench
	@$(BUILD) all $(WORKLOADS) $(BENCHES)
	@python3 bench/run.py
bench-vm: deps-test deps-bench
	@$(BUILD) all $(WORKLOADS) $(LIVE_HELPERS) $(VM_HELPERS)
	@python3 bench/vm.py $(if $(filter write,$(BASELINE)),--write)
# The parts of the documents that follow from the rows in include/kvas/*.def.
docs:
	@$(BUILD) $B/docs/gen
	@python3 scripts/docs.py
lint:
	@$(BUILD) $B/docs/gen
	@tests/lint.sh

install: all
	install -D -m 0755 $B/kvas $(DESTDIR)$(PREFIX)/bin/kvas
clean:
	rm -rf $B

$B/kvas: $B/user/main.o $B/libkvas.a
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Made anew, so that a removed source leaves no object behind.
$B/libkvas.a: $(LIB_OBJ)
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) rcs $@ $^

$B/user/%.o: user/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(DEPFLAGS) -c -o $@ $<

# The skeletons are made; the first build has no .d file yet to say who needs them.
$(SKEL_USER:%.c=$B/%.o): | $(SKEL)

$B/bpf/%.bpf.o: bpf/%.bpf.c Makefile
	@mkdir -p $(@D)
	$(call say,CLANG)
	$(Q)$(CLANG) $(BPFFLAGS) $(DEPFLAGS) -c -o $@ $<

$B/kvas.bpf.o: $(BPF_OBJ)
	$(call say,BPF)
	$(Q)$(BPFTOOL) gen object $@ $^
$(BPF_ALONE:%=$B/%.bpf.o): $B/%.bpf.o: $B/bpf/%.bpf.o
	$(call say,BPF)
	$(Q)$(BPFTOOL) gen object $@ $^
$B/%.skel.h: $B/%.bpf.o
	$(call say,SKEL)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

$B/unit/%: tests/unit/%.c $B/libkvas.a Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(DEPFLAGS) -MF $@.d -o $@ $< $B/libkvas.a $(LDLIBS) \
		-lcmocka

$B/asan/user/%.o: user/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(WARN) -O1 -g $(SANITIZE) $(CPPFLAGS) $(DEPFLAGS) -c -o $@ $<
$B/asan/libkvas.a: $(PURE_SRC:%.c=$B/asan/%.o)
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) rcs $@ $^
$B/asan/test_%: tests/unit/test_%.c $B/asan/libkvas.a Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(WARN) -O1 -g $(SANITIZE) $(CPPFLAGS) $(DEPFLAGS) -MF $@.d -o $@ $< \
		$B/asan/libkvas.a $(LDLIBS) -lcmocka

# Allocations fail there as the test says.
$B/unit/test_oom $B/asan/test_oom: LDLIBS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc \
	-Wl,--wrap=bpf_map_get_next_key,--wrap=bpf_map_lookup_elem

# The test that adds a row to figures.def: what is made of these rows is compiled with its file.
ROW_SRC := user/model/figures.c user/agg/figures.c user/agg/figures_areas.c user/agg/bounds.c $(wildcard user/agg/tables*.c) \
           $(addprefix user/view/,view.c text.c text_table.c json.c csv.c interval.c schema_summary.c)
ROW_DEP := tests/unit/test_extra_figure.c $(ROW_SRC) tests/unit/row/model/figures.def \
           $(wildcard user/*/*.h user/*/*.def include/kvas/* tests/unit/*.h)
$B/unit/test_extra_figure: $(ROW_DEP) $B/libkvas.a Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) -Itests/unit/row $(CPPFLAGS) -o $@ $< $(ROW_SRC) $B/libkvas.a \
		$(LDLIBS) -lcmocka
$B/asan/test_extra_figure: $(ROW_DEP) $B/asan/libkvas.a Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(WARN) -O1 -g $(SANITIZE) -Itests/unit/row $(CPPFLAGS) -o $@ $< $(ROW_SRC) \
		$B/asan/libkvas.a $(LDLIBS) -lcmocka

# libFuzzer is clang's: objects of its own, not gcc's.
FUZZ_FLAGS := -std=gnu11 -O1 -g -fno-omit-frame-pointer $(SANITIZE) $(CPPFLAGS)
$B/fuzz/user/%.o: user/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CLANG)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link $(DEPFLAGS) -c -o $@ $<
$B/fuzz/libkvas.a: $(PURE_SRC:%.c=$B/fuzz/%.o)
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) rcs $@ $^
$B/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $B/fuzz/libkvas.a Makefile
	@mkdir -p $(@D)
	$(call say,CLANG)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -Itests/unit $(DEPFLAGS) -MF $@.d -o $@ $< \
		$B/fuzz/libkvas.a $(LDLIBS)

$B/workload/%: tests/workload/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) -D_GNU_SOURCE $(DEPFLAGS) $(WORKLOAD_FLAGS) -MF $@.d -o $@ $<
# Started thousands of times, and in guests: without a dynamic loader.
$B/workload/ledger: WORKLOAD_FLAGS := -static -pthread
$B/workload/copy $B/workload/special $B/workload/access $B/workload/cost: WORKLOAD_FLAGS := -static
$B/workload/nothing: WORKLOAD_FLAGS := -static -nostdlib
$B/vm/verify: tests/vm/verify.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(DEPFLAGS) -MF $@.d -o $@ $< -lbpf
$B/vm/%.so: tests/vm/judge/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) $(DEPFLAGS) -MF $@.d -shared -fPIC -fvisibility=hidden -o $@ $<
$B/live/%.so: tests/live/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) -D_GNU_SOURCE $(DEPFLAGS) -MF $@.d -shared -fPIC -o $@ $<
$B/live/%: tests/live/%.c $B/libkvas.a Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(DEPFLAGS) -MF $@.d -o $@ $< $B/libkvas.a $(LDLIBS)
$B/docs/gen: scripts/docs.c $B/libkvas.a Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(DEPFLAGS) -MF $@.d -o $@ $< $B/libkvas.a $(LDLIBS)
$B/bench/%: bench/%.c $B/libkvas.a Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(DEPFLAGS) -MF $@.d -o $@ $< $B/libkvas.a $(LDLIBS)

-include $(OBJ:.o=.d) $(BPF_OBJ:.o=.d) $(BPF_ALONE:%=$B/bpf/%.bpf.d) $(PURE_SRC:%.c=$B/asan/%.d) \
         $(PURE_SRC:%.c=$B/fuzz/%.d)
-include $(wildcard $B/unit/*.d $B/asan/*.d $B/workload/*.d $B/bench/*.d $B/vm/*.d $B/docs/*.d $B/fuzz/*.d)
