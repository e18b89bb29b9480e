import { OAuthError } from '../../core/errors.ts';

const prompts: ReadonlySet<string> = new Set(['none', 'login', 'consent', 'select_account']);

/** OpenID Connect Core §3.1.2.1: `none` stands alone. */
export function readPrompts(text: string | undefined): ReadonlySet<string> {
  const words = new Set(text === undefined || text === '' ? [] : text.split(' '));
  const unknown = [...words].find((word) => !prompts.has(word));
  if (unknown !== undefined) throw new OAuthError('invalid_request', `Unsupported prompt: ${unknown.slice(0, 64)}`);
  if (words.has('none') && words.size > 1) {
    throw new OAuthError('invalid_request', 'prompt none cannot be combined with another prompt');
  }
  return words;
}

export function readMaxAge(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new OAuthError('invalid_request', 'max_age must be a whole number of seconds');
}
