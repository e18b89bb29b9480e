/*
 * OAuth parameters as they came: one value per name, and the names that came more than once.
 * A repeated parameter is never resolved silently (RFC 6749 §3.1); whoever reads decides what it spoils.
 */
export type Parameters = {
  readonly values: Readonly<Record<string, string>>;
  /** Names that came more than once, or in a JSON body as something that is not a string. */
  readonly malformed: ReadonlySet<string>;
};

const none: ReadonlySet<string> = new Set();
export const noParameters: Parameters = { values: Object.create(null) as Record<string, string>, malformed: none };

/** Form encoding, as in a query string or an urlencoded body. Never throws: broken escapes stay as they are. */
export function parseParameters(text: string): Parameters {
  if (text === '') return noParameters;
  const values: Record<string, string> = Object.create(null);
  let malformed: Set<string> | undefined;
  for (const [name, value] of new URLSearchParams(text)) {
    if (name in values) {
      malformed ??= new Set();
      malformed.add(name);
      continue;
    }
    values[name] = value;
  }
  return { values, malformed: malformed ?? none };
}

/** A JSON body: strings as they are, numbers and booleans as text; anything else counts as malformed. */
export function parametersFromJson(body: unknown): Parameters {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return noParameters;
  const values: Record<string, string> = Object.create(null);
  const malformed = new Set<string>();
  for (const [name, value] of Object.entries(body)) {
    if (typeof value === 'string') values[name] = value;
    else if (typeof value === 'number' || typeof value === 'boolean') values[name] = String(value);
    else if (value !== null && value !== undefined) malformed.add(name);
  }
  return { values, malformed };
}

/** Parameters of both, where a name in both counts as repeated. */
export function joinParameters(first: Parameters, second: Parameters): Parameters {
  const values: Record<string, string> = Object.assign(Object.create(null), first.values);
  const malformed = new Set([...first.malformed, ...second.malformed]);
  for (const [name, value] of Object.entries(second.values)) {
    if (name in values) malformed.add(name);
    else values[name] = value;
  }
  return { values, malformed };
}

/** RFC 6749 §3.1 and §3.2: a parameter without a value counts as not sent. */
export function withoutEmpty(parameters: Parameters): Parameters {
  const { values, malformed } = parameters;
  if (!Object.values(values).includes('')) return parameters;
  return { values: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')), malformed };
}

/** Query and form body together, for endpoints that take either. */
export const allParameters = (request: { readonly query: Parameters; readonly body: Parameters }): Parameters =>
  request.body === noParameters ? request.query : joinParameters(request.query, request.body);
