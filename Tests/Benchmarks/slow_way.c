// A bad way to a name server: takes UDP on a port of loopback, passes it on, and passes the answers back. For
// `Tests/Benchmarks/slow`.
//
//   slow_way PORT SERVER-PORT [NAME=NUMBER]...      PORT 0: any that is free; it is printed.
//
//   delay=10      milliseconds that each way takes
//   loss=0        per cent of the datagrams of each way that are lost
//   late=0        per cent of the answers that come lateness=3000 milliseconds later than the others
//   lies=0        per cent of the answers before which a false one comes: "no such name", with another id, for another
//                 name, for another type, from another port, or as if it were a question
//   dies=0        seconds after the first question from which on nobody answers; 0: never
//   dead=0        for how many seconds; 0: for ever
//
// Datagrams wait in a ring in the order they came, as the delay is the same for all; late ones in a ring of their own.
// Each client's socket has one of its own towards the server, so that answers find their way back.
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
struct ring { struct waiting slots[RING]; unsigned first, last; };
static struct ring usual, tardy;
static struct { struct sockaddr_in address; int socket; } clients[CLIENTS];
static int count, front, stranger, waiter;
static uint64_t delay, lateness, began, dies, dead, random_state = 88172645463325252u;
static unsigned loss, late, lies, told;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int chance(unsigned of_ten_thousand) {
    random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
    return random_state % 10000 < of_ten_thousand;
}

static int is_dead(uint64_t time) {
    if (!began) began = time;
    return dies && time - began >= dies && (!dead || time - began < dies + dead);
}

// A false answer, made of a true one: its head and question, no records, NXDOMAIN.
static void lie(const struct waiting *truth, const struct sockaddr_in *client) {
    uint8_t octets[ROOM];
    unsigned length = 12;
    if (truth->length < 18) return;
    memcpy(octets, truth->octets, truth->length);
    while (length < truth->length && octets[length]) length += 1 + octets[length];
    length += 5;
    if (length > truth->length) return;
    octets[3] = (octets[3] & 0xf0) | 3;
    memset(octets + 6, 0, 6);
    int from = front;
    switch (told++ % 5) {
    case 0: octets[1] ^= 1 + told % 255; break;
    case 1: octets[13] = octets[13] == 'q' ? 'x' : 'q'; break;
    case 2: octets[length - 3] ^= 1; break;
    case 3: from = stranger; break;
    case 4: octets[2] &= 0x7f; break;
    }
    sendto(from, octets, length, 0, (const struct sockaddr *)client, sizeof *client);
}

static uint64_t send_due(struct ring *ring, uint64_t time) {
    while (ring->first != ring->last && ring->slots[ring->first % RING].due <= time) {
        struct waiting *slot = &ring->slots[ring->first++ % RING];
        if (slot->back) {
            const struct sockaddr_in *client = &clients[slot->client].address;
            if (chance(lies)) lie(slot, client);
            sendto(front, slot->octets, slot->length, 0, (const struct sockaddr *)client, sizeof *client);
        } else {
            send(clients[slot->client].socket, slot->octets, slot->length, 0);
        }
        free(slot->octets);
    }
    return ring->first == ring->last ? UINT64_MAX : ring->slots[ring->first % RING].due;
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
    uint64_t time = now();
    if (is_dead(time)) return;
    for (int i = 0; i < taken; i++) {
        int is_late = client >= 0 && chance(late);
        struct ring *ring = is_late ? &tardy : &usual;
        if (chance(loss) || ring->last - ring->first == RING) continue;
        struct waiting *slot = &ring->slots[ring->last++ % RING];
        slot->due = time + delay + (is_late ? lateness : 0);
        slot->client = client >= 0 ? client : client_of(&from[i], server);
        slot->back = client >= 0;
        slot->length = (uint16_t)messages[i].msg_len;
        slot->octets = malloc(slot->length);
        memcpy(slot->octets, octets[i], slot->length);
    }
}

int main(int arguments, char **argument) {
    if (arguments < 3) return 2;
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(argument[2])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    double numbers[] = {10, 0, 0, 3000, 0, 0, 0};
    const char *names[] = {"delay=", "loss=", "late=", "lateness=", "lies=", "dies=", "dead="};
    for (int i = 3; i < arguments; i++) {
        int known = 0;
        for (int k = 0; k < 7; k++)
            if (!strncmp(argument[i], names[k], strlen(names[k]))) numbers[k] = atof(argument[i] + strlen(names[k])), known = 1;
        if (!known) return 2;
    }
    delay = (uint64_t)(numbers[0] * 1e6), loss = (unsigned)(numbers[1] * 100), late = (unsigned)(numbers[2] * 100);
    lateness = (uint64_t)(numbers[3] * 1e6), lies = (unsigned)(numbers[4] * 100);
    dies = (uint64_t)(numbers[5] * 1e9), dead = (uint64_t)(numbers[6] * 1e9);
    stranger = open_socket(0);
    waiter = epoll_create1(0);
    front = open_socket(atoi(argument[1]));
    struct sockaddr_in mine;
    socklen_t length = sizeof mine;
    getsockname(front, (struct sockaddr *)&mine, &length);
    printf("%d\n", ntohs(mine.sin_port)), fflush(stdout);
    watch(front, 0);
    for (;;) {
        uint64_t time = now(), next = send_due(&usual, time), other = send_due(&tardy, time);
        if (other < next) next = other;
        struct timespec wait = {1, 0};
        time = now();
        if (next <= time) wait = (struct timespec){0, 0};
        else if (next - time < 1000000000u) wait = (struct timespec){0, (long)(next - time)};
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
