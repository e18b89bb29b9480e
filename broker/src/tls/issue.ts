import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { bits, commonName, integer, octets, oid, sequence, serialNumber, tagged, time } from '../core/der.ts';

/*
 * An authority and certificates that it signs (RFC 5280 §4.2), with keys on P-256: what Node and every browser accept.
 * The authority may vouch for the given names only, so whoever steals its key cannot stand between people and their bank.
 */

/** Host names and IP addresses. */
export type Names = readonly string[];

export type Identity = { readonly privateKey: KeyObject; readonly certificate: X509Certificate };

export function issueAuthority(names: Names, period: Period): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serial = randomBytes(16);
  const subject = commonName(`Portico development authority ${serial.toString('hex', 0, 4)}`);
  const extensions = [
    critical('551d13', sequence(yes)),
    critical('551d0f', bits(Buffer.from([0b0000_0110]), 1)),
    critical('551d1e', sequence(tagged(0xa0, Buffer.concat(names.map((name) => sequence(subtree(name))))))),
    // Said once more where Node can read it back.
    extension('551d11', sequence(...names.map(generalName))),
    extension('551d0e', octets(keyIdentifier(publicKey))),
  ];
  const body = { serial, issuer: subject, subject, publicKey, extensions, period };
  return { privateKey, certificate: signed(body, privateKey) };
}

export function issueServer(authority: Identity, names: Names, period: Period): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const extensions = [
    critical('551d13', sequence()),
    critical('551d0f', bits(Buffer.from([0b1000_0000]), 7)),
    extension('551d25', sequence(oid('2b06010505070301'))),
    extension('551d11', sequence(...names.map(generalName))),
    extension('551d23', sequence(tagged(0x80, keyIdentifier(authority.certificate.publicKey)))),
  ];
  const issuer = commonName(commonNameOf(authority.certificate));
  const body = {
    serial: randomBytes(16),
    issuer,
    subject: commonName(names[0] ?? ''),
    publicKey,
    extensions,
    period,
  };
  return { privateKey, certificate: signed(body, authority.privateKey) };
}

export type Period = { readonly from: Date; readonly until: Date };

type Body = {
  readonly serial: Buffer;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly period: Period;
};

function signed({ serial, issuer, subject, publicKey, extensions, period }: Body, key: KeyObject): X509Certificate {
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    serialNumber(serial),
    ecdsaWithSha256,
    issuer,
    sequence(time(period.from), time(period.until)),
    subject,
    publicKey.export({ format: 'der', type: 'spki' }),
    tagged(0xa3, sequence(...extensions)),
  );
  return new X509Certificate(sequence(body, ecdsaWithSha256, bits(sign('sha256', body, key))));
}

const yes = tagged(0x01, Buffer.from([0xff]));
const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), octets(value));
const critical = (id: string, value: Buffer): Buffer => sequence(oid(id), yes, octets(value));

const generalName = (name: string): Buffer =>
  isIP(name) === 0 ? tagged(0x82, Buffer.from(name)) : tagged(0x87, addressBytes(name));

/** For an address the mask follows, here of one address. */
const subtree = (name: string): Buffer =>
  isIP(name) === 0
    ? generalName(name)
    : tagged(0x87, Buffer.concat([addressBytes(name), Buffer.alloc(isIP(name) === 4 ? 4 : 16, 0xff)]));

const addressBytes = (address: string): Buffer => Buffer.from(ipaddr.parse(address).toByteArray());

/** RFC 5280 §4.2.1.2; any value that is unique will do. */
const keyIdentifier = (key: KeyObject): Buffer =>
  createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest()
    .subarray(0, 20);

const commonNameOf = ({ subject }: X509Certificate): string => /^CN=(.*)$/m.exec(subject)?.[1] ?? '';
