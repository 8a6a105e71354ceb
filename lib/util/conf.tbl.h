/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every setting of trainyard.conf.  Parser, check-config, the manual and the
 * sample file are made from these rows.
 *
 * CONF(member, type, default, minimum, maximum, programs, doc)
 *   type      STR  text
 *             INT  whole number within the bounds
 *             NUM  number within the bounds
 *             BOOL yes | no
 *   programs  F responder, D dispatcher, C command: who reads it; a small
 *             letter: at start, and again on SIGHUP
 */
CONF(database, STR, "dbname=trainyard user=trainyard_fcgi", 0, 0, "F",
    "libpq connection string of the responder")
CONF(database_dispatcher, STR, "dbname=trainyard user=trainyard_dispatch",
    0, 0, "D", "libpq connection string of the dispatcher")
CONF(database_owner, STR, "dbname=trainyard user=trainyard_owner", 0, 0, "C",
    "libpq connection string of the role that owns the schema, for the "
    "trainyard command")
CONF(data_dir, STR, "/var/lib/trainyard", 0, 0, "FDC",
    "artifact bytes (blobs/), uploads on their way in (incoming/) and the "
    "work folders of local jobs (work/); shared by all hosts that serve one "
    "database")
CONF(listen, STR, "/run/trainyard/fcgi.sock", 0, 0, "F",
    "path of the FastCGI socket when none is handed over")
CONF(log_level, STR, "info", 0, 0, "fd",
    "error, warning, info or debug")
CONF(log_file, STR, "", 0, 0, "fd",
    "file that log lines are appended to, with their times, in place of "
    "standard error; opened anew on SIGHUP")
CONF(metrics_responder, STR, "", 0, 0, "F",
    "where the responder's metrics are served: ADDRESS:PORT, or the path of a "
    "Unix socket; empty: nowhere")
CONF(metrics_dispatcher, STR, "", 0, 0, "D",
    "where the dispatcher's metrics are served: ADDRESS:PORT, or the path of a "
    "Unix socket; empty: nowhere")
CONF(threads, INT, "64", 1, 1024, "F",
    "requests served at the same time")
CONF(connections, INT, "6", 1, 256, "F",
    "connections to PostgreSQL for reads and transactions")
CONF(writers, INT, "1", 1, 16, "F",
    "connections that write creates and progress in groups")
CONF(readers, INT, "1", 1, 16, "F",
    "connections that look up jobs by their ids in groups")
CONF(batch, INT, "128", 1, 1000, "F",
    "rows that one group takes at most")
CONF(statement_timeout_ms, INT, "4000", 100, 60000, "FDC",
    "longest time that PostgreSQL may spend on one statement; keep it below "
    "nginx's fastcgi_read_timeout")
CONF(drain_seconds, INT, "25", 1, 600, "fd",
    "longest wait for requests or jobs on their way when told to stop")
CONF(rate_limit, INT, "600", 0, 10000000, "f",
    "requests a minute for a token without a limit of its own, 6000 at "
    "least for a job's; 0 for none")
CONF(queue_quota, INT, "1000", 0, 100000000, "f",
    "queued jobs in a workspace without a quota of its own; 0 for none")
CONF(max_artifact_bytes, INT, "2147483648", 1, 1099511627776, "F",
    "largest artifact; nginx's client_max_body_size for artifacts must agree")
CONF(artifact_quota, INT, "0", 0, 9007199254740991, "F",
    "bytes of artifacts in a workspace without a quota of its own; 0 for "
    "none")
CONF(artifact_grace_seconds, INT, "86400", 0, 31536000, "dC",
    "bytes that no artifact names, and leftovers of uploads, are removed "
    "when they are so old")
CONF(unknown_fields, STR, "reject", 0, 0, "F",
    "reject or ignore: what happens to unknown fields of hosted job bodies")
CONF(min_client_version, STR, "", 0, 0, "F",
    "oldest dreadnode-sdk that is served, as 1.2.3; empty for any")
CONF(token_cache_seconds, INT, "60", 0, 3600, "F",
    "how long a token is believed without asking PostgreSQL again; changes "
    "are told at once by NOTIFY")
CONF(log_retention_days, INT, "30", 1, 36500, "FdC",
    "how long job log lines are kept, and up to a tenth longer")
CONF(event_retention_days, INT, "0", 0, 36500, "dC",
    "how long is kept what happened to jobs, and up to a tenth longer; 0 for "
    "ever")
CONF(metric_retention_days, INT, "0", 0, 36500, "dC",
    "how long the metrics of a job and their series are kept after its end; "
    "0 for ever")
CONF(judge_memory_gb, NUM, "2", 0, 4096, "F",
    "memory shown in resource_allocation of judge jobs")
CONF(price_per_minute, NUM, "0", 0, 1000000, "F",
    "US dollars a minute, for estimated_cost of judge jobs")
CONF(lease_seconds, INT, "30", 3, 3600, "FD",
    "a job whose worker is silent for so long is handed out again")
CONF(poll_ms, INT, "1000", 10, 60000, "D",
    "longest time between two looks at the queue; NOTIFY wakes at once")
CONF(slots, INT, "2", 0, 4096, "d",
    "jobs that this dispatcher runs on its own host at the same time")
CONF(engine_judge, STR, "local", 0, 0, "D",
    "engine that runs judge training: local, or slurm")
CONF(engine_tinker_sft, STR, "local", 0, 0, "D",
    "engine that runs Tinker SFT jobs")
CONF(engine_tinker_rl, STR, "local", 0, 0, "D",
    "engine that runs Tinker RL jobs")
CONF(engine_ray_grpo, STR, "local", 0, 0, "D",
    "engine that runs Ray GRPO jobs")
CONF(slurm_slots, INT, "16", 0, 4096, "d",
    "jobs of this dispatcher in Slurm at the same time, those that wait there "
    "too")
CONF(slurm_partition, STR, "", 0, 0, "D",
    "Slurm's partition for jobs; empty: its default one")
CONF(slurm_account, STR, "", 0, 0, "D",
    "Slurm's account for jobs; empty: the user's own")
CONF(slurm_options, STR, "", 0, 0, "D",
    "more options for sbatch, as --gres=gpu:1 --qos=low")
CONF(engine_poll_seconds, INT, "5", 1, 600, "D",
    "time between two looks at a job that runs on a cluster")
CONF(engine_timeout_seconds, INT, "20", 1, 600, "D",
    "longest wait for one answer of a cluster")
CONF(engine_calls, INT, "4", 1, 64, "D",
    "questions that each cluster is asked at the same time")
CONF(engine_lost_seconds, INT, "300", 3, 86400, "D",
    "a job whose cluster does not answer for so long, and that reports "
    "nothing itself, is handed out again")
CONF(job_seconds, INT, "0", 0, 31536000, "D",
    "longest time of one attempt, whatever a job asks for; 0: as it asks")
CONF(job_memory_mb, INT, "0", 0, 16777216, "D",
    "memory of a job in MiB; 0: no limit of ours")
CONF(job_cpus, INT, "0", 0, 4096, "D",
    "CPUs of a job; 0: no limit of ours")
CONF(ray_address, STR, "", 0, 0, "D",
    "address of a Ray cluster's dashboard, as http://10.0.0.5:8265, for the "
    "engine ray")
CONF(ray_token_file, STR, "", 0, 0, "D",
    "file whose first line is the token of that cluster; empty: it asks for "
    "none")
CONF(ray_ca_file, STR, "", 0, 0, "D",
    "certificates, in one PEM file, that an https ray_address is checked "
    "with; empty: the system's")
CONF(ray_slots, INT, "4", 0, 4096, "D",
    "jobs that this dispatcher runs in the Ray cluster at the same time")
CONF(ray_cpus, NUM, "1", 0, 4096, "D",
    "CPUs that Ray keeps free for the driver of a job, unless job_cpus says "
    "so; 0: it runs on the head")
CONF(ray_gpus, NUM, "0", 0, 4096, "D",
    "GPUs that Ray keeps free for the driver of a job")
CONF(ray_worker_cpus, NUM, "1", 0, 4096, "D",
    "CPUs that Ray keeps free for each rollout worker of a job")
CONF(ray_worker_gpus, NUM, "0", 0, 4096, "D",
    "GPUs that Ray keeps free for each rollout worker of a job")
CONF(grace_seconds, INT, "60", 0, 3600, "d",
    "time between SIGTERM and SIGKILL for a job that is to stop")
CONF(sandbox_provider, STR, "local", 0, 0, "FD",
    "what runs the sandboxes of tasks, as workers are told")
CONF(api_url, STR, "", 0, 0, "D",
    "address at which runners of hosted jobs reach this site, as "
    "https://train.example.org; empty: they get no token and report on their "
    "standard output only")
CONF(api_ca, STR, "", 0, 0, "D",
    "file of the certificates that runners check this address with; empty: "
    "the system's")
CONF(runner_env, STR, "", 0, 0, "D",
    "file of NAME=value lines that runners get in their environment, readable "
    "for the dispatcher's user only; without a slash the name of a systemd "
    "credential; empty: none")
CONF(runner_judge, STR, "trainyard-judge", 0, 0, "D",
    "command that trains judges")
CONF(runner_tinker_sft, STR, "trainyard-runner", 0, 0, "FD",
    "command that runs Tinker SFT jobs; empty: they stay queued here; the "
    "responder refuses what trainyard-runner, named here, cannot do")
CONF(runner_tinker_rl, STR, "trainyard-runner", 0, 0, "FD",
    "command that runs Tinker RL jobs; empty: they stay queued here; the "
    "responder refuses what trainyard-runner, named here, cannot do")
CONF(runner_ray_grpo, STR, "trainyard-runner", 0, 0, "FD",
    "command that runs Ray GRPO jobs; empty: they stay queued here; the "
    "responder refuses what trainyard-runner, named here, cannot do")
CONF(model_dir, STR, "", 0, 0, "D",
    "folder of models in Hugging Face's layout, one folder each by its name, "
    "as Qwen/Qwen3-8B, for trainyard-runner; empty: none")
CONF(tinker_api_key_file, STR, "", 0, 0, "D",
    "file whose first line is Tinker's key: trainyard-runner then trains "
    "models of Tinker jobs that are not on this host there; empty: none")
CONF(tinker_base_url, STR, "", 0, 0, "D",
    "address of a Tinker service; empty: that of Tinker itself")
CONF(deliveries, INT, "64", 0, 1000, "D",
    "webhooks and mails that this dispatcher sends at the same time; 0: it "
    "sends none")
CONF(webhook_allow, STR, "", 0, 0, "FDC",
    "networks, as 10.0.0.0/8 fd00::/8, where webhooks may go although they "
    "are not public, over plain http too; the same on all hosts")
CONF(ca_file, STR, "", 0, 0, "D",
    "certificates, in one PEM file, that vouch for receivers of webhooks and "
    "for the mail server, in place of the system's")
CONF(mail, STR, "", 0, 0, "D",
    "how mail leaves: smtp://HOST[:PORT], smtps://HOST[:PORT], or a command "
    "that reads a mail as sendmail does, by its path and with options; empty: "
    "none is sent")
CONF(mail_from, STR, "", 0, 0, "D",
    "sender's address; empty: trainyard@ and the name of the host")
CONF(mail_user, STR, "", 0, 0, "D",
    "name to log in with at the mail server, over TLS only")
CONF(mail_password_file, STR, "", 0, 0, "D",
    "file whose first line is the password for it")
