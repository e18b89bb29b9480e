import { Type } from '@sinclair/typebox';
import { flag, text, time } from './shapes.ts';

export const signingKeyAnswer = Type.Object(
  {
    kid: text(),
    cert: text('PEM.'),
    pkcs7: text('PEM.'),
    current: flag('Whether tokens are signed with it.'),
    next: flag('Whether it follows at the next rotation.'),
    previous: flag('Whether tokens that it has signed are still valid.'),
    fingerprint: text('SHA-1 of the certificate, with colons.'),
    thumbprint: text('SHA-1 of the certificate, without colons.'),
    current_since: Type.Optional(time()),
    current_until: Type.Optional(time()),
    revoked: flag(),
  },
  { $id: 'SigningKey' },
);
export const signingKeyList = Type.Array(signingKeyAnswer);
export const certifiedKeyAnswer = Type.Object({ kid: text(), cert: text('PEM.') }, { $id: 'CertifiedKey' });
