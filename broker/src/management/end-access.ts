import type { UserId } from '../core/ids.ts';
import type { RefreshToken, Session } from '../core/session.ts';
import type { UserGrant } from '../core/user-grant.ts';
import { revocationWrites } from '../issuer/token/revoke-grant.ts';
import type { WaitingCodes, Write } from '../store/store.ts';
import type { ManagementDeps } from './deps.ts';
import type { Acting } from './endpoint.ts';

type EndingDeps = Pick<ManagementDeps, 'store' | 'clock'>;

/** Whoever ends them ends them all, however many somebody has made. */
const everything = 1_000_000;

export const everySessionOf = ({ store, clock }: EndingDeps, userId: UserId): Promise<readonly Session[]> =>
  store.sessions.listByUser(userId, clock.now(), everything);

export const everyTokenOf = ({ store, clock }: EndingDeps, userId: UserId): Promise<readonly RefreshToken[]> =>
  store.refreshTokens.listByUser(userId, clock.now(), everything);

/** Ends sessions, and puts down which applications have to be told (back-channel logout). */
export function sessionEnds({ store, clock }: EndingDeps, sessions: readonly Session[]): readonly Write<unknown>[] {
  const at = clock.now();
  const sids = new Map(sessions.map(({ sid, userId }) => [sid, userId]));
  return [...sids].flatMap(([sid, userId]) => [
    store.sessions.deleteBySid(sid),
    store.logoutNotices.owe({ sid, userId, at }),
  ]);
}

/** Ends refresh tokens with their families, and with them the access tokens of the same grants at /userinfo. */
export function tokenEnds(deps: EndingDeps, tokens: readonly RefreshToken[]): readonly Write<unknown>[] {
  const grants = new Map(tokens.map((token) => [token.grantId, token]));
  return [...grants.values()].flatMap((token) => revocationWrites(deps, token, token.authenticatedAt));
}

/** Ends codes that wait to be redeemed, those of devices too: what they would give must not outlive what is ended. */
export const codeEnds = ({ store }: EndingDeps, waiting: WaitingCodes): readonly Write<unknown>[] => [
  store.codes.deleteWaiting(waiting),
  store.deviceCodes.deleteWaiting(waiting),
];

/** Ends what grants of one person have allowed: refresh tokens with their families, and codes that wait to be redeemed. */
export async function allowedEnds(deps: EndingDeps, grants: readonly UserGrant[]): Promise<readonly Write<unknown>[]> {
  const [first] = grants;
  if (first === undefined) return [];
  const tokens = await everyTokenOf(deps, first.userId);
  const isAllowed = (token: RefreshToken) =>
    grants.some(({ clientId, audience }) => clientId === token.clientId && audience === token.audience);
  return [
    ...grants.flatMap(({ userId, clientId, audience = null }) => codeEnds(deps, { userId, clientId, audience })),
    ...tokenEnds(deps, tokens.filter(isAllowed)),
  ];
}

/** All sessions of a person, in writes that go along with what is done to them. */
export const everySession = async (deps: EndingDeps, userId: UserId): Promise<readonly Write<unknown>[]> =>
  sessionEnds(deps, await everySessionOf(deps, userId));

/** The answer once access has ended. */
export const accepted = { status: 202, body: {} };

type Ending = {
  readonly ends: readonly Write<unknown>[];
  readonly userId: string | undefined;
  readonly description: string;
};

/** All or nothing, with its log event; applications that have to be told are told from now on. */
export async function endAccess(
  deps: ManagementDeps,
  call: Acting,
  { ends, userId, description }: Ending,
): Promise<void> {
  const event = deps.audit(call, description, userId === undefined ? {} : { userId });
  await deps.store.writeAll([...ends, event]);
  deps.tellApplications();
}
