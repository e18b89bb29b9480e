import { hash } from 'node:crypto';

/** What we hand out is kept as its SHA-256 (base64url). The value has 256 random bits, so no salt is needed. */
export const hashHandle = (handle: string): string => hash('sha256', handle, 'base64url');
