import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createBrowser } from '../load/browser.ts';
import { describe, type HttpClient } from '../load/http-client.ts';
import { type Lane, loops } from '../load/lane.ts';
import { startPeer } from '../processes/started-process.ts';
import type { Workplace } from './workplace.ts';

/** Where better-auth sends the browser afterwards: its own application, at the end of which a session cookie is set. */
const landing = '/landing';

async function signIn(http: HttpClient, origin: string): Promise<void> {
  const browser = createBrowser(http);
  const body = JSON.stringify({ provider: 'stub', callbackURL: landing });
  const headers = { 'content-type': 'application/json', origin };
  const answer = await browser.post(`${origin}/api/auth/sign-in/social`, headers, body);
  const url: unknown = answer.status === 200 ? JSON.parse(answer.body).url : undefined;
  if (typeof url !== 'string') throw new Error(`sign-in/social answered ${describe(answer)}`);
  const end = await browser.followTo(url, landing);
  if (end !== landing) throw new Error(`the browser was sent to ${end}`);
  if (!browser.cookieNames().includes('better-auth.session_token')) throw new Error('no session cookie was set');
}

/** Sign-ins as better-auth does them: no tokens of its own, one session row and its cookie. */
export async function betterAuthLane(workplace: Workplace, isDurable: boolean): Promise<Lane> {
  const directory = workplace.directory('better-auth');
  const databaseFile = join(directory, 'better-auth.sqlite');
  const peer = await startPeer({
    name: 'better-auth',
    file: join(import.meta.dirname, '../peers/better-auth.ts'),
    environment: {
      BENCH_DATABASE: databaseFile,
      BENCH_PROVIDER: workplace.providerUrl,
      BENCH_SYNCHRONOUS: isDurable ? 'FULL' : 'NORMAL',
    },
    logFile: join(directory, 'log'),
  });
  const origin = `http://127.0.0.1:${peer.port}`;
  let signIns = 0;
  return {
    name: 'better-auth',
    pid: peer.pid,
    signatures: 0,
    run: loops(async () => {
      await signIn(workplace.http, origin);
      signIns += 1;
    }),
    async check() {
      const database = new Database(databaseFile, { readonly: true });
      const users = Number(database.prepare('select count(*) from user').pluck().get());
      database.close();
      if (users !== signIns) throw new Error(`${signIns} sign-ins made ${users} users`);
    },
  };
}
