import { readHistory, type Viewing } from './viewings.ts';

/** Somebody with an account at both services. All of it is made up, and the same at every start. */
export type Person = {
  readonly username: string;
  readonly password: string;
  readonly name: string;
  readonly profileName: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
  /** Digits only; two of these differ in the last digit, beyond what a double can tell apart. */
  readonly accountNumber: string;
  readonly profileId: string;
  readonly language: string;
  readonly countryCode: string;
  readonly plan: string;
  readonly maturityLevel: string;
  readonly genres: readonly string[];
  readonly memberSince: string;
  readonly hue: number;
  readonly history: readonly Viewing[];
};

export const people: readonly Person[] = [
  {
    username: 'mira',
    password: 'lantern-42',
    name: 'Mira Okafor',
    profileName: 'mira',
    email: 'mira.okafor@example.com',
    isEmailVerified: true,
    accountNumber: '10482211',
    profileId: 'p-1',
    language: 'en-GB',
    countryCode: 'GB',
    plan: 'premium',
    maturityLevel: 'adult',
    genres: ['Documentary', 'Science fiction'],
    memberSince: '2019-03-14',
    hue: 215,
    history: readHistory({ count: 7, from: 0 }),
  },
  {
    username: 'ines',
    password: 'harbour-17',
    name: 'Inês Duarte',
    profileName: 'ines-d',
    email: 'ines.duarte@example.com',
    isEmailVerified: true,
    accountNumber: '9007199254740993',
    profileId: 'p-2',
    language: 'pt-PT',
    countryCode: 'PT',
    plan: 'standard',
    maturityLevel: 'teen',
    genres: ['Drama', 'Comedy', 'Travel'],
    memberSince: '2021-11-02',
    hue: 335,
    // More than one page of 50.
    history: readHistory({ count: 64, from: 3 }),
  },
  {
    username: 'tomas',
    password: 'meadow-88',
    name: 'Tomáš Novák',
    profileName: 'tom',
    email: 'tomas.novak@example.com',
    isEmailVerified: false,
    accountNumber: '9007199254740992',
    profileId: 'p-3',
    language: 'cs-CZ',
    countryCode: 'CZ',
    plan: 'basic with adverts',
    maturityLevel: 'all ages',
    genres: ['Animation'],
    memberSince: '2024-06-30',
    hue: 30,
    history: readHistory({ count: 2, from: 5 }),
  },
  {
    username: 'yuki',
    password: 'pebble-05',
    name: 'Yuki Tanaka',
    profileName: 'yuki',
    email: 'yuki.tanaka@example.com',
    isEmailVerified: true,
    accountNumber: '30771904',
    profileId: 'p-4',
    language: 'ja-JP',
    countryCode: 'JP',
    plan: 'premium',
    maturityLevel: 'adult',
    genres: [],
    memberSince: '2026-01-05',
    hue: 150,
    // A new member has seen nothing yet.
    history: [],
  },
];
