import {
  constants,
  createHash,
  createHmac,
  getCurves,
  getHashes,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
  randomBytes,
  randomUUID,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { decrypt, encrypt, tryCipher } from './answer-ciphers.mjs';
import { agree, generate, hkdf, pbkdf2, scrypt } from './answer-derivations.mjs';
import { readBytes } from './read-bytes.mjs';
import { describeKey, readKey } from './read-key.mjs';

/*
 * The guest's questions about cryptography: texts in, texts out, nothing kept but the time that a run has had. These run
 * on the host's one thread, so data, keys and work are bounded, and what one run may compute here in all.
 */

const maxQuestionLength = 2 * 1024 * 1024;
const maxRandomBytes = 64 * 1024;
const maxMsOfRun = 500;
const inBase64 = (data) => ({ data: data.toString('base64') });
const given = (options) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

const signing = ({ padding, saltLength, dsaEncoding }) => given({ padding, saltLength, dsaEncoding });
const crypting = ({ padding, oaepHash, oaepLabel }) =>
  given({
    padding: padding ?? undefined,
    oaepHash,
    oaepLabel: oaepLabel === undefined ? undefined : readBytes(oaepLabel),
  });
const rawRsa = (question, isPrivate) => ({
  key: readKey(question, isPrivate),
  padding: constants.RSA_PKCS1_PADDING,
});

const answers = {
  __proto__: null,
  hash: ({ algorithm, data }) => inBase64(createHash(algorithm).update(readBytes(data)).digest()),
  hmac: ({ algorithm, secret, data }) =>
    inBase64(createHmac(algorithm, readBytes(secret)).update(readBytes(data)).digest()),
  random({ size }) {
    if (!(Number.isInteger(size) && size >= 0 && size <= maxRandomBytes)) {
      throw new RangeError(`The size must be an integer from 0 to ${maxRandomBytes}.`);
    }
    return inBase64(randomBytes(size));
  },
  uuid: () => ({ data: randomUUID() }),
  hashes: () => ({ names: getHashes() }),
  curves: () => ({ names: getCurves() }),
  equal: ({ data, other }) => ({ isValid: timingSafeEqual(readBytes(data), readBytes(other)) }),
  key: (question) => describeKey(readKey(question, question.type === 'private')),
  sign: (question) =>
    inBase64(
      // No algorithm: the key says it, as with Ed25519.
      sign(question.algorithm ?? null, readBytes(question.data), {
        key: readKey(question, true),
        ...signing(question),
      }),
    ),
  verify(question) {
    const key = { key: readKey(question, false), ...signing(question) };
    return {
      isValid: verify(question.algorithm ?? null, readBytes(question.data), key, readBytes(question.signature)),
    };
  },
  publicEncrypt: (question) =>
    inBase64(publicEncrypt({ key: readKey(question, false), ...crypting(question) }, readBytes(question.data))),
  privateDecrypt: (question) =>
    inBase64(privateDecrypt({ key: readKey(question, true), ...crypting(question) }, readBytes(question.data))),
  privateEncrypt: (question) => inBase64(privateEncrypt(rawRsa(question, true), readBytes(question.data))),
  publicDecrypt: (question) => inBase64(publicDecrypt(rawRsa(question, false), readBytes(question.data))),
  encrypt,
  decrypt,
  tryCipher,
  pbkdf2,
  hkdf,
  scrypt,
  generate,
  agree,
};

const spentMs = new WeakMap();

function threadMs() {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function answer(text) {
  if (text.length > maxQuestionLength) throw new RangeError('The data are too long.');
  const question = JSON.parse(text);
  const known = answers[question.op];
  if (known === undefined) throw new RangeError('No such operation.');
  return JSON.stringify(known(question));
}

/**
 * Never throws: a host stack must not leak. What went wrong is told in words and a code.
 *
 * @param {string} text
 * @param {string} _second
 * @param {object} run whose computing counts
 */
export function answerCrypto(text, _second, run) {
  const before = threadMs();
  const spent = spentMs.get(run) ?? 0;
  try {
    if (spent > maxMsOfRun) throw new RangeError(`A script may do cryptography for ${maxMsOfRun} ms of computing.`);
    return answer(text);
  } catch (error) {
    const { message, code } = error;
    return JSON.stringify({
      error: { message: String(message).slice(0, 300), code: code === undefined ? undefined : String(code) },
    });
  } finally {
    spentMs.set(run, spent + threadMs() - before);
  }
}
