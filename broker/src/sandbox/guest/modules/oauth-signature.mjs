import nodeCrypto from 'node:crypto';

const { URL, URLSearchParams } = globalThis;

/** RFC 5849 §3.6. */
export const encode = (text) =>
  encodeURIComponent(String(text)).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const byText = (left, right) => (left < right ? -1 : left > right ? 1 : 0);

/** RFC 5849 §3.4.1: what is signed. */
export function baseString(method, url, parameters) {
  const { protocol, host, pathname } = new URL(url);
  const sorted = parameters
    .map(([name, value]) => [encode(name), encode(value)])
    .sort(([leftName, left], [rightName, right]) => byText(leftName, rightName) || byText(left, right))
    .map(([name, value]) => `${name}=${value}`);
  return [method.toUpperCase(), `${protocol}//${host}${pathname}`, sorted.join('&')].map(encode).join('&');
}

const hmacs = { __proto__: null, 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' };

function signText(oauth, text) {
  const key = `${encode(oauth.consumer_secret ?? '')}&${encode(oauth.token_secret ?? '')}`;
  const method = oauth.signature_method ?? 'HMAC-SHA1';
  if (method === 'PLAINTEXT') return key;
  if (method === 'RSA-SHA1') {
    return nodeCrypto.createSign('RSA-SHA1').update(text()).sign(oauth.private_key, 'base64');
  }
  if (hmacs[method] === undefined) throw new Error(`The OAuth signature method ${method} is not supported.`);
  return nodeCrypto.createHmac(hmacs[method], key).update(text()).digest('base64');
}

const notSent = ['consumer_secret', 'token_secret', 'private_key', 'realm', 'transport_method', 'body_hash'];

/**
 * The parameters of OAuth 1.0a for one request, signed. `oauth` as npm's request has it: names without `oauth_`.
 *
 * @returns {[string, string][]} sorted by name, the signature last
 */
export function signRequest(oauth, { method, url, form, body }) {
  const own = { __proto__: null };
  for (const name of Object.keys(oauth)) {
    if (!notSent.includes(name) && oauth[name] !== undefined && oauth[name] !== null)
      own[`oauth_${name}`] = oauth[name];
  }
  own.oauth_version ??= '1.0';
  own.oauth_timestamp ??= String(Math.floor(Date.now() / 1000));
  own.oauth_nonce ??= nodeCrypto.randomUUID().replaceAll('-', '');
  own.oauth_signature_method ??= 'HMAC-SHA1';
  if (oauth.body_hash === true) own.oauth_body_hash = nodeCrypto.createHash('sha1').update(body).digest('base64');
  else if (typeof oauth.body_hash === 'string') own.oauth_body_hash = oauth.body_hash;
  const pairs = Object.keys(own)
    .sort(byText)
    .map((name) => [name, String(own[name])]);
  const text = () => {
    const query = Array.from(new URLSearchParams(new URL(url).search));
    return baseString(method, url, [...query, ...Array.from(new URLSearchParams(form)), ...pairs]);
  };
  return [...pairs, ['oauth_signature', signText(oauth, text)]];
}

/** RFC 5849 §3.5.1. */
export function toHeader(pairs, realm) {
  const named = pairs.map(([name, value]) => `${name}="${encode(value)}"`).join(',');
  return realm === undefined ? `OAuth ${named}` : `OAuth realm="${String(realm).replace(/[\r\n"]/g, '')}",${named}`;
}
