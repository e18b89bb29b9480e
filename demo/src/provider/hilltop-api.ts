import { Router } from 'express';
import { guarded } from './access.ts';
import type { Grants } from './grants.ts';

type ApiDeps = { readonly grants: Grants; readonly publicUrl: string };

/** `/users/me`, with other field names and with the user's id as a JSON number of any length. */
export function hilltopApi({ grants, publicUrl }: ApiDeps): Router {
  const guard = guarded(grants, 'hilltop');
  const router = Router();

  router.get(
    '/hulu/v1/users/me',
    guard('user:basic', ({ person, scopes }) => {
      const rest = JSON.stringify({
        userName: person.name,
        ...(scopes.includes('user:email') ? { userEmail: person.email } : {}),
        profileImage: `${publicUrl}/avatars/${person.username}.svg`,
      });
      // Written by hand: as a JavaScript number the last digit of a long id would be lost.
      return `{"userId":${person.accountNumber},${rest.slice(1)}`;
    }),
  );

  router.get(
    '/hulu/v1/users/me/watch-history',
    guard('watch:history', ({ person }) => ({
      entries: person.history.map(({ titleId, title, date }) => ({ contentId: titleId, name: title, seenAt: date })),
    })),
  );

  return router;
}
