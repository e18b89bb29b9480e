import type { JsonObject } from '../core/json.ts';
import { removeTokens } from '../core/profile-tokens.ts';
import type { TenantSettings } from '../core/tenant.ts';
import type { Trace } from '../core/trace.ts';
import type { Changes, TextChange } from './changes.ts';

type Search = {
  readonly tokens: readonly string[];
  readonly settings: Pick<TenantSettings, 'allowsTokensInAppMetadata'>;
  readonly trace: Trace;
  readonly script: string;
};

/** A provider's token stays in the vault: what a script puts into metadata or claims is taken out, with a note in the trace. */
export function withoutProviderTokens(changes: Changes, { tokens, settings, trace, script }: Search): Changes {
  if (tokens.length === 0) return changes;
  const found: string[] = [];
  const clean = (members: JsonObject, path: string): JsonObject =>
    removeTokens(members, { tokens, path: `${path}.`, found });
  const cleanTexts = ({ isEmptied, texts }: TextChange, path: string): TextChange => ({
    isEmptied,
    texts: clean(texts, path) as TextChange['texts'],
  });
  const cleaned: Changes = {
    ...changes,
    claims: {
      idToken: clean(changes.claims.idToken, 'id_token'),
      accessToken: clean(changes.claims.accessToken, 'access_token'),
    },
    userMetadata: clean(changes.userMetadata, 'user_metadata'),
    appMetadata: settings.allowsTokensInAppMetadata ? changes.appMetadata : clean(changes.appMetadata, 'app_metadata'),
    transactionMetadata: clean(changes.transactionMetadata, 'transaction_metadata'),
    sessionMetadata: cleanTexts(changes.sessionMetadata, 'session_metadata'),
    refreshTokenMetadata: cleanTexts(changes.refreshTokenMetadata, 'refresh_token_metadata'),
  };
  if (found.length > 0) trace.record('script.tokens_removed', { script, from: found });
  return cleaned;
}
