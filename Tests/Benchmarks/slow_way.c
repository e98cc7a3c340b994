// A slow way to a name server: takes UDP on a port of loopback, passes it on, and passes the answers back, each way
// after DELAY milliseconds; LOSS per cent of the datagrams of each way are lost. For `Tests/Benchmarks/slow`.
//
//   slow_way PORT SERVER-PORT DELAY LOSS      PORT 0: any that is free; it is printed.
//
// Datagrams wait in a ring in the order they came, as the delay is the same for all. Each client's socket has one of its
// own towards the server, so that answers find their way back.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RING = 1 << 16, ROOM = 4096, CLIENTS = 4096, BATCH = 32 };

struct waiting { uint64_t due; int client; uint8_t back; uint16_t length; uint8_t *octets; };
static struct waiting ring[RING];
static unsigned first, last;
static struct { struct sockaddr_in address; int socket; } clients[CLIENTS];
static int count, front, waiter;
static uint64_t delay, random_state = 88172645463325252u;
static unsigned loss;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int is_lost(void) {
    random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
    return random_state % 10000 < loss;
}

static int open_socket(int port) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), size = 8 << 20;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) { perror("bind"); exit(1); }
    return descriptor;
}

static void watch(int descriptor, unsigned token) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = token};
    epoll_ctl(waiter, EPOLL_CTL_ADD, descriptor, &event);
}

static int client_of(const struct sockaddr_in *address, const struct sockaddr_in *server) {
    for (int i = 0; i < count; i++)
        if (clients[i].address.sin_port == address->sin_port) return i;
    if (count == CLIENTS) { // the oldest must do: ports are rotated
        static int oldest;
        oldest = (oldest + 1) % CLIENTS;
        clients[oldest].address = *address;
        return oldest;
    }
    int descriptor = open_socket(0);
    connect(descriptor, (const struct sockaddr *)server, sizeof *server);
    clients[count].address = *address, clients[count].socket = descriptor;
    watch(descriptor, (unsigned)count + 1);
    return count++;
}

static void take(int descriptor, int client, const struct sockaddr_in *server) {
    static uint8_t octets[BATCH][ROOM];
    struct sockaddr_in from[BATCH];
    struct iovec room[BATCH];
    struct mmsghdr messages[BATCH];
    for (int i = 0; i < BATCH; i++) {
        room[i] = (struct iovec){octets[i], ROOM};
        messages[i].msg_hdr = (struct msghdr){&from[i], sizeof from[i], &room[i], 1, 0, 0, 0};
    }
    int taken = recvmmsg(descriptor, messages, BATCH, 0, 0);
    uint64_t due = now() + delay;
    for (int i = 0; i < taken; i++) {
        if (is_lost() || last - first == RING) continue;
        struct waiting *slot = &ring[last++ % RING];
        slot->due = due;
        slot->client = client >= 0 ? client : client_of(&from[i], server);
        slot->back = client >= 0;
        slot->length = (uint16_t)messages[i].msg_len;
        slot->octets = malloc(slot->length);
        memcpy(slot->octets, octets[i], slot->length);
    }
}

int main(int arguments, char **argument) {
    if (arguments != 5) return 2;
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(argument[2])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    delay = (uint64_t)(atof(argument[3]) * 1e6), loss = (unsigned)(atof(argument[4]) * 100);
    waiter = epoll_create1(0);
    front = open_socket(atoi(argument[1]));
    struct sockaddr_in mine;
    socklen_t length = sizeof mine;
    getsockname(front, (struct sockaddr *)&mine, &length);
    printf("%d\n", ntohs(mine.sin_port)), fflush(stdout);
    watch(front, 0);
    for (;;) {
        uint64_t time = now();
        while (first != last && ring[first % RING].due <= time) {
            struct waiting *slot = &ring[first++ % RING];
            if (slot->back)
                sendto(front, slot->octets, slot->length, 0, (struct sockaddr *)&clients[slot->client].address, sizeof mine);
            else
                send(clients[slot->client].socket, slot->octets, slot->length, 0);
            free(slot->octets);
        }
        struct timespec wait = {1, 0};
        if (first != last) {
            uint64_t left = ring[first % RING].due - now();
            wait = (int64_t)left <= 0 ? (struct timespec){0, 0} : (struct timespec){0, (long)left};
        }
        struct epoll_event events[64];
        int ready = epoll_pwait2(waiter, events, 64, &wait, 0);
        for (int i = 0; i < ready; i++) {
            unsigned token = events[i].data.u32;
            if (token == 0) take(front, -1, &server);
            else take(clients[token - 1].socket, (int)token - 1, &server);
        }
        if (ready < 0 && errno != EINTR) { perror("epoll"); return 1; }
    }
}
