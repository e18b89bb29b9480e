import { X509Certificate } from 'node:crypto';
import { integer, oid, sequence, set, tagged } from '../../core/der.ts';
import type { StoredKey } from '../../core/key.ts';

/** A signing key as Auth0's Management API shows it; fingerprint and thumbprint are the certificate's SHA-1. */
export function signingKeyToWire(key: StoredKey) {
  const certificate = certificateOf(key);
  return {
    kid: key.id,
    cert: toPem(certificate.raw, 'CERTIFICATE'),
    pkcs7: toPem(certificatesOnly(certificate.raw), 'PKCS7'),
    current: key.state === 'current',
    next: key.state === 'next',
    previous: key.state === 'previous',
    fingerprint: certificate.fingerprint,
    thumbprint: certificate.fingerprint.replaceAll(':', ''),
    ...(key.currentSince === undefined ? {} : { current_since: key.currentSince.toISOString() }),
    ...(key.currentUntil === undefined ? {} : { current_until: key.currentUntil.toISOString() }),
    revoked: false,
  };
}

/** What rotating and revoking answer. */
export const certifiedKeyToWire = (key: StoredKey) => ({
  cert: toPem(certificateOf(key).raw, 'CERTIFICATE'),
  kid: key.id,
});

const certificateOf = ({ publicJwk: { x5c } }: StoredKey): X509Certificate =>
  new X509Certificate(Buffer.from(Array.isArray(x5c) ? String(x5c[0]) : '', 'base64'));

/** Signed data that carries a certificate and signs nothing (RFC 2315 §9.1). */
const certificatesOnly = (certificate: Buffer): Buffer =>
  sequence(
    oid('2a864886f70d010702'),
    tagged(
      0xa0,
      sequence(integer(Buffer.from([1])), set(), sequence(oid('2a864886f70d010701')), tagged(0xa0, certificate), set()),
    ),
  );

/** RFC 7468: lines of 64 characters. */
const toPem = (der: Buffer, label: string): string =>
  `-----BEGIN ${label}-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;
