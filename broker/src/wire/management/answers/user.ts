import { type TProperties, Type } from '@sinclair/typebox';
import { arrayOf, count, flag, open, orPart, pageWithTotals, text, time } from './shapes.ts';

const maybe = Type.Optional;

const identity = Type.Object(
  {
    connection: text('Its name.'),
    provider: text('The strategy.'),
    user_id: text('The name of the connection and the id at the provider.'),
    isSocial: flag(),
    profileData: maybe(open('What the provider said, where it is not the user’s own profile.')),
    access_token: maybe(text('The provider’s, with read:user_idp_tokens, as the other tokens.')),
    refresh_token: maybe(text()),
    expires_at: maybe(count('When the access token ends, in seconds since 1970.')),
  },
  { $id: 'UserIdentity', description: 'A way in: who a user is at one connection.' },
);
export const identityList = Type.Array(identity, { description: 'The first one gave the user its id.' });

/** Attributes of a profile: a provider may say anything under these names. */
const attribute = (description?: string) => maybe(Type.Unknown(description === undefined ? {} : { description }));

const properties: TProperties = {
  user_id: text('oauth2|connection|id at the provider.'),
  identities: identityList,
  email: attribute('A text, like the next ones, where the profile has it.'),
  email_verified: attribute('A boolean.'),
  name: attribute(),
  given_name: attribute(),
  family_name: attribute(),
  nickname: attribute(),
  picture: attribute(),
  created_at: time(),
  updated_at: time(),
  logins_count: count(),
  last_login: maybe(time()),
  last_ip: maybe(text()),
  blocked: maybe(flag('Not there: no.')),
  user_metadata: maybe(open('Not there: empty.')),
  app_metadata: maybe(open('Not there: empty.')),
};

export const userAnswer = Type.Object(properties, {
  $id: 'User',
  additionalProperties: true,
  description: 'A person. Other attributes of the profile stand beside these.',
});
export const userOrPart = orPart(userAnswer);
export const userArray = Type.Array(userOrPart);
export const userList = Type.Union([
  arrayOf(userOrPart),
  pageWithTotals('users', userOrPart, { length: count('How many the page has.') }),
]);
