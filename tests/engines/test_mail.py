# SPDX-License-Identifier: BSD-2-Clause
"""Mail: what a person reads when a job has ended, and how it leaves."""
import email
import email.policy
import email.utils
import json
import pathlib
import queue
import socket
import stat
import subprocess

import pytest

from dispatchers import BUILD, PATIENCE
from judge_rows import Judge
from judges import typeid
from receiver import certificate

aiosmtpd = pytest.importorskip("aiosmtpd.controller")
smtp = pytest.importorskip("aiosmtpd.smtp")
TO = "ada@acme.example"


class Controller(aiosmtpd.Controller):
    """On a free port that is taken once: nobody else gets it meanwhile."""

    def __init__(self, handler, **options):
        self.socket = socket.create_server(("127.0.0.1", 0))
        host, port = self.socket.getsockname()
        super().__init__(handler, hostname=host, port=port, **options)

    def _create_server(self):
        return self.loop.create_server(
            self._factory_invoker, sock=self.socket, ssl=self.ssl_context)


class Mailbox:
    """An SMTP server that keeps what it gets.

    refuse: an answer to each address instead, or None.
    """

    def __init__(self, refuse=None, **options):
        self.got = queue.Queue()
        self.refuse = refuse
        self.tls = []
        self.control = Controller(self, ready_timeout=PATIENCE, **options)
        self.control.start()
        self.url = f"smtp://127.0.0.1:{self.control.port}"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refuse is not None:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.tls.append(session.ssl is not None)
        self.got.put((envelope.mail_from, envelope.rcpt_tos,
                      envelope.original_content))
        return "250 OK"

    def next(self):
        return self.got.get(timeout=PATIENCE)

    def close(self):
        self.control.stop()


@pytest.fixture
def mailbox():
    made = Mailbox()
    yield made
    made.close()


def ended(site, status="failed", name="Support", to=TO, **columns):
    """A job that has ended so and has an address to write to."""
    judge = Judge(site)
    site.run("update trainyard.judge_version set name = %s"
             " where judge_id = %s", name, judge.id)
    job = judge.job(training_type="validation", usable=0, mark=0,
                    options={"notification_email": to})
    if status == "completed":
        for word in ("preparing", "validating"):
            site.run("update trainyard.job set status = %s, started_at = now()"
                     " where id = %s", word, job)
    error = columns.pop("error", "it broke" if status == "failed" else None)
    sets = "".join(f", {c} = %s" for c in columns)
    site.run("update trainyard.job set status = %s, completed_at = now(),"
             f" error = %s{sets} where id = %s", status, error,
             *columns.values(), job)
    return job


def sender(site, mail, **settings):
    return site.dispatcher(**{"slots": 0, "mail": mail, "mail_from":
                              "yard@acme.example"} | settings)


def row_of(site, job):
    return site.value("select id from trainyard.outbox where job_id = %s"
                      " and channel = 'mail'", job)


def await_status(site, job, status):
    site.await_sql("select status = %s from trainyard.outbox where job_id ="
                   " %s and channel = 'mail'", status, job)


def await_try(site, job):
    """A try that is recorded and not the last; the next may be under way."""
    site.await_sql("select attempt_count >= 1 and status in ('pending',"
                   " 'delivering') from trainyard.outbox where job_id = %s",
                   job)


def first_try(site, job):
    return site.one(
        "select a.response_status, a.error from trainyard.outbox_attempt a"
        " where a.outbox_id = %s and a.number = 1", row_of(site, job))


def parsed(raw):
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    return email.message_from_bytes(raw, policy=email.policy.default)


# -- what it says

def test_a_person_can_read_it(site, mailbox):
    results = {"accuracy_score": 0.9352, "pooled_mae": {
        "trained": 6.48, "active": 9.73, "raw": 11.1765, "bias": 8.3235}}
    job = ended(site, "completed", validation=json.dumps(results))
    sender(site, mailbox.url)
    sent_from, sent_to, raw = mailbox.next()
    assert (sent_from, sent_to) == ("yard@acme.example", [TO])
    mail = parsed(raw)
    job_id = "train_job_" + typeid(job)
    assert mail["subject"] == \
        f"[trainyard] Support: training completed ({job_id})"
    assert mail["from"] == "trainyard <yard@acme.example>"
    assert mail["to"] == f"<{TO}>" or mail["to"] == TO
    assert mail["mime-version"] == "1.0"
    assert mail["auto-submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    assert mail["message-id"].startswith(f"<{typeid(row_of(site, job))}@")
    age = email.utils.parsedate_to_datetime(mail["date"])
    assert age.tzinfo is not None
    text = mail.get_content().replace("\r\n", "\n")
    assert text.startswith('A training job of the judge "Support" has'
                           " completed.\n")
    for words in (job_id, "0.9352", "0.8882", "0.9168", "validation",
                  "0 entries, 0 usable"):
        assert words in text
    await_status(site, job, "delivered")


@pytest.mark.parametrize("status, words", [
    ("failed", "internal_error: it broke"), ("cancelled", "been cancelled")])
def test_other_ends_are_told_too(site, mailbox, status, words):
    job = ended(site, status, error_type="internal_error"
                if status == "failed" else None)
    sender(site, mailbox.url)
    mail = parsed(mailbox.next()[2])
    assert f"training {status} (train_job_{typeid(job)})" in mail["subject"]
    assert words in mail.get_content()


def test_nothing_but_the_end_is_told(site, mailbox):
    job = ended(site)
    assert site.run("select event from trainyard.outbox where job_id = %s",
                    job) == [("training.job.failed",)]


@pytest.mark.parametrize("name", [
    "Umlaute \u00e4\u00f6\u00fc", "\u8a55\u4fa1" * 60,
    "x" * 200, "=?utf-8?B?eA==?=", "\U0001f600" * 100,
    "From here\nto there.\r\nBcc: eve@evil.example\r\n\r\nbody",
    "a\u0085b\u2028c\x00d".replace("\x00", "")])
def test_any_name_is_a_subject_and_nothing_else(site, mailbox, name):
    job = ended(site, name=name)
    sender(site, mailbox.url)
    _, sent_to, raw = mailbox.next()
    assert sent_to == [TO]
    mail = parsed(raw)
    shown = "".join(c for c in name if c.isprintable() or c == " ")
    assert mail["subject"] == (f"[trainyard] {shown}: training failed"
                               f" (train_job_{typeid(job)})")
    assert mail["bcc"] is None
    assert len(mail.keys()) == len(set(mail.keys())) == 9
    assert shown in mail.get_content()


def test_a_long_error_with_odd_lines_stays_text(site, mailbox):
    job = ended(site, error=".\n..\nFrom me\n" + "y" * 5000 + " \t=\n",
                error_type="internal_error")
    sender(site, mailbox.url)
    mail = parsed(mailbox.next()[2])
    text = mail.get_content()
    assert "internal_error: ...From me" + "y" * 900 in text
    assert len(text) < 3000
    await_status(site, job, "delivered")


# -- how it leaves

def test_a_refused_address_is_not_tried_again(site):
    mailbox = Mailbox("550 no such user")
    try:
        job = ended(site)
        sender(site, mailbox.url)
        await_status(site, job, "failed")
        code, error = first_try(site, job)
        assert code == 550 and error
    finally:
        mailbox.close()


def test_a_busy_server_is_asked_again(site):
    mailbox = Mailbox("451 later")
    try:
        job = ended(site)
        sender(site, mailbox.url)
        await_try(site, job)
        assert first_try(site, job)[0] == 451
        mailbox.refuse = None
        first = parsed(mailbox.next()[2])     # 5 seconds later
        assert typeid(row_of(site, job)) in first["message-id"]
        await_status(site, job, "delivered")
    finally:
        mailbox.close()


def test_no_server_is_a_try_that_failed(site):
    job = ended(site)
    with socket.socket() as nobody:
        # bound: no other server comes there; nobody listens
        nobody.bind(("127.0.0.1", 0))
        sender(site, f"smtp://127.0.0.1:{nobody.getsockname()[1]}")
        await_try(site, job)
    assert first_try(site, job)[0] is None


def test_where_tls_is_offered_it_is_used_and_verified(site, tmp_path):
    ca, context = certificate(tmp_path / "tls", "127.0.0.1")
    mailbox = Mailbox(tls_context=context)
    try:
        job = ended(site)
        sender(site, mailbox.url, ca_file=ca)
        mailbox.next()
        assert mailbox.tls == [True]
        await_status(site, job, "delivered")
    finally:
        mailbox.close()


def test_a_login_never_goes_in_the_clear(site, tmp_path):
    seen = []

    def authenticator(server, session, envelope, mechanism, auth_data):
        seen.append((session.ssl is not None, auth_data.login,
                     auth_data.password))
        return smtp.AuthResult(success=True)

    (tmp_path / "password").write_text("open sesame\n")
    login = {"mail_user": "yard", "mail_password_file":
             tmp_path / "password"}
    ca, context = certificate(tmp_path / "tls", "127.0.0.1")
    plain = Mailbox(authenticator=authenticator, auth_require_tls=False)
    safe = Mailbox(authenticator=authenticator, tls_context=context)
    try:
        job = ended(site)
        first = sender(site, plain.url, **login)
        await_try(site, job)
        assert seen == [] and plain.got.empty()
        assert first.end() == 0
        sender(site, safe.url, ca_file=ca, **login)
        safe.next()
        assert seen == [(True, b"yard", b"open sesame")]
        await_status(site, job, "delivered")
    finally:
        plain.close()
        safe.close()


def program(folder, text):
    """A mail program; it runs with this text, folder in $0's place."""
    path = pathlib.Path(folder) / "sendmail"
    path.write_text(f"#!/bin/sh\ncd {folder}\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_mail_program_gets_it_on_its_input(site, tmp_path):
    path = program(tmp_path, 'printf "%s\\n" "$@" >args\n'
                   "ls /proc/self/fd >fds\ncat >mail")
    job = ended(site, name="Support \u00e4", to="-f@acme.example")
    sender(site, f'"{path} -odi"')
    await_status(site, job, "delivered")
    assert (tmp_path / "args").read_text().split("\n")[:-1] == [
        "-odi", "-i", "-f", "yard@acme.example", "--", "-f@acme.example"]
    raw = (tmp_path / "mail").read_bytes()
    assert b"\r" not in raw
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert "Support \u00e4" in mail["subject"]
    assert "it broke" in mail.get_content()
    # nothing of the dispatcher's but the three (and ls' own)
    fds = (tmp_path / "fds").read_text().split()
    assert set(fds) <= {"0", "1", "2", "3"}


@pytest.mark.parametrize("text, error", [
    ("echo no disk >&2; exit 75", "ended with status 75: no disk"),
    ("kill -9 $$", "ended with signal 9"),
])
def test_a_mail_program_that_fails_is_run_again(site, tmp_path, text, error):
    path = program(tmp_path, text)
    job = ended(site)
    sender(site, str(path))
    await_try(site, job)
    assert error in first_try(site, job)[1]


def test_a_mail_program_that_is_not_there(site, tmp_path):
    job = ended(site)
    sender(site, str(tmp_path / "none"))
    await_try(site, job)
    assert "cannot start" in first_try(site, job)[1]


def test_a_site_without_mail_says_so_in_the_jobs_log(site):
    job = ended(site)
    sender(site, '""')
    await_status(site, job, "stopped")
    assert [m for m in site.logs(job, 2) if "no mail was sent" in m] == [
        "no mail was sent: this site has no mail setting"]


def test_a_line_that_comes_late_is_still_the_jobs(site):
    """Reads look no further than a day after the end."""
    job = ended(site)
    site.run("update trainyard.job set created_at = now() - interval '3 days',"
             " completed_at = now() - interval '2 days' where id = %s", job)
    sender(site, '""')
    await_status(site, job, "stopped")
    assert site.value(
        "select l.at < j.completed_at + interval '1 day' from"
        " trainyard.job_log l join trainyard.job j on j.id = l.job_id where"
        " j.id = %s and l.message like 'no mail%%'", job)


@pytest.mark.parametrize("setting", ["mail = mailto:x", "mail = sendmail",
                                     "mail = smtp://me:pw@mail.example",
                                     "webhook_allow = 10.0.0.1/8"])
def test_settings_are_looked_at(tmp_path, setting):
    conf = tmp_path / "conf"
    conf.write_text(setting + "\n")
    done = subprocess.run([BUILD / "trainyardd", "-t", "-c", conf],
                          capture_output=True, text=True)
    assert done.returncode != 0
    assert setting.split()[0] in done.stderr
