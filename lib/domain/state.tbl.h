/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a job.  The C enum, the words on both faces, the legal
 * transitions, trainyard.job's CHECK and the rows of trainyard.job_edge come
 * from here; tests/sql holds the database against this file.
 *
 * STATE(symbol, word in the database, word on the hosted face, word on the
 *     judge face, phase)
 *   phase  WAITING   nobody works on it
 *          ACTIVE    an attempt is under way
 *          FINISHED  over; only retry leaves it
 */
STATE(CREATED, "created", "", "created", WAITING)
STATE(QUEUED, "queued", "queued", "queued", WAITING)
STATE(CLAIMED, "claimed", "queued", "", ACTIVE)
STATE(RUNNING, "running", "running", "", ACTIVE)
STATE(PREPARING, "preparing", "", "preparing", ACTIVE)
STATE(TRAINING, "training", "", "training", ACTIVE)
STATE(VALIDATING, "validating", "", "validating", ACTIVE)
STATE(COMPLETED, "completed", "completed", "completed", FINISHED)
STATE(FAILED, "failed", "failed", "failed", FINISHED)
STATE(CANCELLED, "cancelled", "cancelled", "cancelled", FINISHED)

/* EDGE(face, from, to, when) */
EDGE(HOSTED, QUEUED, CLAIMED, "a dispatcher leased it")
EDGE(HOSTED, CLAIMED, RUNNING, "the engine reports work, or the first event")
EDGE(HOSTED, CLAIMED, QUEUED, "lease lost, or handed back before it started")
EDGE(HOSTED, RUNNING, QUEUED, "lease lost: a new attempt resumes")
EDGE(HOSTED, RUNNING, COMPLETED, "training_end")
EDGE(HOSTED, RUNNING, FAILED, "error, time limit, lease lost for good")
EDGE(HOSTED, CLAIMED, FAILED, "the runner cannot be started")
EDGE(HOSTED, RUNNING, CANCELLED, "stopped after a cancel request")
EDGE(HOSTED, CLAIMED, CANCELLED, "cancel while not yet started")
EDGE(HOSTED, QUEUED, CANCELLED, "cancel")
EDGE(HOSTED, QUEUED, FAILED, "can never be handed out")
EDGE(HOSTED, FAILED, QUEUED, "retry")
EDGE(HOSTED, CANCELLED, QUEUED, "retry")
EDGE(JUDGE, CREATED, QUEUED, "execute")
EDGE(JUDGE, CREATED, CANCELLED, "cancel")
EDGE(JUDGE, QUEUED, PREPARING, "a worker took it")
EDGE(JUDGE, QUEUED, CANCELLED, "cancel")
EDGE(JUDGE, QUEUED, FAILED, "can never be handed out")
EDGE(JUDGE, PREPARING, TRAINING, "data are read")
EDGE(JUDGE, PREPARING, VALIDATING, "data are read; validation only")
EDGE(JUDGE, TRAINING, VALIDATING, "last epoch or early stop")
EDGE(JUDGE, VALIDATING, COMPLETED, "version made, deployed if due")
EDGE(JUDGE, PREPARING, FAILED, "error, timeout, third lost lease")
EDGE(JUDGE, TRAINING, FAILED, "error, timeout, third lost lease")
EDGE(JUDGE, VALIDATING, FAILED, "error, timeout, third lost lease")
EDGE(JUDGE, PREPARING, CANCELLED, "stopped after a cancel request")
EDGE(JUDGE, TRAINING, CANCELLED, "stopped after a cancel request")
EDGE(JUDGE, VALIDATING, CANCELLED, "stopped after a cancel request")
EDGE(JUDGE, PREPARING, QUEUED, "lease lost")
EDGE(JUDGE, TRAINING, QUEUED, "lease lost")
EDGE(JUDGE, VALIDATING, QUEUED, "lease lost")
EDGE(JUDGE, FAILED, QUEUED, "retry")
EDGE(JUDGE, CANCELLED, QUEUED, "retry")
