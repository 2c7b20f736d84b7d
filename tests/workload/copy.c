/* SPDX-License-Identifier: GPL-2.0 */
/* Sends bytes through a pipe to itself while the emulator's judge counts the kernel's
 * memory accesses (between its markers fff0 and fff1), and prints how many bytes. The
 * kernel reads each from user memory and writes it to a page of the direct map, then
 * reads it there and writes it to user memory. */
#include <stdio.h>
#include <unistd.h>

#define CHUNK 4096
#define CHUNKS 1009

int main(void)
{
	static char from[CHUNK] = { 1 }, to[CHUNK] = { 1 };
	long sent = 0;
	int p[2];

	if (pipe(p))
		return 1;
	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0xf0, 0xff, 0xad, 0xde" ::: "memory");
	for (int i = 0; i < CHUNKS; i++) {
		if (write(p[1], from, CHUNK) != CHUNK || read(p[0], to, CHUNK) != CHUNK)
			return 1;
		sent += CHUNK;
	}
	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0xf1, 0xff, 0xad, 0xde" ::: "memory");
	printf("@@ COPIED %ld\n", sent);
	return 0;
}
