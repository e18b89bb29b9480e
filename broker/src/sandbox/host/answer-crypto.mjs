import {
  constants,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  getHashes,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
  randomBytes,
  randomUUID,
  timingSafeEqual,
} from 'node:crypto';

/*
 * The guest's questions about cryptography: texts in, texts out, nothing kept. These run on the host's one thread, so
 * keys are bounded and nothing that is made to be slow (key derivation, key generation) is here.
 */

const maxQuestionLength = 2 * 1024 * 1024;
const maxKeyLength = 16 * 1024;
const maxPrivateBits = 4096;
const maxRandomBytes = 64 * 1024;
const bytes = (text) => Buffer.from(text ?? '', 'base64');
const given = (options) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

function readKey({ key, passphrase }, isPrivate) {
  // The key itself would say how often its passphrase is to be hashed.
  if (passphrase !== undefined) throw new RangeError('Keys with a passphrase are not supported.');
  const text = key.pem ?? key.der ?? JSON.stringify(key.jwk);
  if (typeof text !== 'string' || text.length > maxKeyLength) throw new RangeError('The key is too long.');
  const read = isPrivate ? createPrivateKey(keyOptions(key, 'pkcs8')) : createPublicKey(keyOptions(key, 'spki'));
  const bits = read.asymmetricKeyDetails?.modulusLength ?? 0;
  if (isPrivate && bits > maxPrivateBits) throw new RangeError(`Private keys have at most ${maxPrivateBits} bits.`);
  return read;
}

function keyOptions({ pem, der, jwk, type }, usualType) {
  if (jwk !== undefined) return { key: jwk, format: 'jwk' };
  return der === undefined ? { key: pem } : { key: bytes(der), format: 'der', type: type ?? usualType };
}

function describe(key, type) {
  const { publicExponent, ...details } = key.asymmetricKeyDetails ?? {};
  return {
    type,
    asymmetricKeyType: key.asymmetricKeyType,
    details: publicExponent === undefined ? details : { ...details, publicExponent: String(publicExponent) },
    pem: key.export({ format: 'pem', type: type === 'private' ? 'pkcs8' : 'spki' }),
    jwk: exportJwk(key),
  };
}

/** Some kinds of keys have no such form. */
function exportJwk(key) {
  try {
    return key.export({ format: 'jwk' });
  } catch {
    return undefined;
  }
}

const signing = ({ padding, saltLength, dsaEncoding }) => given({ padding, saltLength, dsaEncoding });
const crypting = ({ padding, oaepHash }) => given({ padding: padding ?? undefined, oaepHash });

const answers = {
  __proto__: null,
  hash: ({ algorithm, data }) => ({ data: createHash(algorithm).update(bytes(data)).digest('base64') }),
  hmac: ({ algorithm, secret, data }) => ({
    data: createHmac(algorithm, bytes(secret)).update(bytes(data)).digest('base64'),
  }),
  random({ size }) {
    if (!(Number.isInteger(size) && size >= 0 && size <= maxRandomBytes)) {
      throw new RangeError(`The size must be an integer from 0 to ${maxRandomBytes}.`);
    }
    return { data: randomBytes(size).toString('base64') };
  },
  uuid: () => ({ data: randomUUID() }),
  hashes: () => ({ names: getHashes() }),
  equal: ({ data, other }) => ({ isValid: timingSafeEqual(bytes(data), bytes(other)) }),
  key: (question) => describe(readKey(question, question.type === 'private'), question.type),
  sign(question) {
    const key = { key: readKey(question, true), ...signing(question) };
    return { data: createSign(question.algorithm).update(bytes(question.data)).sign(key).toString('base64') };
  },
  verify(question) {
    const key = { key: readKey(question, false), ...signing(question) };
    const verify = createVerify(question.algorithm).update(bytes(question.data));
    return { isValid: verify.verify(key, bytes(question.signature)) };
  },
  publicEncrypt: (question) => ({
    data: publicEncrypt({ key: readKey(question, false), ...crypting(question) }, bytes(question.data)).toString(
      'base64',
    ),
  }),
  privateDecrypt: (question) => ({
    data: privateDecrypt({ key: readKey(question, true), ...crypting(question) }, bytes(question.data)).toString(
      'base64',
    ),
  }),
  privateEncrypt: (question) => ({
    data: privateEncrypt(
      { key: readKey(question, true), padding: constants.RSA_PKCS1_PADDING },
      bytes(question.data),
    ).toString('base64'),
  }),
  publicDecrypt: (question) => ({
    data: publicDecrypt(
      { key: readKey(question, false), padding: constants.RSA_PKCS1_PADDING },
      bytes(question.data),
    ).toString('base64'),
  }),
};

/** Never throws: a host stack must not leak. What went wrong is told in words and a code. */
export function answerCrypto(text) {
  try {
    if (text.length > maxQuestionLength) throw new RangeError('The data are too long.');
    const question = JSON.parse(text);
    const answer = answers[question.op];
    if (answer === undefined) throw new RangeError('No such operation.');
    return JSON.stringify(answer(question));
  } catch (error) {
    const { message, code } = error;
    return JSON.stringify({
      error: { message: String(message).slice(0, 300), code: code === undefined ? undefined : String(code) },
    });
  }
}
