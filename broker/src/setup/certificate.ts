import { type KeyObject, randomBytes } from 'node:crypto';
import { bits, commonName, integer, oid, sequence, serialNumber, tagged, time } from '../core/der.ts';

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
  const subject = commonName(name);
  const algorithm = sequence(oid('2a864886f70d01010b'), tagged(0x05, Buffer.alloc(0)));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    serialNumber(randomBytes(16)),
    algorithm,
    subject,
    sequence(time(now), time(until)),
    subject,
    publicKey.export({ format: 'der', type: 'spki' }),
  );
  return sequence(body, algorithm, bits(sign(body)));
}
