import { Router } from 'express';
import { guarded } from './access.ts';
import type { Grant, Grants } from './grants.ts';
import type { Viewing } from './viewings.ts';

type ApiDeps = { readonly grants: Grants; readonly publicUrl: string };

const mayReadEmail = (grant: Grant): boolean => grant.scopes.includes('user.email');

const viewedItem = ({ titleId, title, seriesTitle, date, durationSeconds }: Viewing) => ({
  titleId,
  title,
  date,
  duration: durationSeconds,
  seriesTitle,
});

/** A non-negative integer, or the fallback. */
function count(value: string | null, fallback: number): number {
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) : fallback;
}

/** `/users/current` and its viewing activity; `/users/me` with history and preferences for simpler scripts. */
export function streamlineApi({ grants, publicUrl }: ApiDeps): Router {
  const guard = guarded(grants, 'streamline');
  const router = Router();

  router.get(
    '/netflix/v1/users/current',
    guard('user.read', (grant) => {
      const { person } = grant;
      return {
        accountId: person.accountNumber,
        profileId: person.profileId,
        displayName: person.name,
        profileName: person.profileName,
        ...(mayReadEmail(grant) ? { email: person.email, emailVerified: person.isEmailVerified } : {}),
        avatar: { url: `${publicUrl}/avatars/${person.username}.svg` },
        language: person.language,
        countryCode: person.countryCode,
        planType: person.plan,
        maturityLevel: person.maturityLevel,
        preferences: { genres: person.genres },
        membershipStartDate: person.memberSince,
      };
    }),
  );

  router.get(
    '/netflix/v1/users/current/viewing-activity',
    guard('viewing.history', ({ person }, query) => {
      const limit = Math.min(Math.max(count(query.get('limit'), 20), 1), 100);
      const page = count(query.get('pg'), 0);
      const items = person.history.slice(page * limit, (page + 1) * limit);
      return { viewedItems: items.map(viewedItem), pg: page, limit, total: person.history.length };
    }),
  );

  router.get(
    '/netflix/v1/users/me',
    guard('user.read', (grant) => {
      const { person } = grant;
      return {
        id: person.accountNumber,
        ...(mayReadEmail(grant) ? { email: person.email, email_verified: person.isEmailVerified } : {}),
        display_name: person.name,
        avatar_url: `${publicUrl}/avatars/${person.username}.svg`,
        subscription: { plan: person.plan },
        created_at: person.memberSince,
      };
    }),
  );

  router.get(
    '/netflix/v1/users/me/history',
    guard('viewing.history', ({ person }) => ({ items: person.history.map(viewedItem) })),
  );

  router.get(
    '/netflix/v1/users/me/preferences',
    guard('user.read', ({ person }) => ({ genres: person.genres, maturity_level: person.maturityLevel })),
  );

  return router;
}
