import { textReply } from '../http/reply.ts';
import type { HttpReply } from '../http/route.ts';
import type { Keys } from './keys.ts';

const pem = 'application/x-pem-file';
const certificate = 'application/x-x509-ca-cert';

/**
 * `/pem`, `/cer` and `/rawpem`: the certificate of the key that signs now, as PEM, for programs that are given a file in
 * place of the key set. The first two are for people to save.
 */
export const certificates = (keys: Keys) => {
  const answer = (headers: HttpReply['headers']) => async (): Promise<HttpReply> =>
    textReply(200, toPem((await keys.read()).certificate), { 'cache-control': 'public, max-age=15', ...headers });
  return {
    pem: answer({ 'content-type': pem, 'content-disposition': 'attachment; filename="portico.pem"' }),
    cer: answer({ 'content-type': certificate, 'content-disposition': 'attachment; filename="portico.cer"' }),
    rawpem: answer({}),
  };
};

/** RFC 7468: lines of 64 characters. */
const toPem = (base64: string): string =>
  `-----BEGIN CERTIFICATE-----\n${(base64.match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
