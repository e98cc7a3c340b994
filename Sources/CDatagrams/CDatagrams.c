#define _GNU_SOURCE
#include "CDatagrams.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int cdatagrams_open(const uint8_t *address, int length, uint16_t port, int receive_buffer) {
    struct sockaddr_storage storage;
    socklen_t size;
    memset(&storage, 0, sizeof storage);
    if (length == 4) {
        struct sockaddr_in *v4 = (struct sockaddr_in *)&storage;
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        memcpy(&v4->sin_addr, address, 4);
        size = sizeof *v4;
    } else if (length == 16) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&storage;
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        memcpy(&v6->sin6_addr, address, 16);
        size = sizeof *v6;
    } else {
        return -EAFNOSUPPORT;
    }
    int descriptor = socket(storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    if (receive_buffer > 0)  /* As much of it as the system allows. */
        (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    if (connect(descriptor, (struct sockaddr *)&storage, size) < 0) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

void cdatagrams_close(int descriptor) { close(descriptor); }

bool cdatagrams_splits(void) {
    int size;
    socklen_t room = sizeof size;
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) descriptor = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return false;
    bool splits = getsockopt(descriptor, SOL_UDP, UDP_SEGMENT, &size, &room) == 0;
    close(descriptor);
    return splits;
}

/* How many datagrams, from the first, are as long as it: what the system splits again into just these. */
static int alike(const cdatagrams_datagram *datagrams, int count) {
    int same = 1;
    while (same < count && datagrams[same].length == datagrams[0].length) same++;
    return same;
}

int cdatagrams_send(int descriptor, const cdatagrams_datagram *datagrams, int count, bool splits) {
    struct mmsghdr messages[CDATAGRAMS_BATCH];
    struct iovec parts[CDATAGRAMS_BATCH];
    union {
        char octets[CMSG_SPACE(sizeof(uint16_t))];
        struct cmsghdr aligned;
    } sizes[CDATAGRAMS_BATCH];
    int groups = 0;
    if (count > CDATAGRAMS_BATCH) count = CDATAGRAMS_BATCH;
    for (int i = 0; i < count; groups++) {
        int same = splits ? alike(datagrams + i, count - i) : 1;
        struct msghdr *message = &messages[groups].msg_hdr;
        memset(&messages[groups], 0, sizeof messages[groups]);
        message->msg_iov = &parts[i];
        message->msg_iovlen = (size_t)same;
        if (same > 1) {
            message->msg_control = sizes[groups].octets;
            message->msg_controllen = sizeof sizes[groups].octets;
            struct cmsghdr *header = CMSG_FIRSTHDR(message);
            uint16_t size = (uint16_t)datagrams[i].length;
            header->cmsg_level = SOL_UDP;
            header->cmsg_type = UDP_SEGMENT;
            header->cmsg_len = CMSG_LEN(sizeof size);
            memcpy(CMSG_DATA(header), &size, sizeof size);
        }
        for (int end = i + same; i < end; i++) {
            parts[i].iov_base = datagrams[i].octets;
            parts[i].iov_len = datagrams[i].length;
        }
    }
    for (int tries = 0;; ) {
        int sent = sendmmsg(descriptor, messages, (unsigned)groups, MSG_NOSIGNAL);
        if (sent >= 0) {
            int datagrams_sent = 0;
            for (int i = 0; i < sent; i++) datagrams_sent += (int)messages[i].msg_hdr.msg_iovlen;
            return datagrams_sent;
        }
        if (errno == EINTR) continue;
        if (messages[0].msg_hdr.msg_iovlen > 1 && (errno == EIO || errno == EINVAL || errno == EMSGSIZE))
            return cdatagrams_send(descriptor, datagrams, count, false);
        if ((errno != EAGAIN && errno != ENOBUFS) || ++tries > 20) return -errno;
        /* The system's queue is full: it empties fast. */
        struct pollfd room = {.fd = descriptor, .events = POLLOUT};
        (void)poll(&room, 1, 2);
    }
}

int cdatagrams_receive(int descriptor, cdatagrams_datagram *datagrams, int count) {
    struct mmsghdr messages[CDATAGRAMS_BATCH];
    struct iovec parts[CDATAGRAMS_BATCH];
    if (count > CDATAGRAMS_BATCH) count = CDATAGRAMS_BATCH;
    memset(messages, 0, sizeof *messages * (size_t)count);
    for (int i = 0; i < count; i++) {
        parts[i].iov_base = datagrams[i].octets;
        parts[i].iov_len = datagrams[i].length;
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    int taken;
    do taken = recvmmsg(descriptor, messages, (unsigned)count, MSG_DONTWAIT, NULL);
    while (taken < 0 && errno == EINTR);
    if (taken < 0) return -errno;
    for (int i = 0; i < taken; i++) {
        datagrams[i].length = messages[i].msg_len;
        datagrams[i].cut = (messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
    }
    return taken;
}

int cdatagrams_poll_open(cdatagrams_poll *poll) {
    poll->waiter = epoll_create1(EPOLL_CLOEXEC);
    if (poll->waiter < 0) return -errno;
    poll->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = 0};
    if (poll->bell < 0 || epoll_ctl(poll->waiter, EPOLL_CTL_ADD, poll->bell, &event) < 0) {
        int error = errno;
        close(poll->waiter);
        if (poll->bell >= 0) close(poll->bell);
        return -error;
    }
    return 0;
}

void cdatagrams_poll_close(cdatagrams_poll poll) {
    close(poll.waiter);
    close(poll.bell);
}

int cdatagrams_poll_add(cdatagrams_poll poll, int descriptor, uint32_t token) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = token};
    return epoll_ctl(poll.waiter, EPOLL_CTL_ADD, descriptor, &event) < 0 ? -errno : 0;
}

void cdatagrams_poll_ring(cdatagrams_poll poll) {
    uint64_t one = 1;
    ssize_t written = write(poll.bell, &one, sizeof one);
    (void)written;  /* It rings already where the counter is full. */
}

int cdatagrams_poll_wait(cdatagrams_poll poll, uint32_t *tokens, int room, int64_t nanoseconds) {
    struct epoll_event events[64];
    int milliseconds = nanoseconds < 0 ? -1 : nanoseconds > 3600000000000 ? 3600000 : (int)((nanoseconds + 999999) / 1000000);
    int ready = epoll_wait(poll.waiter, events, room < 64 ? room : 64, milliseconds);
    int count = 0;
    for (int i = 0; i < ready; i++) {
        if (events[i].data.u32 != 0) {
            tokens[count++] = events[i].data.u32;
        } else {
            uint64_t rung;
            ssize_t taken = read(poll.bell, &rung, sizeof rung);
            (void)taken;
        }
    }
    return count;
}

int64_t cdatagrams_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_BOOTTIME, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

bool cdatagrams_random(void *octets, uint32_t count) {
    uint32_t had = 0;
    while (had < count) {
        ssize_t more = getrandom((uint8_t *)octets + had, count - had, 0);
        if (more < 0 && errno == EINTR) continue;
        if (more <= 0) return false;
        had += (uint32_t)more;
    }
    return true;
}

static _Thread_local const void *mine __attribute__((tls_model("initial-exec")));

void cdatagrams_set_mine(const void *owner) { mine = owner; }

const void *cdatagrams_mine(void) { return mine; }

typedef struct {
    void (*body)(void *);
    void *argument;
} errand;

static void *run(void *given) {
    errand copy = *(errand *)given;
    free(given);
    (void)pthread_setname_np(pthread_self(), "dns");
    copy.body(copy.argument);
    return NULL;
}

bool cdatagrams_run(void (*body)(void *), void *argument) {
    errand *given = malloc(sizeof *given);
    pthread_attr_t attributes;
    pthread_t thread;
    if (!given) return false;
    given->body = body;
    given->argument = argument;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    /* Tasks run on it: as much as the first thread has. */
    pthread_attr_setstacksize(&attributes, 8 << 20);
    int error = pthread_create(&thread, &attributes, run, given);
    pthread_attr_destroy(&attributes);
    if (error) free(given);
    return error == 0;
}
