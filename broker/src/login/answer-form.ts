import type { PageFrame } from '../http/page-frame.ts';
import { renderHandoff } from '../http/page-handoff.ts';
import { pageReply } from '../http/reply.ts';
import type { HttpReply } from '../http/route.ts';

/** What answers a form of ours: the form's policy reaches redirects too, so a page leads on instead. */
export function leadOn(
  reply: HttpReply,
  { frame, name }: { readonly frame: PageFrame; readonly name: string },
): HttpReply {
  const { location, 'set-cookie': cookies = [] } = reply.headers;
  if (typeof location !== 'string') return reply;
  return pageReply(200, renderHandoff({ frame, href: location, name }), [cookies].flat());
}
