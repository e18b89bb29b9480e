import { addSeconds, type Clock, toEpochSeconds } from '../../core/clock.ts';
import { EgressError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { createLogId } from '../../core/log-event.ts';
import type { Random } from '../../core/random.ts';
import type { LogoutNotice } from '../../core/session.ts';
import type { GuardedFetch } from '../../http/egress.ts';
import type { Store } from '../../store/store.ts';
import type { Directory } from '../../tenant/directory.ts';
import { signJwt } from '../jwt.ts';
import type { Keys } from '../keys.ts';

/*
 * OpenID Connect Back-Channel Logout 1.0. Who has to be told is written down with the end of the session, so that a
 * broker that dies meanwhile loses no notice: any broker on the database sends what is due.
 */

export type BackChannel = {
  /** Sends what is due now, without waiting for the next round. */
  kick(): void;
  stop(): Promise<void>;
};

type BackChannelDeps = {
  readonly store: Pick<Store, 'logoutNotices' | 'logs' | 'write' | 'writeAll'>;
  readonly directory: Directory;
  readonly keys: Keys;
  readonly fetch: GuardedFetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly issuerUrl: string;
  readonly log: (level: 'info' | 'warn', fields: JsonObject, message: string) => void;
};

/** Seconds until the next attempt; after the last one the notice is given up. */
const pauses = [5, 30, 300, 1_800] as const;
const roundMs = 5_000;
const leaseSeconds = 30;
const atOnce = 20;
const timeoutMs = 5_000;
const maxBytes = 16_384;
/** OpenID Connect Back-Channel Logout 1.0 §2.4 recommends two minutes at most. */
const tokenLifetimeSeconds = 120;
const eventName = 'http://schemas.openid.net/event/backchannel-logout';

export function createBackChannel(deps: BackChannelDeps): BackChannel {
  let round: Promise<void> | undefined;
  let isAskedAgain = false;
  const run = () => {
    if (round !== undefined) {
      isAskedAgain = true;
      return;
    }
    round = sendDue(deps)
      .catch((error: Error) => deps.log('warn', { error: error.message }, 'back-channel logout: nothing could be sent'))
      .finally(() => {
        round = undefined;
        if (isAskedAgain) {
          isAskedAgain = false;
          run();
        }
      });
  };
  const timer = setInterval(run, roundMs);
  timer.unref();
  return {
    kick: run,
    async stop() {
      clearInterval(timer);
      isAskedAgain = false;
      await round;
    },
  };
}

async function sendDue(deps: BackChannelDeps): Promise<void> {
  for (;;) {
    const now = deps.clock.now();
    const until = addSeconds(now, leaseSeconds);
    const notices = await deps.store.write(deps.store.logoutNotices.claim({ now, until, limit: atOnce }));
    await Promise.all(notices.map((notice) => send(deps, notice)));
    if (notices.length < atOnce) return;
  }
}

async function send(deps: BackChannelDeps, notice: LogoutNotice): Promise<void> {
  const client = (await deps.directory.read()).findClient(notice.clientId);
  const [url] = client?.backchannelLogoutUrls ?? [];
  if (url === undefined) {
    await deps.store.write(deps.store.logoutNotices.settle(notice));
    return;
  }
  const problem = await post(deps, url, await mintLogoutToken(deps, notice));
  await conclude(deps, notice, problem);
}

/** undefined: the application has understood. */
async function post({ fetch }: BackChannelDeps, url: string, token: string): Promise<string | undefined> {
  try {
    const { status } = await fetch({
      url,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ logout_token: token }).toString(),
      timeoutMs,
      maxBytes,
      maxRedirects: 0,
    });
    return status === 200 || status === 204 ? undefined : `status ${status}`;
  } catch (error) {
    if (error instanceof EgressError) return `${error.reason}: ${error.message}`;
    throw error;
  }
}

async function mintLogoutToken({ keys, clock, random, issuerUrl }: BackChannelDeps, notice: LogoutNotice) {
  const now = clock.now();
  const claims = {
    iss: issuerUrl,
    sub: notice.userId,
    aud: notice.clientId,
    iat: toEpochSeconds(now),
    exp: toEpochSeconds(addSeconds(now, tokenLifetimeSeconds)),
    jti: random.id('lo_'),
    sid: notice.sid,
    events: { [eventName]: {} },
  };
  return signJwt((await keys.read()).signing, claims, { algorithm: 'RS256', type: 'logout+jwt' });
}

/** An application that refuses the token has answered; one that cannot be reached is asked again. */
async function conclude(deps: BackChannelDeps, notice: LogoutNotice, problem: string | undefined): Promise<void> {
  const { store, clock } = deps;
  const pause = pauses[notice.attempts - 1];
  const isOver = problem === undefined || problem === 'status 400' || pause === undefined;
  const facts = { client_id: notice.clientId, user_id: notice.userId, attempt: notice.attempts };
  if (!isOver) {
    deps.log('warn', { ...facts, problem, next_seconds: pause }, 'back-channel logout failed, will be tried again');
    await store.write(store.logoutNotices.postpone(notice, addSeconds(clock.now(), pause)));
    return;
  }
  const [level, text] =
    problem === undefined
      ? (['info', 'back-channel logout sent'] as const)
      : (['warn', 'back-channel logout failed'] as const);
  deps.log(level, { ...facts, ...(problem === undefined ? {} : { problem }) }, text);
  await store.writeAll([store.logoutNotices.settle(notice), eventOf(deps, notice, problem)]);
}

function eventOf({ store, clock, random }: BackChannelDeps, notice: LogoutNotice, problem: string | undefined) {
  const at = clock.now();
  return store.logs.create({
    id: createLogId(random, at),
    type: problem === undefined ? 'oidc_backchannel_logout_succeeded' : 'oidc_backchannel_logout_failed',
    at,
    traceId: random.id('tr_') as Parameters<Store['logs']['create']>[0]['traceId'],
    clientId: notice.clientId,
    connectionId: undefined,
    userId: notice.userId,
    userName: undefined,
    ip: undefined,
    userAgent: undefined,
    description: problem,
    details: { sid: notice.sid, attempts: notice.attempts },
  });
}
