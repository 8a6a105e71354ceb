// SPDX-License-Identifier: BSD-2-Clause
// pg-boss: jobs that do nothing, fetched and completed in batches for SECONDS.
const PgBoss = require("pg-boss");

const seconds = Number(process.env.SECONDS);
const workers = Number(process.env.WORKERS);
const batchSize = Number(process.env.BATCH);

async function main() {
  const boss = new PgBoss({
    connectionString: process.env.DSN, schema: "pgboss", max: workers + 2,
    supervise: false, schedule: false,
  });
  boss.on("error", (error) => { throw error; });
  await boss.start();
  await boss.createQueue("bench");
  const total = Math.ceil(seconds * 40000) + workers * batchSize;
  for (let made = 0; made < total; made += 5000) {
    await boss.insert(Array.from({ length: 5000 }, () => ({ name: "bench" })));
  }
  let done = 0;
  const start = process.hrtime.bigint();
  const took = () => Number(process.hrtime.bigint() - start) / 1e9;
  await Promise.all(Array.from({ length: workers }, async () => {
    while (took() < seconds) {
      const jobs = await boss.fetch("bench", { batchSize });
      if (jobs.length === 0) throw new Error("the queue ran dry");
      await boss.complete("bench", jobs.map((job) => job.id));
      done += jobs.length;
    }
  }));
  const rate = done / took();
  const db = boss.getDb ? boss.getDb() : boss.db;
  await db.executeSql("drop schema pgboss cascade");
  await boss.stop({ graceful: false });
  console.log(JSON.stringify({ jobs_per_second: rate }));
}

main().catch((error) => { console.error(error); process.exit(1); });
