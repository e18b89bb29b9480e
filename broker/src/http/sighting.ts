import type { Sighting } from '../core/device.ts';
import { type HttpRequest, header } from './route.ts';

/** As much of a user agent as anybody reads. */
const maxLength = 256;

/** What a request says about the device that it comes from. */
export const sightingOf = (request: HttpRequest): Sighting => ({
  ip: request.ip,
  userAgent: header(request, 'user-agent')?.slice(0, maxLength),
});
