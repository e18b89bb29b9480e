import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from './arguments.ts';
import { benchClient } from './contestants/bench-client.ts';
import { withParameters } from './contestants/issuer.ts';
import { installPortico, startPortico } from './contestants/portico.ts';
import { mappingConnection, scriptConnection } from './contestants/portico-seed.ts';
import { signInScope } from './contestants/sign-in-lane.ts';
import { inWorkplace } from './contestants/workplace.ts';
import { signIn } from './load/code-flow.ts';
import { concurrency } from './load/lane.ts';
import { treeMemory } from './processes/process-tree.ts';
import { createReport, type Report, say } from './report/report.ts';
import { summarize } from './report/statistics.ts';
import { table, withSpread } from './report/table.ts';

const signInsBeforeIdle = 200;
const idleMs = 5_000;
const startLimitSeconds = 2;
const memoryLimitMb = 300;

/** The first start makes the database; the sign-ins after it alternate between mapping and script. */
export const runStart = (settings: Settings): Promise<Report> =>
  inWorkplace(async (workplace) => {
    const installation = await installPortico(workplace);
    const first = await startPortico(installation);
    say(`first start, with an empty database: ${(first.readyMs / 1000).toFixed(2)} s`);
    const flows = [mappingConnection, scriptConnection].map((connection) =>
      withParameters(first.flow, first.apiParameters, { connection }),
    );
    for (let done = 0; done < signInsBeforeIdle; done += concurrency) {
      const batch = Array.from({ length: concurrency }, (_, index) => flows[index % flows.length] ?? first.flow);
      await Promise.all(batch.map((flow) => signIn(workplace.http, flow, benchClient, signInScope)));
    }
    await sleep(idleMs);
    const memory = treeMemory(first.pid);
    await first.process.stop();

    const startsSeconds: number[] = [];
    for (let start = 0; start < settings.rounds; start += 1) {
      const again = await startPortico(installation);
      startsSeconds.push(again.readyMs / 1000);
      say(`start ${start + 1}/${settings.rounds}: ${(again.readyMs / 1000).toFixed(2)} s`);
      await again.process.stop();
    }
    const start = summarize(startsSeconds);
    const rows = [
      ['first start, empty database', `${(first.readyMs / 1000).toFixed(2)} s`],
      ['start on an existing database', `${withSpread(start, 2)} s`],
      ['idle memory, shared pages once (PSS)', `${memory.pssMb.toFixed(0)} MB`],
      ['idle memory, shared pages each time (RSS)', `${memory.rssMb.toFixed(0)} MB`],
      ['processes', String(memory.processes)],
    ];
    return createReport({
      title: `Start to ready, ${settings.rounds} starts; memory idle for ${idleMs / 1000} s after ${signInsBeforeIdle} sign-ins`,
      text: table(rows),
      data: { firstStartSeconds: first.readyMs / 1000, startSeconds: start, startsSeconds, memory },
      targets: [
        { what: 'start on an existing database', value: start.median, limit: startLimitSeconds, unit: 's' },
        { what: 'idle memory of broker and script hosts (PSS)', value: memory.pssMb, limit: memoryLimitMb, unit: 'MB' },
      ],
    });
  });
