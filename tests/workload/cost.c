/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations whose cost the emulator counts (tests/vm/judge/cost.c), each in windows between
 * the markers 1 and 2; a row begins and ends with ffe0 and ffe1. A row's first operations are
 * in no window: they warm up what is made once. Prints a line for each row:
 *   @@ ROW NAME OPERATIONS-IN-A-WINDOW WINDOWS
 * Most windows are shorter than the time between two ticks, so that few have one. A real-time
 * priority keeps a tracer's own process out of them.
 *
 * The arguments name the rows that run; all without. With "warm" alone it only forks.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MARK(low, high)                                                                      \
	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, " #low ", " #high ", 0xad, 0xde" ::: \
				 "memory")
#define PAGE 4096

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static void check(int failed, const char *what)
{
	if (failed)
		die(what);
}

static void system_calls(int n)
{
	while (n--)
		syscall(SYS_getppid);
}

/* A process that sends back each byte it is sent. */
static int to_echo, from_echo;

static void echo_begin(void)
{
	int there[2], back[2];
	char c;

	check(pipe(there) || pipe(back), "pipe");
	to_echo = there[1];
	from_echo = back[0];
	if (fork())
		return;
	close(there[1]);
	while (read(there[0], &c, 1) == 1)
		if (write(back[1], &c, 1) != 1)
			_exit(1);
	_exit(0);
}

static void round_trips(int n)
{
	char c = 0;

	while (n--)
		check(write(to_echo, &c, 1) != 1 || read(from_echo, &c, 1) != 1, "echo");
}

static void echo_end(void)
{
	close(to_echo);
	close(from_echo);
	wait(NULL);
}

static void forks(int n)
{
	while (n--) {
		pid_t pid = fork();

		if (!pid) {
			execl("build/workload/nothing", "nothing", (char *)NULL);
			_exit(127);
		}
		check(pid < 0 || waitpid(pid, NULL, 0) != pid, "fork");
	}
}

/* Pages of a table that is there; what a window touches is given back before the next. */
#define FRESH (2ul << 20)

static char *fresh;

static void fresh_begin(void)
{
	char *p = mmap(NULL, 2 * FRESH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(p == MAP_FAILED, "mmap");
	/* A table begins where the address ends in zeros, the mapping need not. */
	fresh = p + (-(size_t)p & (FRESH - 1));
	fresh[FRESH - PAGE] = 1;
}

static void faults(int n)
{
	for (int i = 0; i < n; i++)
		fresh[i * PAGE] = 1;
}

static void fresh_again(void)
{
	madvise(fresh, FRESH - PAGE, MADV_DONTNEED);
}

static void mappings(int n)
{
	while (n--) {
		char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			       0);

		check(p == MAP_FAILED, "mmap");
		*p = 1;
		munmap(p, PAGE);
	}
}

/* Each call is a switch, as both are of one real-time priority. */
static volatile int *yielding;

static void yield_begin(void)
{
	yielding = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(yielding == MAP_FAILED, "mmap");
	*yielding = 1;
	if (fork())
		return;
	while (*yielding)
		sched_yield();
	_exit(0);
}

static void yields(int n)
{
	for (n /= 2; n; n--)
		sched_yield();
}

static void yield_end(void)
{
	*yielding = 0;
	wait(NULL);
}

/* The coarse clock moves at a tick, and is read in user mode. */
static long coarse(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void ticks(int n)
{
	while (n--) {
		long now = coarse();

		while (coarse() == now)
			;
	}
}

static void idle(int n)
{
	struct timespec second = { .tv_sec = n };

	nanosleep(&second, NULL);
}

static void nothing(void)
{
}

static const struct row {
	const char *name;
	int ops, windows;
	void (*begin)(void), (*run)(int ops), (*after)(void), (*end)(void);
} rows[] = {
	{ "syscall", 500, 41, nothing, system_calls, nothing, nothing },
	{ "pipe", 100, 41, echo_begin, round_trips, nothing, echo_end },
	{ "fork", 5, 41, nothing, forks, nothing, nothing },
	{ "fault", 64, 41, fresh_begin, faults, fresh_again, nothing },
	{ "map", 50, 41, nothing, mappings, nothing, nothing },
	{ "yield", 200, 41, yield_begin, yields, nothing, yield_end },
	{ "tick", 1, 81, nothing, ticks, nothing, nothing },
	{ "second", 1, 9, nothing, idle, nothing, nothing },
};

static void run(const struct row *r)
{
	r->begin();
	for (int i = 0; i < 3; i++) {
		r->run(r->ops);
		r->after();
	}
	MARK(0xe0, 0xff);
	for (int i = 0; i < r->windows; i++) {
		MARK(0x01, 0x00);
		r->run(r->ops);
		MARK(0x02, 0x00);
		r->after();
	}
	MARK(0xe1, 0xff);
	r->end();
	printf("@@ ROW %s %d %d\n", r->name, r->ops, r->windows);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct sched_param fifo = { .sched_priority = 1 };

	if (argc == 2 && !strcmp(argv[1], "warm")) {
		forks(20);
		return 0;
	}
	check(sched_setscheduler(0, SCHED_FIFO, &fifo), "sched_setscheduler");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int wanted = argc == 1;

		for (int a = 1; a < argc; a++)
			wanted |= !strcmp(argv[a], rows[i].name);
		if (wanted)
			run(&rows[i]);
	}
	return 0;
}
