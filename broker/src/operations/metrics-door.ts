import ipaddr from 'ipaddr.js';
import { isSameText, type Secret } from '../core/secret.ts';
import { jsonReply } from '../http/reply.ts';
import { type HttpReply, type HttpRequest, header } from '../http/route.ts';

/** `token` undefined: for this machine alone, while Portico is called by a name of this machine. */
export type MetricsDoor = { readonly token: Secret | undefined; readonly issuerUrl: string };

/** What answers those who may not read the metrics; undefined: they may. */
export function findRefusal({ token, issuerUrl }: MetricsDoor, request: HttpRequest): HttpReply | undefined {
  if (token === undefined) {
    // A proxy on the same machine comes from here too; where there is one, Portico is called by another name.
    const isOwn = isLoopbackName(new URL(issuerUrl).hostname) && isLoopback(request.ip);
    return isOwn ? undefined : jsonReply(404, { error: 'not_found' });
  }
  const [, given] = /^Bearer ([^ ]+)$/i.exec(header(request, 'authorization') ?? '') ?? [];
  const isGood = given !== undefined && isSameText(given, token.reveal());
  return isGood ? undefined : jsonReply(401, { error: 'invalid_token' }, { 'www-authenticate': 'Bearer' });
}

const isLoopback = (ip: string): boolean => ipaddr.isValid(ip) && ipaddr.process(ip).range() === 'loopback';

const isLoopbackName = (hostname: string): boolean =>
  /(^|\.)localhost$/.test(hostname) || isLoopback(hostname.replace(/^\[|\]$/g, ''));
