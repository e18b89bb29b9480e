/** Where a request came from, as far as it says. */
export type Sighting = { readonly ip: string | undefined; readonly userAgent: string | undefined };

/** Where something was begun, and where it was last used. */
export type Device = { readonly initial: Sighting; readonly last: Sighting };

/** Texts that administrators and scripts keep with a session or a refresh token. */
export type Metadata = Readonly<Record<string, string>>;
