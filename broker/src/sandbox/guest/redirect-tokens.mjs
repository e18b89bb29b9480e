/** The signed token of a redirect: JSON Web Tokens with HS256, made and checked in the sandbox; only the HMAC is the host's. */
export function installRedirectTokens(guest) {
  const { apply, stringify, charCodeAt, slice } = guest;
  const { now } = Date;
  const { floor } = Math;
  const isNumber = Number.isFinite;
  const { indexOf } = String.prototype;
  const { assign } = Object;
  const defaultLifetimeSeconds = 900;
  const defaultParameter = 'session_token';

  const seconds = () => floor(now() / 1000);
  const toBase64Url = (text) => guest.codec().toText(guest.codec().encodeUtf8(text), 'base64url');
  const fromBase64Url = (text) => guest.codec().decodeUtf8(guest.codec().toBytes(text, 'base64url'));
  const header = () => toBase64Url('{"alg":"HS256","typ":"JWT"}');

  function sign(text, secret) {
    if (typeof secret !== 'string' || secret === '') throw new guest.TypeError('A secret is required.');
    const signature = guest.call('hmac', secret, text);
    // An empty one would equal that of a token without any.
    if (signature === '') throw refused('it is too long.');
    return signature;
  }

  /** Takes the same time wherever the two differ. */
  function isSame(one, other) {
    if (one.length !== other.length) return false;
    let difference = 0;
    for (let index = 0; index < one.length; index++) {
      difference |= apply(charCodeAt, one, [index]) ^ apply(charCodeAt, other, [index]);
    }
    return difference === 0;
  }

  const refused = (why) => new guest.Error(`The session token is invalid: ${why}`);

  function readPart(text) {
    let value;
    try {
      value = guest.parse(fromBase64Url(text));
    } catch {
      // Answered below, like any other part that is no object.
    }
    if (typeof value !== 'object' || value === null) throw refused('it is not a JSON Web Token.');
    return value;
  }

  function readToken(token, secret) {
    const first = apply(indexOf, token, ['.']);
    const second = first === -1 ? -1 : apply(indexOf, token, ['.', first + 1]);
    if (second === -1) throw refused('it is not a JSON Web Token.');
    const head = readPart(apply(slice, token, [0, first]));
    if (head.alg !== 'HS256') throw refused('it is not signed with HS256.');
    const expected = sign(apply(slice, token, [0, second]), secret);
    if (!isSame(apply(slice, token, [second + 1]), expected)) throw refused('its signature is wrong.');
    return readPart(apply(slice, token, [first + 1, second]));
  }

  guest.createRedirect = (redirect) => ({
    __proto__: null,
    canRedirect: () => redirect.mayRedirect,
    encodeToken(options) {
      const { payload, secret, expiresInSeconds } = options ?? {};
      const lifetime = isNumber(expiresInSeconds) ? floor(expiresInSeconds) : defaultLifetimeSeconds;
      const issuedAt = seconds();
      const { issuer, subject, ip } = redirect;
      // Ours come last: a payload does not speak for somebody else.
      const claims = assign({}, payload, { iss: issuer, sub: subject, iat: issuedAt, exp: issuedAt + lifetime, ip });
      const signed = `${header()}.${toBase64Url(stringify(claims))}`;
      return `${signed}.${sign(signed, secret)}`;
    },
    validateToken(options) {
      const { secret, tokenParameterName } = options ?? {};
      const name = guest.String(tokenParameterName ?? defaultParameter);
      const token = guest.hasOwn(redirect.parameters, name) ? redirect.parameters[name] : undefined;
      if (typeof token !== 'string') throw refused(`there is no parameter ${name}.`);
      const claims = readToken(token, secret);
      if (!isNumber(claims.exp) || claims.exp <= seconds()) throw refused('it has expired.');
      if (isNumber(claims.nbf) && claims.nbf > seconds()) throw refused('it is not valid yet.');
      if (claims.sub !== undefined && claims.sub !== redirect.subject) throw refused('it is about somebody else.');
      if (
        typeof claims.state !== 'string' ||
        typeof redirect.state !== 'string' ||
        !isSame(claims.state, redirect.state)
      ) {
        throw refused('its state is not that of this sign-in.');
      }
      return claims;
    },
  });
}
