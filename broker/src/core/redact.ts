const shortest = 4;
/** A shorter piece at the end of a cut text could be any word. */
const shortestPiece = 8;
/** Stands where a secret was. */
export const hidden = '[hidden]';

/** The text without the secrets, however they are written, and without the beginning of one that was cut at its end. */
export const withoutSecrets = (text: string, secrets: readonly (string | undefined)[]): string =>
  withoutSpellings(text, secrets.flatMap(spellingsOf));

/** The same for every text of a value, names of members too. */
export function withoutSecretsIn<Value extends object>(value: Value, secrets: readonly (string | undefined)[]): Value {
  const spellings = secrets.flatMap(spellingsOf);
  // Nearly always there is nothing to hide: one look at the whole is a tenth of the cost of a copy.
  const text = JSON.stringify(value);
  if (!spellings.some((spelling) => text.includes(spelling.slice(0, shortestPiece)))) return value;
  const clean = (member: unknown): unknown => {
    if (typeof member === 'string') return withoutSpellings(member, spellings);
    if (typeof member !== 'object' || member === null) return member;
    if (Array.isArray(member)) return member.map(clean);
    return Object.fromEntries(
      Object.entries(member).map(([name, inner]) => [withoutSpellings(name, spellings), clean(inner)]),
    );
  };
  return clean(value) as Value;
}

function withoutSpellings(text: string, spellings: readonly string[]): string {
  let shown = text;
  for (const spelling of spellings) {
    if (shown.length < shortest) return shown;
    shown = shown.replaceAll(spelling, hidden);
    shown = withoutCutEnd(shown, spelling);
  }
  return shown;
}

function spellingsOf(secret: string | undefined): string[] {
  if (secret === undefined || secret.length < shortest) return [];
  const bytes = Buffer.from(secret);
  // These letters are written the same way everywhere.
  if (/^[\w.-]+$/.test(secret)) return [...new Set([bytes.toString('base64'), bytes.toString('base64url'), secret])];
  const spellings = [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams({ '': secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('base64'),
    bytes.toString('base64url'),
  ];
  // The longest first: one spelling can be the beginning of another.
  return [...new Set(spellings)].sort((left, right) => right.length - left.length);
}

function withoutCutEnd(text: string, spelling: string): string {
  for (let length = Math.min(text.length, spelling.length - 1); length >= shortestPiece; length -= 1) {
    if (text.endsWith(spelling.slice(0, length))) return text.slice(0, -length) + hidden;
  }
  return text;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Without anything that has the form of a token: long, in one piece, with a digit. For texts whose secrets are not known. */
export const withoutTokenForms = (text: string): string =>
  text.replace(/[\w.~+/=-]{20,}/g, (word) => (/\d/.test(word) && !uuid.test(word) ? hidden : word));
