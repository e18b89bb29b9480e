import { readFileSync, writeFileSync } from 'node:fs';
import { startPostgres } from '../../broker/test/support/postgres.ts';
import type { Settings } from './arguments.ts';
import { fillUsers } from './contestants/fill-users.ts';
import { installPortico, startPortico } from './contestants/portico.ts';
import { inWorkplace, type Workplace } from './contestants/workplace.ts';
import { describe, type HttpClient } from './load/http-client.ts';
import { createReport, type Report, say } from './report/report.ts';
import { percentile } from './report/statistics.ts';
import { table } from './report/table.ts';

const sizes = [1_000, 100_000, 1_000_000] as const;
const databases = ['SQLite', 'PostgreSQL'] as const;
const admin = { client_id: 'bench-admin', client_secret: 'the-secret-of-bench-admin-0123456789-0123456789' };
const requestsInSlice = 40;
const atOnce = 2;

type Side = {
  readonly database: (typeof databases)[number];
  readonly size: number;
  readonly origin: string;
  readonly token: string;
};

/** What is asked: the path below /api/v2, for a person who is there. */
const operations: Readonly<Record<string, (person: number, size: number) => string>> = {
  get: (person) => `/users/${encodeURIComponent(`oauth2|stub-mapping|${person}`)}`,
  'list, newest first, with total': (person) => `/users?sort=created_at:-1&include_totals=true&page=${person % 10}`,
  'list by name': (person) => `/users?sort=name:1&page=${person % 10}`,
  'list by last login, of a connection': (person) =>
    `/users?sort=last_login:-1&connection=stub-mapping&page=${person % 10}`,
  'search an address': (person) => search(`email:"person${person}@d${person % 10}.example"`),
  'search the beginning of a name': (person) => search(`name:"Person ${person}" OR name:person${person}*`),
  'search metadata': (person, size) => search(`app_metadata.team:"t${person % Math.ceil(size / 100)}"`),
  'search a domain, by last login': (person) =>
    `${search(`email.domain:"d${person % 10}.example"`)}&sort=last_login:-1&include_totals=true`,
  'search three fields at once': (person, size) =>
    search(
      `identities.connection:"stub-mapping" AND app_metadata.team:"t${person % Math.ceil(size / 100)}" AND logins_count:[0 TO 49]`,
    ),
};

const search = (q: string): string => `/users?q=${encodeURIComponent(q)}`;

/** Users read, listed and searched at three sizes on both databases, all brokers up at once and taking turns. */
export const runManagement = (settings: Settings): Promise<Report> =>
  inWorkplace(async (workplace) => {
    const postgres = await startPostgres({ isDurable: true });
    try {
      const sides: Side[] = [];
      for (const database of databases) {
        for (const size of sizes) sides.push(await startSide(workplace, { database, size, url: postgres.url }));
      }
      return report(sides, await measure(workplace.http, sides, settings.rounds), settings);
    } finally {
      await postgres.stop();
    }
  });

type Wanted = Pick<Side, 'database' | 'size'> & { readonly url: () => Promise<string> };

async function startSide(workplace: Workplace, { database, size, url }: Wanted): Promise<Side> {
  const installed = await installPortico(workplace);
  const origin = `http://127.0.0.1:${installed.port}`;
  addAdmin(installed.seedFile, origin);
  const databaseUrl = database === 'SQLite' ? undefined : await url();
  const environment = {
    PORTICO_SCRIPT_HOSTS: '1',
    PORTICO_MANAGEMENT_RATE: '0',
    ...(databaseUrl === undefined
      ? {}
      : { PORTICO_SEALING_KEYS: `k1:${Buffer.from([...Array(32).keys()]).toString('base64')}` }),
  };
  const installation = { ...installed, ...(databaseUrl === undefined ? {} : { databaseUrl }), environment };
  const started = await startPortico(installation, `Portico, ${database}, ${size}`);
  say(`filling ${database} with ${size} users`);
  await fillUsers({ databaseUrl, dataDirectory: installed.dataDirectory }, size);
  const answer = await workplace.http.request(
    'POST',
    started.flow.tokenUrl,
    { 'content-type': 'application/json' },
    JSON.stringify({ grant_type: 'client_credentials', ...admin, audience: `${origin}/api/v2/` }),
  );
  if (answer.status !== 200) throw new Error(`no token: ${describe(answer)}`);
  return { database, size, origin, token: String(JSON.parse(answer.body).access_token) };
}

function addAdmin(seedFile: string, origin: string): void {
  const seed = JSON.parse(readFileSync(seedFile, 'utf8'));
  seed.clients.push({ ...admin, name: 'Admin', app_type: 'non_interactive', grant_types: ['client_credentials'] });
  const grant = { client_id: admin.client_id, audience: `${origin}/api/v2/`, scope: ['read:users'] };
  seed.client_grants = [...(seed.client_grants ?? []), grant];
  writeFileSync(seedFile, JSON.stringify(seed));
}

type Measured = Map<string, number[]>;
const keyOf = ({ database, size }: Pick<Side, 'database' | 'size'>, operation: string) =>
  `${database} ${size} ${operation}`;

/** Sides take turns within a round, each time in another order; the first rounds are not counted. */
async function measure(http: HttpClient, sides: readonly Side[], rounds: number): Promise<Measured> {
  const times: Measured = new Map();
  const warmUps = 3;
  for (let round = 0; round < rounds + warmUps; round += 1) {
    for (const [operation, pathOf] of Object.entries(operations)) {
      for (let turn = 0; turn < sides.length; turn += 1) {
        const side = sides[(turn + round) % sides.length];
        if (side === undefined) continue;
        const slice = await measureSlice(http, side, { pathOf, round });
        const known = times.get(keyOf(side, operation)) ?? [];
        if (round >= warmUps) times.set(keyOf(side, operation), [...known, ...slice]);
      }
    }
    say(`round ${round + 1} of ${rounds + warmUps}`);
  }
  return times;
}

type Slice = { readonly pathOf: (person: number, size: number) => string; readonly round: number };

async function measureSlice(http: HttpClient, side: Side, { pathOf, round }: Slice): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const ask = async () => {
    while (next < requestsInSlice) {
      next += 1;
      // Anybody, but the same people at each run.
      const person = 1 + (((round * requestsInSlice + next) * 48_271) % side.size);
      const startedAt = performance.now();
      const answer = await http.request('GET', `${side.origin}/api/v2${pathOf(person, side.size)}`, {
        authorization: `Bearer ${side.token}`,
      });
      times.push(performance.now() - startedAt);
      if (answer.status !== 200 || answer.body === '[]')
        throw new Error(`${pathOf(person, side.size)}: ${describe(answer)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  return times;
}

function report(sides: readonly Side[], times: Measured, { rounds }: Settings): Report {
  const figures = databases.flatMap((database) =>
    Object.keys(operations).map((operation) => {
      const bySize = sides
        .filter((side) => side.database === database)
        .map((side) => {
          const values = times.get(keyOf(side, operation)) ?? [];
          const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
          return { size: side.size, perSecond: (1000 * atOnce) / mean, p95Ms: percentile(values, 0.95) };
        });
      const ratio = (bySize.at(-1)?.p95Ms ?? Number.NaN) / (bySize[0]?.p95Ms ?? Number.NaN);
      return { database, operation, bySize, ratio };
    }),
  );
  const heads = ['', ...sizes.flatMap((size) => [`${size}: /s`, 'p95 ms']), 'p95 ratio'];
  const rows = figures.map(({ database, operation, bySize, ratio }) => [
    `${database}: ${operation}`,
    ...bySize.flatMap(({ perSecond, p95Ms }) => [perSecond.toFixed(0), p95Ms.toFixed(1)]),
    ratio.toFixed(2),
  ]);
  return createReport({
    title: `Users of the Management API, ${atOnce} requests at a time, ${rounds} rounds of ${requestsInSlice} requests`,
    text: table([heads, ...rows]),
    data: { figures },
    targets: figures.map(({ database, operation, ratio }) => ({
      what: `${database}: ${operation}, p95 at a million over that at a thousand`,
      value: ratio,
      limit: 1.5,
      unit: '',
    })),
  });
}
