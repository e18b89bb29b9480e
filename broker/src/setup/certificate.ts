import { type KeyObject, randomBytes } from 'node:crypto';

/*
 * The self-signed certificate around a signing key, which x5c and x5t are made from (RFC 5280 §4.1). Nobody trusts it as
 * a certificate; clients that read x5c take the key out of it. Node has no call that makes one, and the DER of this one
 * shape is shorter than a dependency.
 */

type Certificate = {
  readonly publicKey: KeyObject;
  readonly name: string;
  readonly now: Date;
  readonly sign: (data: Buffer) => Buffer;
};

const lifetimeYears = 13;

export function selfSignedCertificate({ publicKey, name, now, sign }: Certificate): Buffer {
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + lifetimeYears);
  const subject = sequence(set(sequence(oid('550403'), tagged(0x0c, Buffer.from(name.slice(0, 64))))));
  const algorithm = sequence(oid('2a864886f70d01010b'), tagged(0x05, Buffer.alloc(0)));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial()),
    algorithm,
    subject,
    sequence(time(now), time(until)),
    subject,
    publicKey.export({ format: 'der', type: 'spki' }),
  );
  return sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), sign(body)])));
}

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  if (bytes < 0x100) return Buffer.from([0x81, bytes]);
  return Buffer.from([0x82, bytes >> 8, bytes & 0xff]);
}

const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
const set = (...parts: Buffer[]): Buffer => tagged(0x31, Buffer.concat(parts));
const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'));
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes);

/** Positive and not zero: the first byte lies between 0x40 and 0x7f. */
function serial(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

/** UTCTime up to 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
function time(at: Date): Buffer {
  const text = `${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  return at.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(text.slice(2))) : tagged(0x18, Buffer.from(text));
}
