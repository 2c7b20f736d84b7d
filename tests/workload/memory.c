/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memory N: has the kernel copy and allocate N times each, in sizes that tell them apart, and
 * prints what it did, a line each of: what, how often, bytes of each.
 *   messages   sent to a message queue (copied into a slab object) and received
 *   pipe       written to a pipe and read
 *   file       written to a file of memory, a page each, and read
 *   cached     written to a file of a ramfs and read, half a page each
 *   names      of a socket: from the kernel's stack
 *   paths      of files that are not there
 *   blocks     N / 16 of a packet socket's ring, taken from the page allocator; 0 where
 *              there are no packet sockets
 */
#include <err.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE 1000
#define PIECE 512
#define PAGE 4096
#define HALF 2048
#define PATH 100
#define BLOCK (64 * 1024)

static void messages(int n)
{
	struct {
		long type;
		char text[MESSAGE];
	} m = { .type = 1 };
	int q = msgget(IPC_PRIVATE, 0600);

	if (q < 0)
		err(1, "msgget");
	for (int i = 0; i < n; i++)
		if (msgsnd(q, &m, MESSAGE, 0) || msgrcv(q, &m, MESSAGE, 0, 0) != MESSAGE)
			err(1, "msgsnd, msgrcv");
	msgctl(q, IPC_RMID, NULL);
	printf("messages %d %d\n", n, MESSAGE);
}

static void pipes(int n)
{
	char buf[PIECE] = { 1 };
	int p[2];

	if (pipe(p))
		err(1, "pipe");
	for (int i = 0; i < n; i++)
		if (write(p[1], buf, PIECE) != PIECE || read(p[0], buf, PIECE) != PIECE)
			err(1, "pipe");
	printf("pipe %d %d\n", n, PIECE);
}

static void write_and_read(int fd, int n, int size)
{
	static char buf[PAGE] = { 1 };

	for (int i = 0; i < n; i++)
		if (write(fd, buf, size) != size)
			err(1, "write");
	lseek(fd, 0, SEEK_SET);
	for (int i = 0; i < n; i++)
		if (read(fd, buf, size) != size)
			err(1, "read");
}

static void file(int n)
{
	int fd = memfd_create("kvas", MFD_CLOEXEC);

	if (fd < 0)
		err(1, "memfd_create");
	write_and_read(fd, n, PAGE);
	printf("file %d %d\n", n, PAGE);
}

/* In a mount namespace of its own, which takes it along when it ends. */
static void cached(int n)
{
	int fd;

	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/tmp", "ramfs", 0, NULL))
		err(1, "ramfs");
	fd = open("/tmp/file", O_RDWR | O_CREAT, 0600);
	if (fd < 0)
		err(1, "/tmp/file");
	write_and_read(fd, n, HALF);
	printf("cached %d %d\n", n, HALF);
}

static void names(int n)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in name;
	socklen_t len;

	if (s < 0)
		err(1, "socket");
	for (int i = 0; i < n; i++) {
		len = sizeof(name);
		if (getsockname(s, (struct sockaddr *)&name, &len) || len != sizeof(name))
			err(1, "getsockname");
	}
	printf("names %d %zu\n", n, sizeof(name));
}

static void paths(int n)
{
	char path[PATH + 1];

	memset(path, 'n', PATH);
	path[PATH] = '\0';
	for (int i = 0; i < n; i++)
		if (!access(path, F_OK))
			errx(1, "%s is there", path);
	printf("paths %d 0\n", n);
}

static void blocks(int n)
{
	struct tpacket_req req = { .tp_block_size = BLOCK, .tp_block_nr = n,
				   .tp_frame_size = 2048, .tp_frame_nr = BLOCK / 2048 * n };
	int s = socket(AF_PACKET, SOCK_RAW, 0); /* no protocol: it receives nothing */

	if (s < 0)
		n = 0;
	else if (n && setsockopt(s, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)))
		err(1, "PACKET_RX_RING");
	printf("blocks %d %d\n", n, BLOCK);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 0;

	messages(n);
	pipes(n);
	file(n);
	cached(n);
	names(n);
	paths(n);
	blocks(n / 16);
	return 0;
}
