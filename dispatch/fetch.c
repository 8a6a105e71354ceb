/* SPDX-License-Identifier: BSD-2-Clause */
/* curl's multi interface, with the limits that foreign servers need. */
#include "config.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "dispatch/fetch.h"
#include "util/log.h"

#define ANSWER_MOST	((size_t)64 << 10)
#define FDS_MOST	8
#define IDLE_MS		60000

struct fetcher {
	CURLM		*multi;
	const char	*ca_file;
};

struct fetch {
	struct fetcher	*owner;
	struct fetch_request req;
	CURL		*easy;
	struct curl_slist *header, *connect, *rcpt;
	size_t		 sent;			/* of a mail */
	size_t		 got;			/* of the answer */
	size_t		 kept;
	int		 full;			/* no more is read */
	int		 cut;			/* not all was kept */
	char		*answer;		/* what is kept of it */
	size_t		 cap;
	char		 error[CURL_ERROR_SIZE];
};

static void
must(CURLcode code)
{
	if (code != CURLE_OK)
		fatalx("libcurl: %s", curl_easy_strerror(code));
}

static void
curl_begin(void)
{
	must(curl_global_init(CURL_GLOBAL_DEFAULT));
}

struct fetcher *
fetcher_new(const char *ca_file)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct fetcher *f;

	(void)pthread_once(&once, curl_begin);
	if ((f = calloc(1, sizeof(*f))) == NULL ||
	    (f->multi = curl_multi_init()) == NULL)
		fatalx("out of memory");
	f->ca_file = *ca_file == '\0' ? NULL : ca_file;
	return f;
}

void
fetcher_free(struct fetcher *f)
{
	(void)curl_multi_cleanup(f->multi);
	free(f);
}

/* Headers count too: a receiver may send them for ever. */
static int
count(struct fetch *x, size_t n)
{
	size_t most = x->req.keep > ANSWER_MOST ? x->req.keep : ANSWER_MOST;

	x->got += n;
	x->full = x->got > most;
	return !x->full;
}

static void
keep(struct fetch *x, const char *data, size_t n)
{
	size_t most = x->req.keep > 0 ? x->req.keep : FETCH_EXCERPT;

	if (n > most - x->kept) {
		n = most - x->kept;
		x->cut = 1;
	}
	if (x->kept + n >= x->cap) {
		x->cap = (x->kept + n) * 2 + FETCH_EXCERPT;
		if ((x->answer = realloc(x->answer, x->cap)) == NULL)
			fatalx("out of memory bytes=%zu", x->cap);
	}
	memcpy(x->answer + x->kept, data, n);
	x->kept += n;
	x->answer[x->kept] = '\0';
}

static size_t
body_read(char *data, size_t one, size_t n, void *arg)
{
	struct fetch *x = arg;

	(void)one;
	keep(x, data, n);
	return count(x, n) ? n : 0;
}

static size_t
header_read(char *data, size_t one, size_t n, void *arg)
{
	(void)data;
	(void)one;
	return count(arg, n) ? n : 0;
}

static size_t
mail_write(char *into, size_t one, size_t room, void *arg)
{
	struct fetch *x = arg;
	size_t left = x->req.len - x->sent;

	(void)one;
	if (room > left)
		room = left;
	memcpy(into, x->req.body + x->sent, room);
	x->sent += room;
	return room;
}

/* The last word on where a connection goes: the very address is looked at. */
static curl_socket_t
socket_open(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	const struct sockaddr *sa = &to->addr;
	const struct fetch *x = arg;
	const uint8_t *addr = NULL;

	(void)purpose;
	if (to->family == AF_INET)
		addr = (const uint8_t *)&((const struct sockaddr_in *)
		    (const void *)sa)->sin_addr;
	else if (to->family == AF_INET6)
		addr = (const uint8_t *)&((const struct sockaddr_in6 *)
		    (const void *)sa)->sin6_addr;
	if (x->req.may_call != NULL && (addr == NULL ||
	    !x->req.may_call(to->family == AF_INET6, addr, x->req.arg)))
		return CURL_SOCKET_BAD;
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static void
list_add(struct curl_slist **list, const char *text)
{
	struct curl_slist *more;

	if ((more = curl_slist_append(*list, text)) == NULL)
		fatalx("out of memory");
	*list = more;
}

static void
set_common(struct fetch *x)
{
	CURL *e = x->easy;

	must(curl_easy_setopt(e, CURLOPT_URL, x->req.url));
	must(curl_easy_setopt(e, CURLOPT_PRIVATE, x));
	must(curl_easy_setopt(e, CURLOPT_ERRORBUFFER, x->error));
	must(curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L));
	must(curl_easy_setopt(e, CURLOPT_TIMEOUT_MS,
	    (long)x->req.timeout_ms));
	must(curl_easy_setopt(e, CURLOPT_PROXY, ""));
	must(curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED));
	must(curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L));
	must(curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L));
	must(curl_easy_setopt(e, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2));
	if (x->owner->ca_file != NULL) {
		must(curl_easy_setopt(e, CURLOPT_CAINFO, x->owner->ca_file));
		must(curl_easy_setopt(e, CURLOPT_CAPATH, NULL));
	}
	must(curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, socket_open));
	must(curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, x));
	must(curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, body_read));
	must(curl_easy_setopt(e, CURLOPT_WRITEDATA, x));
	must(curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, header_read));
	must(curl_easy_setopt(e, CURLOPT_HEADERDATA, x));
}

static void
set_http(struct fetch *x)
{
	CURL *e = x->easy;
	size_t i;

	must(curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https"));
	must(curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1));
	must(curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L));
	if (x->req.method != NULL)
		must(curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST,
		    x->req.method));
	if (x->req.body != NULL) {
		must(curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)x->req.len));
		must(curl_easy_setopt(e, CURLOPT_POSTFIELDS, x->req.body));
	}
	for (i = 0; i < FETCH_HEADERS && x->req.header[i] != NULL; i++)
		list_add(&x->header, x->req.header[i]);
	/* curl would wait for a 100 before a long body. */
	list_add(&x->header, "Expect:");
	must(curl_easy_setopt(e, CURLOPT_HTTPHEADER, x->header));
	for (i = 0; i < 2 && x->req.connect[i] != NULL; i++)
		list_add(&x->connect, x->req.connect[i]);
	if (x->connect != NULL)
		must(curl_easy_setopt(e, CURLOPT_RESOLVE, x->connect));
}

static void
set_mail(struct fetch *x)
{
	CURL *e = x->easy;

	must(curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps"));
	must(curl_easy_setopt(e, CURLOPT_MAIL_FROM, x->req.mail_from));
	list_add(&x->rcpt, x->req.mail_to);
	must(curl_easy_setopt(e, CURLOPT_MAIL_RCPT, x->rcpt));
	must(curl_easy_setopt(e, CURLOPT_UPLOAD, 1L));
	must(curl_easy_setopt(e, CURLOPT_READFUNCTION, mail_write));
	must(curl_easy_setopt(e, CURLOPT_READDATA, x));
	must(curl_easy_setopt(e, CURLOPT_USE_SSL, x->req.user != NULL ?
	    (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY));
	if (x->req.user != NULL) {
		must(curl_easy_setopt(e, CURLOPT_USERNAME, x->req.user));
		must(curl_easy_setopt(e, CURLOPT_PASSWORD, x->req.password));
	}
}

static void
fetch_free(struct fetch *x)
{
	curl_easy_cleanup(x->easy);
	curl_slist_free_all(x->header);
	curl_slist_free_all(x->connect);
	curl_slist_free_all(x->rcpt);
	free(x->answer);
	free(x);
}

struct fetch *
fetch_start(struct fetcher *f, const struct fetch_request *req)
{
	struct fetch *x;

	if ((x = calloc(1, sizeof(*x))) == NULL ||
	    (x->easy = curl_easy_init()) == NULL)
		fatalx("out of memory");
	x->owner = f;
	x->req = *req;
	set_common(x);
	if (req->mail_to == NULL)
		set_http(x);
	else
		set_mail(x);
	if (curl_multi_add_handle(f->multi, x->easy) != CURLM_OK)
		fatalx("libcurl takes no exchange");
	return x;
}

void
fetch_cancel(struct fetch *x)
{
	(void)curl_multi_remove_handle(x->owner->multi, x->easy);
	fetch_free(x);
}

static void
fetch_end(struct fetch *x, CURLcode code)
{
	struct fetch_result r = { 0, NULL, 0, "", 0, 0 };
	curl_off_t after = 0;
	long status = 0;

	(void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	r.status = (int)status;
	if (x->kept > 0) {
		r.excerpt = x->answer;
		r.excerpt_len = x->kept;
	}
	r.cut = x->full || x->cut;
	/* What is beyond the limit was not waited for: no fault of theirs. */
	if (code != CURLE_OK && !(x->full && status >= 200))
		r.error = x->error[0] != '\0' ? x->error :
		    curl_easy_strerror(code);
	if (curl_easy_getinfo(x->easy, CURLINFO_RETRY_AFTER, &after) ==
	    CURLE_OK && after > 0)
		r.retry_after = after;
	(void)curl_multi_remove_handle(x->owner->multi, x->easy);
	x->req.done(x->req.arg, &r);
	fetch_free(x);
}

void
fetcher_wait(struct fetcher *f, const int *fds, size_t n, int64_t ms)
{
	struct curl_waitfd extra[FDS_MOST];
	const struct CURLMsg *m;
	struct fetch *x;
	char *arg;
	int left;
	size_t i;

	memset(extra, 0, sizeof(extra));
	for (i = 0; i < n && i < FDS_MOST; i++) {
		extra[i].fd = fds[i];
		extra[i].events = CURL_WAIT_POLLIN;
	}
	if (ms < 0)
		ms = 0;
	(void)curl_multi_poll(f->multi, extra, (unsigned int)i,
	    ms > IDLE_MS ? IDLE_MS : (int)ms, NULL);
	(void)curl_multi_perform(f->multi, &left);
	while ((m = curl_multi_info_read(f->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE,
		    &arg);
		x = (struct fetch *)(void *)arg;
		fetch_end(x, m->data.result);
	}
}
