import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { type Identity, issueAuthority, issueServer, type Names } from './issue.ts';

/*
 * tls/: certificates for development. A local authority is made once and kept in a directory; it signs the server's
 * certificate, which is renewed before it ends. Certificates that an operator brings are none of its business.
 */

export type SelfSigned = {
  /** PEM, the authority's certificate included. */
  readonly cert: string;
  readonly key: string;
  /** What browsers and Node.js are told to trust. */
  readonly authorityFile: string;
  /** From then on, open again to get a new one. */
  readonly renewAt: Date;
};

export type SelfSignedPlace = {
  /** Made with mode 0700. */
  readonly directory: string;
  /** What the server is called; the first one stands in the certificate's subject. */
  readonly names: Names;
};

const authorityDays = 3650;
const serverDays = 90;
const renewDaysBefore = 30;

/** The certificate that is there, or a new one; an authority that may vouch for the names is never replaced. */
export function openSelfSigned({ directory, names }: SelfSignedPlace, now: Date): SelfSigned {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const [authorityFiles, serverFiles] = [filesOf(directory, 'authority'), filesOf(directory, 'server')];
  const isGood = ({ certificate }: Identity) => renewAt(certificate) > now && isFor(certificate, names);
  const foundAuthority = find(authorityFiles);
  const authority =
    foundAuthority !== undefined && isGood(foundAuthority)
      ? foundAuthority
      : keep(authorityFiles, issueAuthority(names, period(now, authorityDays)));
  const foundServer = find(serverFiles);
  const server =
    foundServer !== undefined && isGood(foundServer) && isSignedBy(foundServer, authority)
      ? foundServer
      : keep(serverFiles, issueServer(authority, names, period(now, serverDays)));
  return {
    cert: server.certificate.toString() + authority.certificate.toString(),
    key: keyToPem(server),
    authorityFile: authorityFiles.certificate,
    renewAt: renewAt(server.certificate),
  };
}

type Files = { readonly certificate: string; readonly key: string };

const filesOf = (directory: string, name: string): Files => ({
  certificate: join(directory, `${name}.pem`),
  key: join(directory, `${name}-key.pem`),
});

/** undefined also where a write was cut short: a certificate without its key is of no use. */
function find(files: Files): Identity | undefined {
  if (!existsSync(files.certificate) || !existsSync(files.key)) return undefined;
  const certificate = new X509Certificate(readFileSync(files.certificate));
  const privateKey = createPrivateKey(readFileSync(files.key));
  return certificate.checkPrivateKey(privateKey) ? { certificate, privateKey } : undefined;
}

function keep(files: Files, identity: Identity): Identity {
  replace(files.key, keyToPem(identity), 0o600);
  replace(files.certificate, identity.certificate.toString(), 0o644);
  return identity;
}

function replace(file: string, text: string, mode: number): void {
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, text, { mode });
  renameSync(aside, file);
}

const isSignedBy = ({ certificate }: Identity, authority: Identity): boolean =>
  certificate.verify(authority.certificate.publicKey);

const isFor = (certificate: X509Certificate, names: Names): boolean =>
  names.every((name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined);

const keyToPem = ({ privateKey }: Identity): string => privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

const dayMs = 86_400_000;
const renewAt = ({ validToDate }: X509Certificate): Date => new Date(validToDate.getTime() - renewDaysBefore * dayMs);
/** From a day ago: clocks of machines and containers that were asleep are behind. */
const period = (now: Date, days: number) => ({
  from: new Date(now.getTime() - dayMs),
  until: new Date(now.getTime() + days * dayMs),
});
