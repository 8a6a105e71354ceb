// SPDX-License-Identifier: BSD-2-Clause
// graphile-worker: jobs that do nothing, claimed and completed for SECONDS.
// As its documentation advises for throughput: several jobs at a time, the
// local queue and batched completion where this version has them.
const { Pool } = require("pg");
const { makeWorkerUtils, run } = require("graphile-worker");

const seconds = Number(process.env.SECONDS);
const workers = Number(process.env.WORKERS);

async function main() {
  const pgPool = new Pool({ connectionString: process.env.DSN, max: workers + 8 });
  const utils = await makeWorkerUtils({ pgPool });
  await utils.migrate();
  await pgPool.query(
    `select graphile_worker.add_jobs(array(
       select row('bench', '{}'::json, null, null, null, null, null, null)
              ::graphile_worker.job_spec
         from generate_series(1, $1)))`,
    [Math.ceil(seconds * 10000) + 5000]);
  let done = 0;
  const runner = await run({
    pgPool,
    concurrency: 12 * workers,
    noHandleSignals: true,
    logger: quiet(),
    taskList: { bench: () => { done += 1; } },
  });
  const start = process.hrtime.bigint();
  const before = done;
  await new Promise((ok) => setTimeout(ok, seconds * 1000));
  const count = done - before;
  const took = Number(process.hrtime.bigint() - start) / 1e9;
  await runner.stop();
  await utils.release();
  await pgPool.query("drop schema graphile_worker cascade");
  await pgPool.end();
  console.log(JSON.stringify({ jobs_per_second: count / took }));
}

function quiet() {
  const { Logger } = require("graphile-worker");
  return new Logger(() => () => {});
}

main().catch((error) => { console.error(error); process.exit(1); });
