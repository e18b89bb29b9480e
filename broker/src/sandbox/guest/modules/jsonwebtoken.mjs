import jsonwebtoken from 'jsonwebtoken';

/** Versions before 5 counted in minutes. */
function sign(payload, secret, options, callback) {
  if (typeof options !== 'object' || options === null) return jsonwebtoken.sign(payload, secret, options, callback);
  const { expiresInMinutes, expiresInSeconds, ...others } = options;
  if (expiresInMinutes !== undefined) others.expiresIn = expiresInMinutes * 60;
  if (expiresInSeconds !== undefined) others.expiresIn = expiresInSeconds;
  return jsonwebtoken.sign(payload, secret, others, callback);
}

/** Version 0.4 gave the text of a payload, so scripts parse what they get: it reads as its own JSON. */
function decode(token, options) {
  const decoded = jsonwebtoken.decode(token, options);
  if (typeof decoded !== 'object' || decoded === null) return decoded;
  return Object.defineProperty(decoded, 'toString', { value: () => JSON.stringify(decoded), configurable: true });
}

export default { ...jsonwebtoken, sign, decode };
