// A mail server that says as little as it can, for the benches of port probes: greeting, EHLO, STARTTLS, QUIT.
// One thread a connection, all of them waiting in accept(), so that an answer costs one system call.
//   responder --threads N [--certificate PEM --key PEM] [--implicit 1] [--silent-seconds S]
// With a certificate it offers STARTTLS, or speaks TLS from the first octet (--implicit). With --silent-seconds it greets only after that time. It prints its port, and
// ends with its standard input.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener;
static SSL_CTX *context;
static double silent;
static int implicit;

typedef struct {
    int socket;
    SSL *tls;
} Client;

static int put(Client *client, const char *text) {
    int count = (int)strlen(text);
    return (client->tls ? SSL_write(client->tls, text, count) : (int)write(client->socket, text, count)) == count;
}

// One line at a time: clients of this bench do not pipeline.
static int get(Client *client, char *line, int room) {
    int there = 0;
    while (there < room - 1) {
        int count = client->tls ? SSL_read(client->tls, line + there, room - 1 - there)
                                : (int)read(client->socket, line + there, room - 1 - there);
        if (count <= 0) return 0;
        there += count;
        if (line[there - 1] == '\n') {
            line[there] = 0;
            return 1;
        }
    }
    return 0;
}

static int begin_tls(Client *client) {
    client->tls = SSL_new(context);
    SSL_set_fd(client->tls, client->socket);
    return SSL_accept(client->tls) == 1;
}

static void end(Client *client) {
    if (!client->tls) return;
    SSL_shutdown(client->tls);
    SSL_free(client->tls);
}

static void serve(int socket) {
    Client client = {socket, NULL};
    char line[1024];
    if (silent > 0) usleep((useconds_t)(silent * 1e6));
    if (implicit && !begin_tls(&client)) return end(&client);
    if (!put(&client, "220 responder.test ESMTP ready\r\n")) return end(&client);
    while (get(&client, line, sizeof line)) {
        if (!strncasecmp(line, "EHLO", 4)) {
            if (!put(&client, context && !client.tls
                         ? "250-responder.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-STARTTLS\r\n250 8BITMIME\r\n"
                         : "250-responder.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250 8BITMIME\r\n"))
                break;
        } else if (!strncasecmp(line, "STARTTLS", 8) && context && !client.tls) {
            if (!put(&client, "220 go ahead\r\n")) break;
            if (!begin_tls(&client)) break;
        } else if (!strncasecmp(line, "QUIT", 4)) {
            put(&client, "221 bye\r\n");
            break;
        } else if (!put(&client, "502 not here\r\n")) {
            break;
        }
    }
    end(&client);
}

static void *work(void *unused) {
    (void)unused;
    int yes = 1;
    for (;;) {
        int socket = accept(listener, NULL, NULL);
        if (socket < 0) continue;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        serve(socket);
        close(socket);
    }
    return NULL;
}

int main(int count, char **words) {
    const char *certificate = NULL, *key = NULL;
    int threads = 64;
    for (int i = 1; i + 1 < count; i += 2) {
        if (!strcmp(words[i], "--threads")) threads = atoi(words[i + 1]);
        if (!strcmp(words[i], "--certificate")) certificate = words[i + 1];
        if (!strcmp(words[i], "--key")) key = words[i + 1];
        if (!strcmp(words[i], "--implicit")) implicit = atoi(words[i + 1]);
        if (!strcmp(words[i], "--silent-seconds")) silent = atof(words[i + 1]);
    }
    signal(SIGPIPE, SIG_IGN);
    if (certificate) {
        context = SSL_CTX_new(TLS_server_method());
        if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
            SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
            return 2;
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    }
    listener = socket(AF_INET, SOCK_STREAM, 0);
    int yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1024) ||
        getsockname(listener, (struct sockaddr *)&address, &size))
        return 2;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    for (int i = 0; i < threads; i++) {
        pthread_t thread;
        pthread_create(&thread, &attributes, work, NULL);
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    char octet;
    while (read(0, &octet, 1) > 0) continue;
    return 0;
}
