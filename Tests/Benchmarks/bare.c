/*
 * The least that looking names up costs: sends DNS queries with sendmmsg and takes the responses with recvmmsg, keeps
 * so many in flight, matches each response by its id and looks at nothing else. What a resolver costs is compared
 * with it.
 *
 *   cc -O2 -o bare bare.c
 *   bare --server 127.0.0.1:5300 --names FILE --in-flight 1000 --count 200000
 *
 * FILE: a line a question, "name" or "name TYPE" (as for dnsperf). Prints one line of key=value pairs; the CPU time is
 * of this process, user and system, from the first query to the last answer. A query without an answer for a second is sent again.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, QUERY = 320, RESPONSE = 1472 };

static struct { const char *name; int number; } types[] = {
    {"A", 1}, {"NS", 2}, {"CNAME", 5}, {"SOA", 6}, {"PTR", 12}, {"MX", 15}, {"TXT", 16}, {"AAAA", 28}, {"SRV", 33},
    {"TLSA", 52}, {"CAA", 257},
};

typedef struct { uint8_t octets[QUERY]; int length; } Query;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double seconds(struct timeval time) { return time.tv_sec + time.tv_usec / 1e6; }

/* Header, question and an OPT record of 1232 octets, as a stub resolver sends them. */
static int encode(Query *query, const char *name, int type) {
    uint8_t *at = query->octets;
    static const uint8_t header[12] = {0, 0, 0x01, 0x20, 0, 1, 0, 0, 0, 0, 0, 1};
    static const uint8_t opt[11] = {0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0};
    if (strlen(name) > 253) return 0;
    memcpy(at, header, 12);
    at += 12;
    while (*name && *name != '\n') {
        size_t length = strcspn(name, ".");
        if (length == 0 || length > 63) return 0;
        *at++ = (uint8_t)length;
        memcpy(at, name, length);
        at += length;
        name += length;
        if (*name == '.') name++;
    }
    *at++ = 0;
    *at++ = (uint8_t)(type >> 8);
    *at++ = (uint8_t)type;
    *at++ = 0;
    *at++ = 1;
    memcpy(at, opt, 11);
    query->length = (int)(at + 11 - query->octets);
    return 1;
}

static Query *read_names(const char *path, size_t *count) {
    FILE *file = fopen(path, "r");
    char line[512], name[300], type[32];
    size_t room = 0;
    Query *queries = NULL;
    *count = 0;
    if (!file) return NULL;
    while (fgets(line, sizeof line, file)) {
        int number = 1, fields = sscanf(line, "%299s %31s", name, type);
        if (fields < 1) continue;
        if (fields == 2) {
            number = 0;
            for (size_t i = 0; i < sizeof types / sizeof *types; i++)
                if (!strcasecmp(types[i].name, type)) number = types[i].number;
            if (!number) continue;
        }
        if (*count == room) queries = realloc(queries, (room = room ? room * 2 : 1024) * sizeof *queries);
        if (encode(&queries[*count], name, number)) ++*count;
    }
    fclose(file);
    return queries;
}

int main(int argc, char **argv) {
    const char *server = "127.0.0.1:53", *names = NULL;
    long in_flight = 1000, wanted = 100000;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--server")) server = argv[i + 1];
        else if (!strcmp(argv[i], "--names")) names = argv[i + 1];
        else if (!strcmp(argv[i], "--in-flight")) in_flight = atol(argv[i + 1]);
        else if (!strcmp(argv[i], "--count")) wanted = atol(argv[i + 1]);
    }
    char host[64];
    const char *colon = strrchr(server, ':');
    if (!names || !colon || colon - server > 63 || in_flight < 1 || in_flight > 30000) {
        fprintf(stderr, "usage: bare --server ADDRESS:PORT --names FILE [--in-flight N] [--count N]\n");
        return 2;
    }
    memcpy(host, server, colon - server);
    host[colon - server] = 0;
    size_t questions;
    Query *queries = read_names(names, &questions);
    if (!questions) { fprintf(stderr, "no names in %s\n", names); return 2; }

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1))};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), size = 4 << 20;
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1
        || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) { perror("connect"); return 1; }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);

    /* Ids are slots: slot i waits for the answer to question[i], sent at sent[i] (0: the slot is free). */
    size_t *question = calloc(65536, sizeof *question);
    double *sent = calloc(65536, sizeof *sent);
    uint16_t *idle = calloc(65536, sizeof *idle);
    long idle_count = 0, done = 0, asked = 0, resent = 0, records = 0;
    for (long i = in_flight; i-- > 0;) idle[idle_count++] = (uint16_t)i;

    static uint8_t out[BATCH][QUERY], in[BATCH][RESPONSE];
    static struct mmsghdr out_messages[BATCH], in_messages[BATCH];
    static struct iovec out_parts[BATCH], in_parts[BATCH];
    for (int i = 0; i < BATCH; i++) {
        out_parts[i].iov_base = out[i];
        out_messages[i].msg_hdr.msg_iov = &out_parts[i];
        out_messages[i].msg_hdr.msg_iovlen = 1;
        in_parts[i].iov_base = in[i];
        in_parts[i].iov_len = RESPONSE;
        in_messages[i].msg_hdr.msg_iov = &in_parts[i];
        in_messages[i].msg_hdr.msg_iovlen = 1;
    }

    struct rusage before, usage;
    getrusage(RUSAGE_SELF, &before);
    double started = now(), checked = started;
    while (done < wanted) {
        while (idle_count > 0 && asked < wanted) {
            int batch = 0;
            double time = now();
            while (batch < BATCH && idle_count > 0 && asked < wanted) {
                uint16_t id = idle[--idle_count];
                Query *query = &queries[asked % questions];
                question[id] = asked++ % questions;
                sent[id] = time;
                memcpy(out[batch], query->octets, query->length);
                out[batch][0] = id >> 8;
                out[batch][1] = (uint8_t)id;
                out_parts[batch++].iov_len = query->length;
            }
            for (int from = 0; from < batch;) {
                int n = sendmmsg(fd, out_messages + from, batch - from, 0);
                if (n > 0) from += n;
                else if (errno == EAGAIN) poll(&(struct pollfd){fd, POLLOUT, 0}, 1, 10);
                else if (errno != EINTR && errno != ECONNREFUSED) { perror("sendmmsg"); return 1; }
            }
        }
        poll(&(struct pollfd){fd, POLLIN, 0}, 1, 100);
        int n = recvmmsg(fd, in_messages, BATCH, 0, NULL);
        for (int i = 0; i < n; i++) {
            if (in_messages[i].msg_len < 12 || !(in[i][2] & 0x80)) continue;
            uint16_t id = (uint16_t)(in[i][0] << 8 | in[i][1]);
            if (sent[id] == 0) continue;
            sent[id] = 0;
            idle[idle_count++] = id;
            records += in[i][6] << 8 | in[i][7];
            done++;
        }
        double time = now();
        if (time - checked < 0.2) continue;
        checked = time;
        for (long id = 0; id < in_flight; id++) {
            if (sent[id] == 0 || time - sent[id] < 1) continue;
            Query query = queries[question[id]];
            query.octets[0] = (uint8_t)(id >> 8);
            query.octets[1] = (uint8_t)id;
            if (send(fd, query.octets, query.length, 0) < 0) continue;
            sent[id] = time;
            resent++;
        }
    }
    double elapsed = now() - started;
    getrusage(RUSAGE_SELF, &usage);
    double user = seconds(usage.ru_utime) - seconds(before.ru_utime);
    double system = seconds(usage.ru_stime) - seconds(before.ru_stime);
    printf("lookups=%ld seconds=%.3f user=%.3f system=%.3f cpu=%.3f us_per_lookup=%.3f rate=%.0f records=%ld "
           "resent=%ld max_rss_kib=%ld\n",
           done, elapsed, user, system, user + system, (user + system) * 1e6 / done, done / elapsed, records, resent,
           usage.ru_maxrss);
    return 0;
}
