/** Takes the secrets of one run out of a text, and makes control characters visible. */
export type Redact = (text: string) => string;

const shortest = 4;
const hidden = '[hidden]';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;
const secretNames = /token|key|secret|password|code|signature|auth/i;

export function createRedact(secrets: readonly string[]): Redact {
  let spellings: readonly string[] | undefined;
  return (text) => {
    spellings ??= spellAll(secrets);
    let shown = text;
    for (const spelling of spellings) shown = shown.replaceAll(spelling, hidden);
    return shown.replace(controls, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  };
}

/** The longest first: one secret may be the beginning of another. */
const spellAll = (secrets: readonly string[]): readonly string[] =>
  [...new Set(secrets.filter((secret) => secret.length >= shortest).flatMap(spell))].sort(
    (one, other) => other.length - one.length,
  );

const spell = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret.toWellFormed()),
  Buffer.from(secret).toString('base64'),
  JSON.stringify(secret).slice(1, -1),
];

/** Without credentials: not in front of the host, not in the values of parameters that are named like one. */
export function redactUrl(text: string, redact: Redact): string {
  if (!URL.canParse(text)) return redact(text);
  const url = new URL(text);
  url.username = '';
  url.password = '';
  url.hash = '';
  // Split, not matched: an expression over the whole would take the square of a hostile address's length.
  const plain = url.search.split('&').map(redactParameter).join('&');
  return redact(`${url.origin}${url.pathname}${plain}`);
}

function redactParameter(parameter: string): string {
  const at = parameter.indexOf('=');
  return at !== -1 && secretNames.test(parameter.slice(0, at)) ? `${parameter.slice(0, at)}=${hidden}` : parameter;
}

const secretHeaders = /^(authorization|proxy-authorization|cookie|set-cookie)$|token|key|secret|password|signature/;

/** Names stay, and the scheme of credentials; values that are secret by their name do not. */
export function redactHeaders<Value extends string | readonly string[]>(
  headers: Readonly<Record<string, Value>>,
  redact: Redact,
): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries<string | readonly string[]>(headers)) {
    const text = typeof value === 'string' ? value : value.join(', ');
    shown[name] = secretHeaders.test(name) ? hideCredentials(text) : redact(text);
  }
  return shown;
}

const hideCredentials = (text: string): string => {
  const scheme = /^(Basic|Bearer|Digest|Token|OAuth|DPoP) /i.exec(text);
  return scheme === null ? hidden : `${scheme[0]}${hidden}`;
};

const secretMembers = 'access_token|refresh_token|id_token|client_secret|client_assertion|password|api_key|apikey';
const inJson = new RegExp(`("(?:${secretMembers})"\\s*:\\s*")(?:[^"\\\\]|\\\\.)*"`, 'gi');
const inForm = new RegExp(`((?:^|&)(?:${secretMembers}|code|code_verifier|assertion)=)[^&]+`, 'gi');
const looksLikeForm = /^[\w.%+-]+=[^\s<>"{}]*$/;

/** Of JSON and forms also the members that hold secrets by their name: a script may ask for tokens of its own. */
export function redactBody(text: string, redact: Redact): string {
  const named = looksLikeForm.test(text) ? text.replace(inForm, `$1${hidden}`) : text.replace(inJson, `$1${hidden}"`);
  return redact(named);
}
