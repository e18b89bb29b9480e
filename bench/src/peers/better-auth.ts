import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { genericOAuth } from 'better-auth/plugins';
import Database from 'better-sqlite3';
import { listen } from './listen.ts';

/*
 * better-auth with its generic OAuth plugin, set up for production as its documentation has it; rate limit and
 * telemetry off. SQLite in WAL mode; whether a commit waits for the disk is the caller's choice.
 */

const provider = process.env.BENCH_PROVIDER ?? '';
const database = new Database(process.env.BENCH_DATABASE ?? '');
database.pragma('journal_mode = WAL');
database.pragma(`synchronous = ${process.env.BENCH_SYNCHRONOUS === 'NORMAL' ? 'NORMAL' : 'FULL'}`);

listen(async (origin) => {
  const options = {
    baseURL: origin,
    secret: 'a-secret-of-the-benchmark-with-some-length-0123456789',
    database,
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    plugins: [
      genericOAuth({
        config: [
          {
            providerId: 'stub',
            clientId: 'bench',
            clientSecret: 'bench-secret',
            authorizationUrl: `${provider}/authorize`,
            tokenUrl: `${provider}/token`,
            userInfoUrl: `${provider}/userinfo`,
            scopes: ['profile', 'email'],
          },
        ],
      }),
    ],
  };
  await (await getMigrations(options)).runMigrations();
  return toNodeHandler(betterAuth(options));
});
