import { UpstreamError } from '../core/errors.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { toProfile } from '../core/profile.ts';
import type { RecordedRun } from '../sandbox/recording-sandbox.ts';

/** What a run comes to: for a profile script the profile as a sign-in would take it. */
export type Result =
  | { readonly profile: JsonObject }
  | { readonly value: Json }
  | { readonly error: { readonly kind: string; readonly message: string } };

/** What stands in a recording for the tokens: as those, it may not get into a profile. */
export const hiddenSecret = '[hidden]';

export const isProfileScript = (filename: string): boolean => /\bfetchUserProfile\.[jt]s$/.test(filename);

export function toResult({ outcome }: Pick<RecordedRun, 'outcome'>, { isProfile }: { isProfile: boolean }): Result {
  if (!outcome.ok) return { error: { kind: outcome.kind, message: outcome.message } };
  if (!isProfile) return { value: outcome.value };
  try {
    const { profile } = toProfile(outcome.value, { connection: { name: 'of this script' }, tokens: [hiddenSecret] });
    const { upstreamUserId, attributes, userMetadata, appMetadata } = profile;
    return {
      profile: {
        user_id: upstreamUserId,
        ...attributes,
        ...(userMetadata === undefined ? {} : { user_metadata: userMetadata }),
        ...(appMetadata === undefined ? {} : { app_metadata: appMetadata }),
      },
    };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return { error: { kind: error.reason, message: error.message } };
  }
}

export const printResult = (result: Result): string => {
  if ('error' in result) return `Result: ${result.error.kind}: ${result.error.message}`;
  const [name, value] = 'profile' in result ? ['Profile', result.profile] : ['Value', result.value];
  return `${name}: ${JSON.stringify(value, null, 2)}`;
};
