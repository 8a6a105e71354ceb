# SPDX-License-Identifier: BSD-2-Clause
"""Webhooks on their way out of a Site, and what became of them."""
from judge_rows import Judge

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OTHER = "whsec_" + "AQID" * 10 + "BA=="


def sender(site, **settings):
    """A dispatcher that runs no jobs and may call this host."""
    return site.dispatcher(**{"slots": 0, "webhook_allow": "127.0.0.0/8"}
                           | settings)


def address(site, url, secret=SECRET, previous=None):
    site.run("update trainyard.organization set webhook_url = %s,"
             " webhook_secret = %s, webhook_secret_previous = %s",
             url, secret, previous)


def queued(site, url, **options):
    """A queued job whose one notification goes to the URL: its row's id."""
    address(site, url)
    job = Judge(site).job(usable=0, mark=0, **options)
    return site.value("select id from trainyard.outbox where job_id = %s"
                      " and channel = 'webhook'", job)


def status(site, row):
    return site.value("select status from trainyard.outbox where id = %s",
                      row)


def await_try(site, row, number=1):
    """Until it is recorded; who looks late may find the next one, too."""
    site.await_sql("select attempt_count >= %s from trainyard.outbox"
                   " where id = %s", number, row)


def first_try(site, row):
    return site.one(
        "select response_status, error, response_excerpt, duration_ms"
        " from trainyard.outbox_attempt where outbox_id = %s"
        " and number = 1", row)


def make_due(site, row):
    site.run("update trainyard.outbox set next_attempt_at = now()"
             " where id = %s and status = 'pending'", row)
    site.notify("trainyard_outbox", "")
