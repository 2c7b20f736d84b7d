/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work that makes CR3 writes of every cause, in a window that both kvas and the
 * emulator's judge know. Usage: PATH/ledger NAME [CTL ACK]
 *
 * The window is opened and shut by lines to and from `kvas stat --control
 * fifo:CTL,ACK`. Around each exchange the program executes a marker, a long NOP
 * that only the judge sees: 1, "enable", 2, work, 3, "disable", 4. What kvas counts
 * is then no less than what the judge saw from 2 to 3 and no more than from 1 to 4.
 *
 * Without CTL and ACK there are only the markers.
 *
 * Prints one line "did WHAT N" for each thing it did.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE 4096L
#define MARK(n) \
	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, " #n ", 0x00, 0xad, 0xde" ::: "memory")

extern char **environ;
static int ctl, ack;
static char other[4096]; /* the program "nothing" beside this one */

static void fail(const char *what)
{
	perror(what);
	_exit(1);
}

static void ask(const char *word, size_t len)
{
	char answer[4];

	if (write(ctl, word, len) != (ssize_t)len || read(ack, answer, 4) != 4)
		fail("control");
}

static void did(const char *what, long n)
{
	printf("did %s %ld\n", what, n);
}

static void syscalls(long n)
{
	for (long i = 0; i < n; i++)
		syscall(SYS_getppid);
}

/* int $0x80: getpid by its 32-bit number. */
static void compat_syscalls(long n)
{
	for (long i = 0; i < n; i++) {
		long r = 20;

		__asm__ volatile("int $0x80" : "+a"(r)::"memory", "r8", "r9", "r10", "r11");
		if (r <= 0)
			fail("int $0x80");
	}
}

static void forks(long n)
{
	char *argv[] = { other, NULL };
	pid_t pid;

	for (long i = 0; i < n; i++) {
		pid = fork();
		if (!pid) {
			execve(other, argv, environ);
			_exit(1);
		}
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			fail("fork");
	}
}

/* posix_spawn is vfork with a stack of its own. */
static void spawns(long n)
{
	char *argv[] = { other, NULL };
	pid_t pid;

	for (long i = 0; i < n; i++)
		if (posix_spawn(&pid, other, NULL, NULL, argv, environ) ||
		    waitpid(pid, NULL, 0) != pid)
			fail("posix_spawn");
}

static void faults(long n)
{
	const long pages = 10007;
	volatile char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || madvise((void *)p, pages * PAGE, MADV_NOHUGEPAGE))
		fail("mmap");
	for (long i = 0; i < n; i++) {
		if (i && i % pages == 0)
			madvise((void *)p, pages * PAGE, MADV_DONTNEED);
		p[i % pages * PAGE] = 1;
	}
	munmap((void *)p, pages * PAGE);
}

static int ping[2], pong[2];
static long trips;

static void echo(void)
{
	char c;

	for (long i = 0; i < trips; i++)
		if (read(ping[0], &c, 1) != 1 || write(pong[1], &c, 1) != 1)
			fail("echo");
}

static void *echo_thread(void *unused)
{
	echo();
	return unused;
}

static void bounce(void)
{
	char c = 0;

	for (long i = 0; i < trips; i++)
		if (write(ping[1], &c, 1) != 1 || read(pong[0], &c, 1) != 1)
			fail("bounce");
}

static void on_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void anywhere(void)
{
	cpu_set_t set;

	memset(&set, 0xff, sizeof(set));
	sched_setaffinity(0, sizeof(set), &set);
}

/* Two processes on one CPU: each turn is a switch to another mm. */
static void processes(long n)
{
	pid_t pid;

	trips = n;
	on_cpu(0);
	pid = fork();
	if (!pid) {
		echo();
		_exit(0);
	}
	bounce();
	waitpid(pid, NULL, 0);
	anywhere();
}

/* Two threads of one mm: on one CPU no switch loads CR3; anywhere there are switches
 * to the idle task and back, lazy TLB. */
static void threads(long n, int pinned)
{
	pthread_t t;

	trips = n;
	if (pinned)
		on_cpu(0);
	if (pthread_create(&t, NULL, echo_thread, NULL))
		fail("pthread_create");
	bounce();
	pthread_join(t, NULL);
	anywhere();
}

static void spin(unsigned long loops)
{
	for (unsigned long i = 0; i < loops; i++)
		__asm__ volatile("" : "+r"(i));
}

/* Loops of spin() that take SECONDS here; found out before the window opens. */
static unsigned long calibrate(double seconds)
{
	struct timespec a, b;
	unsigned long loops = 1000000;
	double took;

	do {
		loops *= 2;
		clock_gettime(CLOCK_MONOTONIC, &a);
		spin(loops);
		clock_gettime(CLOCK_MONOTONIC, &b);
		took = b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) / 1e9;
	} while (took < 0.5);
	return loops * (seconds / took);
}

static volatile int stop;

/* Keeps the address space in use on the other CPU, so that it must be told. */
static void *toucher(void *page)
{
	while (!stop) {
		(*(volatile long *)page)++;
		/* An emulator that runs all CPUs in turn goes on to the next. */
		__builtin_ia32_pause();
	}
	return NULL;
}

/* Regions small enough for INVLPG and too large for it (33 pages), protected and
 * unmapped while the other CPU has the address space: it must be told, wherever it is. */
static void *shoot(void *times)
{
	for (long i = 0; i < *(long *)times; i++) {
		long pages = i % 2 ? 8 : 64;
		char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		if (p == MAP_FAILED || mprotect(p, pages * PAGE, PROT_READ) ||
		    munmap(p, pages * PAGE))
			fail("mprotect");
		spin(20000);
	}
	return NULL;
}

/* From two threads. */
static void shootdowns(long n)
{
	pthread_t t;

	if (pthread_create(&t, NULL, shoot, &n))
		fail("pthread_create");
	shoot(&n);
	pthread_join(t, NULL);
}

/* Skip the instruction that raised the signal: its length is where it put it. */
static volatile long skip;
static void on_signal(int sig, siginfo_t *info, void *ctx)
{
	(void)sig;
	(void)info;
	((ucontext_t *)ctx)->uc_mcontext.gregs[REG_RIP] += skip;
}

static void catch(int sig)
{
	struct sigaction a = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	sigaction(sig, &a, NULL);
}

/* Sent signals, page faults that end in one, and #UD, #BP, #DE, #GP. */
static void signals(long n)
{
	catch(SIGUSR1);
	catch(SIGILL);
	catch(SIGTRAP);
	catch(SIGFPE);
	catch(SIGSEGV);
	for (long i = 0; i < n; i++) {
		skip = 0;
		kill(getpid(), SIGUSR1);
		skip = 2;
		__asm__ volatile("ud2");
		skip = 0;
		__asm__ volatile("int3");
		skip = 2;
		__asm__ volatile("divl %%ecx" : : "a"(1), "d"(0), "c"(0) : "cc");
		skip = 2;
		__asm__ volatile("movb (%%rax), %%cl" : : "a"(0x8000000000000000UL) : "rcx");
		__asm__ volatile("movb (%%rax), %%cl" : : "a"(0UL) : "rcx");
	}
}

/* N system calls of a child, each instruction of which is stepped. An exception a step, but for those
 * that end in the kernel, at the end of a call. */
static void steps(long n)
{
	long stops = 0;
	int status;
	pid_t p = fork();

	if (p < 0)
		fail("fork");
	if (!p) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0))
			fail("ptrace");
		raise(SIGSTOP);
		for (long i = 0; i < n; i++)
			syscall(SYS_getppid);
		_exit(0);
	}
	for (waitpid(p, &status, 0); WIFSTOPPED(status); waitpid(p, &status, 0)) {
		stops += WSTOPSIG(status) == SIGTRAP;
		if (ptrace(PTRACE_SINGLESTEP, p, 0, 0))
			fail("ptrace");
	}
	did("stops", stops);
}

/* Answered by the kernel where the processor has UMIP. */
static void umip(long n)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) table;

	for (long i = 0; i < n; i++)
		__asm__ volatile("sgdt %0" : "=m"(table));
}

/* Tracepoints on and off: the kernel patches its own text. Needs tracefs. */
static long patches(long n)
{
	static const char file[] = "/sys/kernel/tracing/events/kmem/mm_page_alloc/enable";
	int fd = open(file, O_WRONLY);
	long i;

	for (i = 0; fd >= 0 && i < n; i++)
		if (write(fd, i % 2 ? "0" : "1", 1) != 1)
			break;
	if (fd >= 0)
		close(fd);
	return i;
}

static void *nothing(void *arg)
{
	return arg;
}

static void short_threads(long n)
{
	pthread_t t;

	for (long i = 0; i < n; i++) {
		if (pthread_create(&t, NULL, nothing, NULL))
			fail("pthread_create");
		pthread_join(t, NULL);
	}
}

/* NMIs for a CPU that spins in user mode: the other asks for its backtrace. */
static void nmis(long n)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY);
	static long word;
	pthread_t t;

	stop = 0;
	on_cpu(1);
	if (fd < 0 || pthread_create(&t, NULL, toucher, &word))
		fail("/proc/sysrq-trigger");
	on_cpu(0);
	for (long i = 0; i < n; i++)
		if (write(fd, "l", 1) != 1)
			fail("sysrq");
	stop = 1;
	pthread_join(t, NULL);
	close(fd);
}

static void pinned_threads(long n)
{
	threads(n, 1);
}

/* Something of everything, once. */
static void mix(long unused)
{
	(void)unused;
	syscalls(10007);
	compat_syscalls(1009);
	forks(101);
	spawns(101);
	faults(10007);
	processes(5003);
	threads(5003, 0);
	shootdowns(251);
	signals(503);
	umip(1009);
	short_threads(503);
	did("patches", patches(20));
}

/* What is done by which name, and how often. */
static const struct {
	const char *name;
	void (*times)(long n);
	long n;
} works[] = {
	{ "syscalls", syscalls, 100003 },
	{ "forks", forks, 2003 },
	{ "faults", faults, 100003 },
	{ "processes", processes, 50021 },
	{ "threads", pinned_threads, 50021 },
	{ "shootdowns", shootdowns, 2503 },
	{ "signals", signals, 5003 },
	{ "nmis", nmis, 53 },
	{ "steps", steps, 101 },
	{ "mix", mix, 1 },
};

static void work(const char *name, unsigned long loops)
{
	if (!strcmp(name, "spin")) {
		spin(loops);
		return;
	}
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
		if (!strcmp(name, works[i].name)) {
			works[i].times(works[i].n);
			return;
		}
	fail("no such work");
}

static int open_control(char **argv)
{
	ctl = open(argv[2], O_WRONLY | O_CLOEXEC);
	ack = open(argv[3], O_RDONLY | O_CLOEXEC);
	return ctl < 0 || ack < 0;
}

int main(int argc, char **argv)
{
	unsigned long loops = 0;
	char *slash = argc ? strrchr(argv[0], '/') : NULL;

	if ((argc != 2 && argc != 4) || !slash)
		return 2;
	snprintf(other, sizeof(other), "%.*s/nothing", (int)(slash - argv[0]), argv[0]);
	if ((argc == 4 && open_control(argv)) || pipe2(ping, O_CLOEXEC) || pipe2(pong, O_CLOEXEC))
		fail("open");
	if (!strcmp(argv[1], "spin"))
		loops = calibrate(8);
	MARK(1);
	if (argc == 4)
		ask("enable\n", 7);
	MARK(2);
	work(argv[1], loops);
	MARK(3);
	if (argc == 4)
		ask("disable\n", 8);
	MARK(4);
	did(argv[1], 1);
	return 0;
}
