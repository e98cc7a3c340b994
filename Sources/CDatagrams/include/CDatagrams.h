#ifndef CDATAGRAMS_H
#define CDATAGRAMS_H

#include <stdbool.h>
#include <stdint.h>

/* What the resolver needs of the system and Swift's import of the C library does not offer: datagrams by the batch
 * (sendmmsg, recvmmsg), and waiting for many sockets (epoll). No state, no allocation; -errno is what failed. */

/* One datagram of a batch: `octets` stays the caller's. After taking, `length` is what came, `cut` whether more came
 * than there was room for. */
typedef struct {
    uint8_t *_Nonnull octets;
    uint32_t length;
    bool cut;
} cdatagrams_datagram;

/* The most datagrams of a batch. */
enum { CDATAGRAMS_BATCH = 64 };

/* A non-blocking datagram socket on a random port that takes and gives only what `address` (4 or 16 octets) and `port`
 * send and get. */
int cdatagrams_open(const uint8_t *_Nonnull address, int length, uint16_t port, int receive_buffer);

void cdatagrams_close(int descriptor);

/* Whether the system takes several datagrams of one length as one and splits them below (Linux 4.18, udp(7):
 * UDP_SEGMENT). What goes over the wire is the same. */
bool cdatagrams_splits(void);

/* How many were sent, up to `count` and CDATAGRAMS_BATCH; -errno where the first could not be. Waits some
 * milliseconds where the system's queue is full. Where `splits`, neighbours of one length go down together, which costs
 * the system a fraction; a way that cannot do that (-EIO, -EINVAL, -EMSGSIZE) takes them without. */
int cdatagrams_send(int descriptor, const cdatagrams_datagram *_Nonnull datagrams, int count, bool splits);

/* How many came; `length` of each says how much room there is. -EAGAIN where none is there. */
int cdatagrams_receive(int descriptor, cdatagrams_datagram *_Nonnull datagrams, int count);

/* What waits for sockets and for a call from another thread. */
typedef struct {
    int waiter;
    int bell;
} cdatagrams_poll;

/* 0 or -errno. */
int cdatagrams_poll_open(cdatagrams_poll *_Nonnull poll);

void cdatagrams_poll_close(cdatagrams_poll poll);

/* Reports `token` (not 0) from now on when there is something to take at the socket. 0 or -errno. */
int cdatagrams_poll_add(cdatagrams_poll poll, int descriptor, uint32_t token);

/* Ends a wait of another thread, or the next one. */
void cdatagrams_poll_ring(cdatagrams_poll poll);

/* Waits at most so long (-1: without end); the tokens of the sockets that are ready. The bell has none. */
int cdatagrams_poll_wait(
    cdatagrams_poll poll, uint32_t *_Nonnull tokens, int room, int64_t nanoseconds);

/* CLOCK_BOOTTIME, in nanoseconds: goes on while the machine sleeps. */
int64_t cdatagrams_now(void);

/* Unguessable octets; false where the system has none. */
bool cdatagrams_random(void *_Nonnull octets, uint32_t count);

/* Whose the current thread is: what was set on it last. */
void cdatagrams_set_mine(const void *_Nullable owner);
const void *_Nullable cdatagrams_mine(void);

/* Runs `body` on a thread of its own. */
bool cdatagrams_run(void (*_Nonnull body)(void *_Nullable), void *_Nullable argument);

#endif
