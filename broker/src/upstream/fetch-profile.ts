import type { Connection } from '../core/connection.ts';
import { UpstreamError } from '../core/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import { mapProfile, renameFields } from '../core/map-profile.ts';
import { toProfile } from '../core/profile.ts';
import type { Trace } from '../core/trace.ts';
import type { Profile } from '../core/user.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { type CallDeps, callUpstream, describeBody } from './call-upstream.ts';
import { parseJson } from './parse-json.ts';
import { runProfileScript, secretsOf } from './run-profile-script.ts';
import type { TokenAnswer } from './upstream.ts';

type ProfileDeps = CallDeps & { readonly sandbox: Sandbox; readonly keepsTokensInAppMetadata: () => Promise<boolean> };
type Given = { readonly answer: TokenAnswer; readonly trace: Trace };

/** Who signed in: by the profile script, else the userinfo endpoint, else the verified ID token. */
export async function fetchProfile(
  deps: ProfileDeps,
  connection: Connection,
  { answer, trace }: Given,
): Promise<Profile> {
  const value = await readProfile(deps, connection, { answer, trace });
  const { profile, removedTokenPaths } = toProfile(renameFields(value, connection.options.fieldsMap), {
    connection,
    tokens: secretsOf(connection, answer),
    keepsTokensInAppMetadata: await deps.keepsTokensInAppMetadata(),
  });
  const removed = removedTokenPaths.length === 0 ? {} : { removedTokens: removedTokenPaths };
  trace.record('upstream.profile', { keys: Object.keys(profile.attributes).length, ...removed });
  return profile;
}

async function readProfile(deps: ProfileDeps, connection: Connection, { answer, trace }: Given): Promise<Json> {
  const { scripts, userInfoURL, profileMapping } = connection.options;
  const source = scripts?.fetchUserProfile;
  if (source) return runProfileScript(deps.sandbox, connection, { source, answer, trace });
  const body = userInfoURL ? await fetchUserInfo(deps, userInfoURL, { answer, trace }) : ownClaims(connection, answer);
  return isJsonObject(profileMapping) ? mapProfile(body, profileMapping) : body;
}

async function fetchUserInfo(deps: ProfileDeps, url: string, { answer, trace }: Given): Promise<Json> {
  const { tokenset, idTokenClaims } = answer;
  const headers = { authorization: `Bearer ${tokenset.accessToken}`, accept: 'application/json' };
  const call = {
    url,
    method: 'GET',
    headers,
    step: 'profile',
    endpoint: 'userinfo endpoint',
    traceStep: 'upstream.userinfo',
  } as const;
  const response = await callUpstream(deps, call, trace);
  if (response.status < 200 || response.status > 299) {
    const text = `The userinfo endpoint answered with status ${response.status}`;
    throw new UpstreamError('profile', `status_${response.status}`, text, { detail: describeBody(response) });
  }
  const body = parseBody(response.body.toString('utf8'));
  if (body === undefined) {
    const text = `The userinfo endpoint did not answer with JSON (${describeBody(response)})`;
    throw new UpstreamError('profile', 'not_json', text);
  }
  // OpenID Connect Core §5.3.2: otherwise one person's token could be joined with another's profile.
  if (isJsonObject(body) && body.sub !== undefined && idTokenClaims && body.sub !== idTokenClaims.sub) {
    throw new UpstreamError(
      'profile',
      'sub_mismatch',
      'The userinfo endpoint and the ID token speak of different people',
    );
  }
  return body;
}

function parseBody(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** About the token and the sign-in, not about the person. */
const protocolClaims = new Set(
  'iss aud exp iat nbf jti nonce auth_time acr amr azp at_hash c_hash s_hash sid'.split(' '),
);

function ownClaims({ name }: Connection, { idTokenClaims }: TokenAnswer): JsonObject {
  if (!idTokenClaims) {
    throw new UpstreamError(
      'configuration',
      'no_profile_source',
      `Connection ${name} has no way to a profile. Set scripts.fetchUserProfile or userInfoURL, or issuer for a verified ID token`,
    );
  }
  return Object.fromEntries(Object.entries(idTokenClaims).filter(([claim]) => !protocolClaims.has(claim)));
}
