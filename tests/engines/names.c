/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Put before the C library by LD_PRELOAD: names are looked up in the file
 * that $NAMES is, "name address[,address]..." a line, and each look-up is
 * noted in $NAMES.log.  A name's first line that is left counts and, unless
 * it is its last, is used up: so a name changes between two look-ups.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LINES	64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char lines[LINES][512];
static int used[LINES], count = -1;

static void
names_load(void)
{
	FILE *f = fopen(getenv("NAMES"), "r");

	for (count = 0; f != NULL && count < LINES && fgets(lines[count],
	    sizeof(lines[0]), f) != NULL; count++)
		lines[count][strcspn(lines[count], "\n")] = '\0';
	if (f != NULL)
		fclose(f);
}

static void
note(const char *name)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s.log", getenv("NAMES"));
	if ((f = fopen(path, "a")) != NULL) {
		fprintf(f, "%s\n", name);
		fclose(f);
	}
}

/* The addresses of a name, or NULL. */
static char *
find(const char *name)
{
	size_t len = strlen(name);
	int i, found = -1, more = 0;

	for (i = 0; i < count; i++)
		if (!used[i] && strncmp(lines[i], name, len) == 0 &&
		    lines[i][len] == ' ') {
			if (found == -1)
				found = i;
			else
				more = 1;
		}
	if (found == -1)
		return NULL;
	used[found] = more;
	return lines[found] + len + 1;
}

static struct addrinfo *
entry(const char *text, const char *service)
{
	struct {
		struct addrinfo		ai;
		struct sockaddr_storage	ss;
	} *e = calloc(1, sizeof(*e));
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&e->ss;
	struct sockaddr_in *four = (struct sockaddr_in *)&e->ss;
	unsigned short port = htons((unsigned short)
	    (service == NULL ? 0 : atoi(service)));

	e->ai.ai_socktype = SOCK_STREAM;
	e->ai.ai_addr = (struct sockaddr *)&e->ss;
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		e->ai.ai_family = four->sin_family = AF_INET;
		e->ai.ai_addrlen = sizeof(*four);
		four->sin_port = port;
	} else {
		inet_pton(AF_INET6, text, &six->sin6_addr);
		e->ai.ai_family = six->sin6_family = AF_INET6;
		e->ai.ai_addrlen = sizeof(*six);
		six->sin6_port = port;
	}
	return &e->ai;
}

int
getaddrinfo(const char *name, const char *service,
    const struct addrinfo *hints, struct addrinfo **out)
{
	struct addrinfo **next = out;
	char *text, copy[512], *save;

	(void)hints;
	pthread_mutex_lock(&lock);
	if (count == -1)
		names_load();
	note(name);
	text = find(name);
	if (text != NULL)
		snprintf(copy, sizeof(copy), "%s", text);
	pthread_mutex_unlock(&lock);
	if (text == NULL)
		return EAI_NONAME;
	*out = NULL;
	for (text = strtok_r(copy, ",", &save); text != NULL;
	    text = strtok_r(NULL, ",", &save)) {
		*next = entry(text, service);
		next = &(*next)->ai_next;
	}
	return 0;
}

void
freeaddrinfo(struct addrinfo *ai)
{
	struct addrinfo *next;

	for (; ai != NULL; ai = next) {
		next = ai->ai_next;
		free(ai);
	}
}
