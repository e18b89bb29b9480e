/** A name, or an address of a grant type; whatever we hand out is longer than the one and not written like the other. */
const ordinary = /^(?:[\w-]{1,40}|(?:urn|https?):[a-z0-9:/._-]{1,100})$/;

/**
 * What a request sent in the place of a name, as errors and logs repeat it. A form whose `&` is missing has a secret in
 * that place: nothing is repeated that does not look like a name.
 */
export const repeatable = (text: string): string => (ordinary.test(text) ? text : '(unreadable)');
