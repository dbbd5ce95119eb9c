// What the programs of this folder share: errors, the clock, one CPU, and an end by SIGTERM. Included first, for _GNU_SOURCE.
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static volatile sig_atomic_t stopped;

static void stop(int signal) { (void)signal; stopped = 1; }

static inline void fail(const char *what) {
  perror(what);
  exit(1);
}

static inline double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static inline double now(void) { return seconds(CLOCK_MONOTONIC); }

// Stays on one CPU, and ends its loops when it is told to.
static inline void settle(const char *cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(atoi(cpu), &one);
  if (sched_setaffinity(0, sizeof one, &one)) fail("sched_setaffinity");
  signal(SIGTERM, stop);
}
