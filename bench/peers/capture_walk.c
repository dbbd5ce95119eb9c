// SPDX-License-Identifier: Apache-2.0
/*
 * What a capture costs in C, as a limit to be held against: nanoseconds a record, a line a round.
 *
 *   capture_walk map|read|libpcap ROUNDS CAPTURE          every record's header and EtherType
 *   capture_walk filter-map|filter-read ROUNDS CAPTURE OUT   UDP port 53, copied to OUT
 *
 * "map" goes through the mapped file, "read" through read(2) in blocks, "libpcap" through pcap_next_ex
 * of the system's libpcap, found at run time.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILE_HEADER = 24, RECORD_HEADER = 16, BLOCK = 1 << 20, OUT_BUFFER = 1 << 20 };

struct walk {
	long records;
	long sum;
	int out; /* -1: only look */
	uint8_t *buffer;
	size_t used;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void drain(struct walk *walk)
{
	size_t done = 0;

	while (done < walk->used) {
		ssize_t n = write(walk->out, walk->buffer + done, walk->used - done);

		if (n < 0)
			die("write");
		done += n;
	}
	walk->used = 0;
}

static void keep(struct walk *walk, const uint8_t *bytes, size_t size)
{
	if (walk->used + size > OUT_BUFFER)
		drain(walk);
	memcpy(walk->buffer + walk->used, bytes, size);
	walk->used += size;
}

static inline uint16_t be16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static inline int wanted(const uint8_t *frame, uint32_t length)
{
	uint32_t at = 34;

	if (length < 42 || be16(frame + 12) != 0x0800 || frame[23] != 17 || be16(frame + 20) & 0x1fff)
		return 0;
	at = 14 + (frame[14] & 15) * 4;
	return at + 4 <= length && (be16(frame + at) == 53 || be16(frame + at + 2) == 53);
}

/* Goes through whole records and returns how many bytes they take. */
static size_t records(struct walk *walk, const uint8_t *bytes, size_t size)
{
	size_t at = 0;

	while (size - at >= RECORD_HEADER) {
		uint32_t length;

		memcpy(&length, bytes + at + 8, sizeof(length));
		if (size - at - RECORD_HEADER < length)
			break;
		walk->records++;
		if (walk->out < 0)
			walk->sum += length + (length >= 14 ? be16(bytes + at + RECORD_HEADER + 12) : 0);
		else if (wanted(bytes + at + RECORD_HEADER, length))
			keep(walk, bytes + at, RECORD_HEADER + length);
		at += RECORD_HEADER + length;
	}
	return at;
}

static void by_map(struct walk *walk, const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat stat;
	const uint8_t *bytes;

	if (fd < 0 || fstat(fd, &stat) < 0)
		die(path);
	bytes = mmap(NULL, stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		die("mmap");
	madvise((void *)bytes, stat.st_size, MADV_SEQUENTIAL);
	if (walk->out >= 0)
		keep(walk, bytes, FILE_HEADER);
	records(walk, bytes + FILE_HEADER, stat.st_size - FILE_HEADER);
	munmap((void *)bytes, stat.st_size);
	close(fd);
}

static void by_read(struct walk *walk, const char *path)
{
	int fd = open(path, O_RDONLY);
	uint8_t *buffer = malloc(2 * BLOCK);
	size_t have = 0;
	int first = 1;

	if (fd < 0 || !buffer)
		die(path);
	while (1) {
		ssize_t n = read(fd, buffer + have, BLOCK);
		size_t used = 0;

		if (n < 0)
			die("read");
		if (n == 0)
			break;
		have += n;
		if (first) {
			used = FILE_HEADER;
			first = 0;
			if (walk->out >= 0)
				keep(walk, buffer, FILE_HEADER);
		}
		used += records(walk, buffer + used, have - used);
		memmove(buffer, buffer + used, have - used);
		have -= used;
	}
	free(buffer);
	close(fd);
}

struct pcap_header {
	struct timespec time;
	uint32_t length;
	uint32_t original;
};

static void by_libpcap(struct walk *walk, const char *path)
{
	static void *(*open_offline)(const char *, char *);
	static int (*next)(void *, struct pcap_header **, const uint8_t **);
	static void (*close_pcap)(void *);
	char error[256];
	struct pcap_header *header;
	const uint8_t *frame;
	void *pcap;

	if (!open_offline) {
		void *library = dlopen("libpcap.so.0.8", RTLD_NOW);

		if (!library)
			library = dlopen("libpcap.so.1", RTLD_NOW);
		if (!library) {
			fprintf(stderr, "no libpcap\n");
			exit(3);
		}
		*(void **)&open_offline = dlsym(library, "pcap_open_offline");
		*(void **)&next = dlsym(library, "pcap_next_ex");
		*(void **)&close_pcap = dlsym(library, "pcap_close");
	}
	pcap = open_offline(path, error);
	if (!pcap) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	while (next(pcap, &header, &frame) == 1) {
		walk->records++;
		walk->sum += header->length + (header->length >= 14 ? be16(frame + 12) : 0);
	}
	close_pcap(pcap);
}

int main(int argc, char **argv)
{
	int filter = argc > 1 && !strncmp(argv[1], "filter-", 7);

	if (argc != 4 + filter) {
		fprintf(stderr, "usage: capture_walk map|read|libpcap|filter-map|filter-read ROUNDS CAPTURE [OUT]\n");
		return 2;
	}
	const char *way = argv[1] + (filter ? 7 : 0);
	long sum = 0;

	for (int round = atoi(argv[2]); round > 0; round--) {
		struct walk walk = { .out = -1 };
		struct timespec begin, end;

		clock_gettime(CLOCK_MONOTONIC, &begin);
		if (filter) {
			walk.out = open(argv[4], O_WRONLY | O_CREAT | O_TRUNC, 0644);
			walk.buffer = malloc(OUT_BUFFER);
			if (walk.out < 0 || !walk.buffer)
				die(argv[4]);
		}
		if (!strcmp(way, "map"))
			by_map(&walk, argv[3]);
		else if (!strcmp(way, "read"))
			by_read(&walk, argv[3]);
		else
			by_libpcap(&walk, argv[3]);
		if (filter) {
			drain(&walk);
			close(walk.out);
			free(walk.buffer);
		}
		clock_gettime(CLOCK_MONOTONIC, &end);
		printf("%.3f\n", ((end.tv_sec - begin.tv_sec) * 1e9 + (end.tv_nsec - begin.tv_nsec)) / walk.records);
		sum += walk.sum;
	}
	fprintf(stderr, "%ld\n", sum); /* so that the compiler cannot leave the work out */
	return 0;
}
