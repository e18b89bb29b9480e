import type { CustomClaims } from '../core/action.ts';
import { addSeconds } from '../core/clock.ts';
import { hashHandle } from '../core/hash.ts';
import type { GrantId, HandleHash, TraceId } from '../core/ids.ts';
import type { Session } from '../core/session.ts';
import type { User } from '../core/user.ts';
import type { HttpReply, HttpRequest } from '../http/route.ts';
import type { Write } from '../store/store.ts';
import type { AuthorizeRequest } from './authorize/request.ts';
import type { Target } from './authorize/target.ts';
import type { LoginDeps } from './deps.ts';
import { type AnswerFields, respond } from './respond.ts';

/** RFC 6749 §4.1.2 recommends ten minutes at most; ours live one. */
const codeLifetimeSeconds = 60;

type Granting = {
  readonly user: User;
  readonly session: Session;
  readonly traceId: TraceId;
  /** undefined: no script added one. */
  readonly claims?: CustomClaims | undefined;
  /** Written with the code, all or nothing: the session, the log event. */
  readonly writes: readonly Write<unknown>[];
  readonly cookies: readonly string[];
};

/** The person is known: what the response type asks for is made, stored and sent to the target. */
export async function grant(
  deps: LoginDeps,
  target: Target,
  verified: AuthorizeRequest,
  granting: Granting & { readonly request: HttpRequest },
): Promise<HttpReply> {
  const now = deps.clock.now();
  const grantId = deps.random.id('gr_') as GrantId;
  const code = verified.responseType.code ? deps.random.token('ac_') : undefined;
  const writes = [...granting.writes];
  if (code !== undefined)
    writes.push(deps.store.codes.create(toRow({ code, grantId, now }, target, verified, granting)));
  const joining = deps.sessions.join(granting.session, verified.client.id);
  if (joining !== undefined) writes.push(joining);
  if (verified.client.backchannelLogoutUrls.length > 0) {
    const { sid, expiresAt } = granting.session;
    writes.push(deps.store.logoutNotices.takePart(sid, verified.client.id, expiresAt));
  }
  if (writes.length > 0) await deps.store.writeAll(writes);
  const tokens = await mintFrontChannel(deps, verified, { ...granting, code, grantId, now });
  return respond(
    target,
    { code, ...tokens },
    { request: granting.request, issuerUrl: deps.issuerUrl, cookies: granting.cookies },
  );
}

type Fresh = { readonly code: string; readonly grantId: GrantId; readonly now: Date };

const toRow = ({ code, grantId, now }: Fresh, target: Target, verified: AuthorizeRequest, granting: Granting) => ({
  codeHash: hashHandle(code) as HandleHash,
  grantId,
  clientId: verified.client.id,
  userId: granting.user.id,
  connectionId: granting.session.connectionId,
  sid: granting.session.sid,
  scopes: verified.scopes,
  audience: verified.resourceServer?.identifier,
  authenticatedAt: granting.session.authenticatedAt,
  redirectUri: target.redirectUri,
  isRedirectUriExplicit: target.isRedirectUriExplicit,
  challenge: verified.challenge,
  challengeMethod: verified.challenge === undefined ? undefined : ('S256' as const),
  nonce: verified.nonce,
  keyThumbprint: verified.keyThumbprint,
  traceId: granting.traceId,
  asksAuthTime: asksAuthTime(verified),
  claims: granting.claims,
  createdAt: now,
  expiresAt: addSeconds(now, codeLifetimeSeconds),
  consumedAt: undefined,
});

const asksAuthTime = ({ maxAge, prompts }: AuthorizeRequest): boolean => maxAge !== undefined || prompts.has('login');

async function mintFrontChannel(
  deps: LoginDeps,
  verified: AuthorizeRequest,
  {
    user,
    session,
    code,
    grantId,
    now,
    claims,
  }: Granting & { readonly code: string | undefined; readonly grantId: GrantId; readonly now: Date },
): Promise<AnswerFields> {
  const { responseType, client, scopes } = verified;
  if (!responseType.token && !responseType.idToken) return {};
  const access = responseType.token
    ? await deps.minter.mintAccessToken({
        subject: user.id,
        clientId: client.id,
        grantId,
        scopes,
        resourceServer: verified.resourceServer,
        isFrontChannel: true,
        grantType: undefined,
        // RFC 9449: what comes through the browser cannot be bound.
        keyThumbprint: undefined,
        claims: claims?.accessToken,
        now,
      })
    : undefined;
  const idToken = responseType.idToken
    ? await deps.minter.mintIdToken({
        user,
        client,
        scopes,
        sid: session.sid,
        nonce: verified.nonce,
        authenticatedAt: asksAuthTime(verified) ? session.authenticatedAt : undefined,
        accessToken: access?.token,
        code,
        claims: claims?.idToken,
        now,
      })
    : undefined;
  return {
    access_token: access?.token,
    expires_in: access === undefined ? undefined : String(access.expiresInSeconds),
    token_type: access === undefined ? undefined : 'Bearer',
    id_token: idToken,
    scope: access === undefined || scopes.length === 0 ? undefined : scopes.join(' '),
  };
}
