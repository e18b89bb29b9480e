import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

/* Cryptography of scripts: what Node makes, no more than Node may, and never at the cost of the host. */

let world: SandboxWorld;
beforeAll(async () => {
  world = await startSandboxWorld((_request, response) => void response.end('{}'), { memoryMb: 64, cpuMs: 4000 });
});
afterAll(() => world.close());

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const keys = { privateKey, publicKey };

const run = (body: string) =>
  world.run(`async function (token, { keys }, cb) { const c = require('crypto'), { subtle } = c; ${body} }`, { keys });
const inGuest = async (body: string) => {
  const { outcome } = await run(`cb(null, { it: await (async () => { ${body} })() });`);
  if (!outcome.ok) throw new Error(`${outcome.message}\n${'stack' in outcome ? outcome.stack : ''}`);
  return (outcome.value as { it: unknown }).it;
};
const inNode = async (body: string): Promise<unknown> => {
  const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor;
  const told = await new AsyncFunction('require', 'keys', `const c = require('crypto'), { subtle } = c; ${body}`)(
    createRequire(import.meta.url),
    keys,
  );
  return JSON.parse(JSON.stringify(told));
};
const hex = `const hex = (bytes) => Buffer.from(bytes).toString('hex');`;
const refuse = `const refused = async (call) => { try { await call(); return 'done' } catch (e) { return e.name + ': ' + e.message } };
  const named = async (call) => { try { await call(); return 'done' } catch (e) { return e.name } };`;

const sameAsNode: [name: string, body: string][] = [
  [
    'ciphers of every mode, in pieces',
    `const key = Buffer.alloc(32, 1), iv = Buffer.alloc(16, 2);
    return ['aes-256-cbc', 'aes-256-ctr', 'AES-256-CBC'].map((name) => {
      const cipher = c.createCipheriv(name, key, iv);
      const text = cipher.update('ab€', 'utf8', 'hex') + cipher.update('cd', 'utf8', 'hex') + cipher.final('hex');
      const decipher = c.createDecipheriv(name, key, iv);
      return [text, decipher.update(text, 'hex', 'utf8') + decipher.final('utf8')];
    })`,
  ],
  [
    'a cipher with a tag, and without padding',
    `const g = c.createCipheriv('aes-128-gcm', Buffer.alloc(16, 3), Buffer.alloc(12, 4)); g.setAAD(Buffer.from('head'));
    const text = g.update('secret', 'utf8', 'base64') + g.final('base64'), tag = g.getAuthTag();
    const open = c.createDecipheriv('aes-128-gcm', Buffer.alloc(16, 3), Buffer.alloc(12, 4));
    open.setAAD(Buffer.from('head')).setAuthTag(tag);
    const bad = c.createDecipheriv('aes-128-gcm', Buffer.alloc(16, 3), Buffer.alloc(12, 4));
    bad.setAuthTag(tag); bad.update(text, 'base64');
    let failed; try { bad.final() } catch { failed = true }
    const e = c.createCipheriv('aes-128-ecb', Buffer.alloc(16), null).setAutoPadding(false);
    return [text, tag.toString('hex'), open.update(text, 'base64', 'utf8') + open.final('utf8'), failed, e.update(Buffer.alloc(16), null, 'hex') + e.final('hex')]`,
  ],
  [
    'keys derived from passwords and secrets',
    `${hex} const later = await new Promise((done, fail) => c.pbkdf2('pw', 'salt', 1000, 40, 'sha512', (e, key) => e ? fail(e) : done(hex(key))));
    const scrypted = await new Promise((done, fail) => c.scrypt('pw', 'salt', 32, { N: 1024 }, (e, key) => e ? fail(e) : done(hex(key))));
    return [hex(c.pbkdf2Sync('pw', Buffer.from('salt'), 1000, 32, 'sha256')), later, hex(c.scryptSync('pw', 'salt', 64)), scrypted, hex(c.hkdfSync('sha256', 'key', 'salt', 'info', 42))]`,
  ],
  [
    'signatures of Ed25519 and with PSS are taken by the other side',
    `const { privateKey, publicKey } = c.generateKeyPairSync('ed25519');
    const one = c.sign(null, Buffer.from('x'), privateKey), pss = { padding: c.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    const two = c.sign('sha256', Buffer.from('x'), { key: keys.privateKey, ...pss });
    return [one.length, c.verify(null, Buffer.from('x'), publicKey, one), c.verify(null, Buffer.from('y'), publicKey, one),
      c.verify('sha256', Buffer.from('x'), { key: keys.publicKey, ...pss }, two), c.verify('sha256', Buffer.from('x'), keys.publicKey, two)]`,
  ],
  [
    'subtle: digest, HMAC and RSA PKCS#1 v1.5',
    `${hex} const data = Buffer.from('data'), algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const mac = await subtle.importKey('raw', Buffer.from('key'), { name: 'HMAC', hash: 'SHA-512' }, true, ['sign', 'verify']);
    const code = await subtle.sign('HMAC', mac, data);
    const der = (pem) => Buffer.from(pem.replace(/-----[^-]+-----|\\s/g, ''), 'base64');
    const signer = await subtle.importKey('pkcs8', der(keys.privateKey), algorithm, false, ['sign']);
    const verifier = await subtle.importKey('spki', der(keys.publicKey), algorithm, true, ['verify']);
    const signature = await subtle.sign(algorithm, signer, data);
    return [hex(await subtle.digest('SHA-256', data)), hex(code), await subtle.verify('hmac', mac, code, data), await subtle.verify('HMAC', mac, code, Buffer.from('datA')),
      hex(signature), await subtle.verify(algorithm.name, verifier, signature, data), c.createVerify('RSA-SHA256').update(data).verify(keys.publicKey, Buffer.from(signature)),
      signer.type, signer.extractable, signer.usages, signer.algorithm.modulusLength, [...verifier.algorithm.publicExponent], await subtle.exportKey('jwk', mac), await subtle.exportKey('jwk', verifier)]`,
  ],
  [
    'subtle: ECDSA, PSS and ECDH agree with themselves',
    `const data = Buffer.from('data'), ec = { name: 'ECDSA', namedCurve: 'P-256' };
    const pair = await subtle.generateKey(ec, true, ['sign', 'verify']);
    const signature = await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, data);
    const again = await subtle.importKey('raw', await subtle.exportKey('raw', pair.publicKey), ec, true, ['verify']);
    const jwk = await subtle.exportKey('jwk', pair.privateKey);
    const dh = () => subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
    const a = await dh(), b = await dh();
    const bits = (mine, theirs) => subtle.deriveBits({ name: 'ECDH', public: theirs.publicKey }, mine.privateKey, 256).then((found) => Buffer.from(found).toString('hex'));
    const pss = { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 }, k = c.createPrivateKey(keys.privateKey).export({ format: 'jwk' });
    const p = await subtle.sign(pss, await subtle.importKey('jwk', k, pss, false, ['sign']), data);
    return [signature.byteLength, await subtle.verify({ name: 'ECDSA', hash: { name: 'SHA-256' } }, again, signature, data), await subtle.verify({ name: 'ECDSA', hash: 'SHA-384' }, again, signature, data),
      Object.keys(jwk).sort(), jwk.crv, jwk.key_ops, (await bits(a, b)) === (await bits(b, a)), await subtle.verify(pss, await subtle.importKey('jwk', { kty: k.kty, n: k.n, e: k.e }, pss, true, ['verify']), p, data)]`,
  ],
  [
    'subtle: AES, key wrapping and derived keys',
    `${hex} const raw = (name, usages) => subtle.importKey('raw', Buffer.alloc(32, 5), name, true, usages);
    const gcm = await raw('AES-GCM', ['encrypt', 'decrypt']), iv = Buffer.alloc(12, 6), additionalData = Buffer.from('head');
    const sealed = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, gcm, Buffer.from('hi'));
    const cbc = await subtle.encrypt({ name: 'AES-CBC', iv: Buffer.alloc(16) }, await raw('AES-CBC', ['encrypt']), Buffer.from('hi'));
    const ctr = await subtle.encrypt({ name: 'AES-CTR', counter: Buffer.alloc(16), length: 64 }, await raw('AES-CTR', ['encrypt']), Buffer.from('hi'));
    const kw = await raw('AES-KW', ['wrapKey', 'unwrapKey']);
    const wrapped = await subtle.wrapKey('raw', gcm, kw, 'AES-KW');
    const unwrapped = await subtle.unwrapKey('raw', wrapped, kw, 'AES-KW', 'AES-GCM', true, ['decrypt']);
    const password = await subtle.importKey('raw', Buffer.from('pw'), 'PBKDF2', false, ['deriveBits', 'deriveKey']);
    const pbkdf2 = { name: 'PBKDF2', salt: Buffer.from('salt'), iterations: 1000, hash: 'SHA-256' };
    const hkdf = await subtle.importKey('raw', Buffer.from('pw'), 'HKDF', false, ['deriveBits']);
    const derived = await subtle.deriveKey(pbkdf2, password, { name: 'AES-GCM', length: 128 }, true, ['encrypt']);
    return [hex(sealed), hex(await subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, gcm, sealed)), hex(cbc), hex(ctr), hex(wrapped),
      hex(await subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, unwrapped, sealed)), hex(await subtle.deriveBits(pbkdf2, password, 256)),
      hex(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: Buffer.alloc(0), info: Buffer.from('i') }, hkdf, 128)), hex(await subtle.exportKey('raw', derived)), derived.algorithm]`,
  ],
  [
    'subtle: a key is for what it was imported for',
    `${refuse} const mac = { name: 'HMAC', hash: 'SHA-256' }, secret = Buffer.from('key');
    const verifier = await subtle.importKey('raw', secret, mac, false, ['verify']);
    const gcm = await subtle.importKey('raw', Buffer.alloc(16), 'AES-GCM', false, ['encrypt']);
    const pss = { name: 'RSA-PSS', hash: 'SHA-256' };
    const der = Buffer.from(keys.publicKey.replace(/-----[^-]+-----|\\s/g, ''), 'base64');
    return [await named(() => subtle.sign('HMAC', verifier, secret)), await named(() => subtle.sign('HMAC', gcm, secret)), await named(() => subtle.decrypt({ name: 'AES-GCM', iv: Buffer.alloc(12) }, gcm, secret)),
      await named(() => subtle.exportKey('raw', verifier)), await named(() => subtle.importKey('spki', der, pss, true, ['sign'])), await named(() => subtle.importKey('spki', der, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'])),
      await named(() => subtle.importKey('raw', secret, { name: 'HMAC', hash: 'MD5' }, true, ['sign'])), await named(() => subtle.importKey('raw', secret, 'AES-GCM', true, ['encrypt'])), await named(() => subtle.importKey('jwk', { kty: 'RSA' }, pss, true, ['verify'])),
      await named(() => subtle.importKey('raw', secret, mac, true, [])), await named(() => new CryptoKey())]`,
  ],
];
test.each(sameAsNode)('%s: as in Node', async (_name, body) => {
  expect(await inGuest(body)).toEqual(await inNode(body));
});

describe('jose', () => {
  test('signs, verifies, encrypts and decrypts', async () => {
    const told = await inGuest(`
      const jose = require('jose@5'), secret = new TextEncoder().encode('a secret of more than thirty-two bytes');
      const one = await new jose.SignJWT({ a: 1 }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('2h').sign(secret);
      const key = await jose.importPKCS8(keys.privateKey, 'RS256');
      const two = await new jose.SignJWT({ a: 2 }).setProtectedHeader({ alg: 'RS256' }).sign(key);
      const three = await new jose.SignJWT({ a: 3 }).setProtectedHeader({ alg: 'PS256' }).sign(c.createPrivateKey(keys.privateKey));
      const set = jose.createLocalJWKSet({ keys: [{ ...(await jose.exportJWK(c.createPublicKey(keys.publicKey))), alg: 'RS256' }] });
      const pair = await jose.generateKeyPair('ECDH-ES+A256KW');
      const four = await new jose.EncryptJWT({ a: 4 }).setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A128CBC-HS256' }).encrypt(pair.publicKey);
      const read = (promise) => promise.then((it) => it.payload.a, (e) => e.code);
      return [await read(jose.jwtVerify(one, secret)), await read(jose.jwtVerify(two, set)), await read(jose.jwtVerify(three, c.createPublicKey(keys.publicKey))), await read(jose.jwtDecrypt(four, pair.privateKey)),
        await read(jose.jwtVerify(one + 'x', secret)), jose.decodeJwt(two).a]`);
    expect(told).toEqual([1, 2, 3, 4, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED', 2]);
  });

  test('a public key is not taken for the secret of an HMAC', async () => {
    const told = await inGuest(`
      const jose = require('jose');
      const forged = require('jsonwebtoken').sign({ a: 1 }, Buffer.from(keys.publicKey), { algorithm: 'HS256', allowInvalidAsymmetricKeyTypes: true });
      const by = (key) => jose.jwtVerify(forged, key).then(() => 'taken', (e) => e.name);
      return [await by(await jose.importSPKI(keys.publicKey, 'RS256')), await by(c.createPublicKey(keys.publicKey))]`);
    expect(told).toEqual(['TypeError', 'TypeError']);
  });
});

describe('the bridge', () => {
  test('refuses work, sizes, kinds and names beyond its bounds, in the host', async () => {
    const long = generateKeyPairSync('rsa', { modulusLength: 4352, publicExponent: 65537 }).privateKey;
    const locked = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const given = JSON.stringify({
      long: long.export({ format: 'pem', type: 'pkcs8' }),
      locked: locked.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }),
    });
    const told =
      await inGuest(`const bad = ${given}; const why = (call) => { try { call(); return 'done' } catch (e) { return e.message } };
      const key16 = Buffer.alloc(16), iv = Buffer.alloc(12);
      return {
        long: why(() => c.createSign('RSA-SHA256').update('x').sign(bad.long)),
        locked: why(() => c.createPrivateKey({ key: bad.locked, passphrase: 'x' })),
        without: why(() => c.createPrivateKey(bad.locked)) !== 'done',
        giant: why(() => c.createHash('sha256').update(Buffer.alloc(1_600_000)).digest()),
        random: why(() => c.randomBytes(1e9)),
        iterations: why(() => c.pbkdf2Sync('pw', 'salt', 100_001, 32, 'sha256')),
        blocks: why(() => c.pbkdf2Sync('pw', 'salt', 100_000, 64, 'sha256')),
        endless: why(() => c.pbkdf2Sync('pw', 'salt', Infinity, 64, 'sha256')),
        derived: why(() => c.hkdfSync('sha256', 'k', '', '', 1e6)),
        scrypt: why(() => c.scryptSync('pw', 'salt', 64, { N: 1 << 17 })),
        parallel: why(() => c.scryptSync('pw', 'salt', 64, { N: 2, r: 1, p: 1e9 })),
        rsa: why(() => c.generateKeyPairSync('rsa', { modulusLength: 4096 })),
        cipher: why(() => c.createCipheriv('aes-256-xts', key16, iv)),
        tag: why(() => c.createDecipheriv('aes-128-gcm', key16, iv).setAuthTag(Buffer.alloc(4)).final()),
        secret: why(() => c.createVerify('sha256').update('x').verify(c.createSecretKey(key16), 'x')),
        publicSigns: why(() => c.createSign('sha256').update('x').sign(keys.publicKey)) !== 'done',
        noKey: why(() => c.sign('sha256', Buffer.from('x'), { key: { key: 1, format: 'jwk' } })) !== 'done',
        type: why(() => c.createHash('sha256').update({ length: 1e9 })),
      }`);
    expect(told).toEqual({
      long: 'Private keys have at most 4096 bits.',
      locked: 'Keys with a passphrase are not supported.',
      without: true,
      giant: 'The data are too long.',
      random: 'The size must be an integer from 0 to 65536.',
      iterations: 'The number of iterations must be an integer from 1 to 100000.',
      blocks: 'The number of iterations must be an integer from 1 to 50000.',
      endless: 'The number of iterations must be an integer from 1 to 50000.',
      derived: 'The length of a derived key must be an integer from 1 to 4096.',
      scrypt: 'cost × blockSize × parallelization must be at most 131072.',
      parallel: 'The parallelization must be an integer from 1 to 131072.',
      rsa: 'New keys are of type ec (P-256, P-384, P-521, secp256k1, prime256v1, secp384r1, secp521r1), ed25519 or x25519.',
      cipher: 'The cipher aes-256-xts is not supported.',
      tag: 'The authentication tag must have 12 to 16 bytes.',
      secret: 'A secret key is neither a public nor a private one.',
      publicSigns: true,
      noKey: true,
      type: 'The data must be of type string or an instance of Buffer, TypedArray or DataView.',
    });
  });

  test('what one run may compute there is bounded over all its calls', async () => {
    const told = await inGuest(`
      let calls = 0;
      try { for (; calls < 1000; calls++) c.pbkdf2Sync('pw', 'salt', 100_000, 32, 'sha256') } catch (e) { return { calls, message: e.message } }`);
    expect(told).toEqual({
      calls: expect.any(Number),
      message: 'A script may do cryptography for 500 ms of computing.',
    });
    expect(await inGuest(`return c.createHash('md5').update('a').digest('hex')`)).toBe(
      '0cc175b9c0f1b6a831c399e269772661',
    );
  });

  test('a script that patches what it is made of gets nothing of the host', async () => {
    const told = await run(`
      const seen = [];
      Object.prototype.toJSON = function () { seen.push(Object.keys(this).join()); return { op: 'constructor', __proto__: { op: 'hash' } } };
      let message; try { c.createHash('sha256') } catch (e) { message = e.message }
      delete Object.prototype.toJSON;
      Object.defineProperty(Object.prototype, 'op', { configurable: true, get() { return 'random' } });
      let other; try { other = c.createHash('sha256').update('a').digest('hex').length } catch (e) { other = e.message }
      delete Object.prototype.op;
      cb(null, { message, other, stack: new Error().stack })`);
    expect(told.outcome).toMatchObject({ ok: true, value: { message: 'No such operation.', other: 64 } });
    expect(JSON.stringify(told)).not.toMatch(/node:internal|answer-crypto|\/host\//);
  });

  test('a question that the script writes itself is checked in the host', async () => {
    const questions = [
      'null',
      '[]',
      '{',
      '"hash"',
      '{}',
      '{"op":"__proto__"}',
      '{"op":["hash"],"algorithm":"sha256","data":{"length":300000000}}',
      '{"op":"hash","algorithm":"sha256","data":{"length":300000000}}',
      '{"op":"hash","algorithm":{"toString":1},"data":""}',
      '{"op":"hmac","algorithm":"sha256","secret":{"type":"Buffer","data":[1]},"data":5}',
      '{"op":"random","size":{"valueOf":1}}',
      '{"op":"random","size":1e300}',
      '{"op":"key","type":"private","key":{"pem":{"length":300000000}}}',
      '{"op":"key","type":"private","key":{"jwk":{"kty":"RSA","n":1,"e":{}}}}',
      '{"op":"key","type":"private","key":{"der":{"length":300000000}}}',
      '{"op":"key","type":"private","key":{"pem":"x","file":"/etc/passwd"},"engine":"x"}',
      '{"op":"sign","algorithm":"sha256","data":"","key":{"jwk":null}}',
      `{"op":"key","type":"public","key":{"pem":"x","jwk":{"kty":"oct","k":"${'A'.repeat(20_000)}"}}}`,
      '{"op":"encrypt","algorithm":["aes-128-cbc"],"key":{"length":300000000},"iv":""}',
      '{"op":"decrypt","algorithm":"aes-128-gcm","key":"AAAAAAAAAAAAAAAAAAAAAA==","iv":"AAAA","tag":null,"data":""}',
      '{"op":"encrypt","algorithm":"aes-128-gcm","tagLength":1e9,"key":"AAAAAAAAAAAAAAAAAAAAAA==","iv":"AAAA"}',
      '{"op":"pbkdf2","secret":"","salt":"","iterations":"100001","size":32,"algorithm":"sha256"}',
      '{"op":"pbkdf2","secret":"","salt":"","iterations":1,"size":{},"algorithm":"sha256"}',
      '{"op":"scrypt","secret":"","salt":"","size":32,"cost":131072,"blockSize":1,"parallelization":[2]}',
      '{"op":"scrypt","secret":"","salt":"","size":32,"cost":-2,"blockSize":8,"parallelization":1}',
      '{"op":"generate","type":"ec","curve":{"includes":1}}',
      '{"op":"generate","type":"dsa","modulusLength":16384}',
      '{"op":"agree","privateKey":null,"publicKey":7}',
    ];
    const told = await world.run(
      `function (token, { questions }, cb) {
        const { stringify } = JSON; let next = '{"op":"uuid"}';
        JSON.stringify = (value) => (value && value.op ? next : stringify(value));
        const c = require('crypto'), { randomUUID } = c;
        cb(null, { messages: questions.map((question) => { next = question; try { return 'answered ' + randomUUID() } catch (e) { return e.stack ? e.message : 'no stack' } }) });
      }`,
      { questions },
    );
    const messages = told.outcome.ok ? (told.outcome.value as { messages: string[] }).messages : [told.outcome.message];
    expect(messages).toHaveLength(questions.length);
    // As a list, this length would take the host seconds, and its memory.
    const lengths = messages.filter((_message, index) => questions[index]?.includes('300000000'));
    expect(new Set(lengths)).toEqual(
      new Set(['The data must be given as base64.', 'The key is neither a PEM, nor a DER, nor a JWK.']),
    );
    for (const message of messages) expect(message).not.toMatch(/^answered|^no stack|node:|\.mjs|at \w+ \(|passwd/);
    expect(await inGuest(`return c.createHash('md5').update('a').digest('hex')`)).toHaveLength(32);
    expect(world.events.map(({ event }) => event)).toEqual(['script_host_walls']);
  });

  test('a key that may not be read out is in no property of it', async () => {
    const told = await inGuest(`
      const key = await subtle.importKey('raw', Buffer.from('a very secret key'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
      const all = []; for (let at = key; at; at = Object.getPrototypeOf(at)) for (const name of Reflect.ownKeys(at)) { try { all.push(JSON.stringify(key[name])) } catch {} }
      return { all: all.join(), statics: Reflect.ownKeys(key.constructor).filter((name) => !['length', 'name', 'prototype'].includes(name)) }`);
    expect(JSON.stringify(told)).not.toMatch(/secret key|YSB2ZXJ5|6120766572/);
    expect(told).toMatchObject({ statics: [] });
  });
});
