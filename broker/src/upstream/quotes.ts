const shortest = 8;

/**
 * Whether `message` repeats eight characters or more of what the upstream said or of a token. What the script's own source
 * says counts as the author's words, so that "required" in an answer does not silence "Missing required fields".
 */
export function quotes(
  message: string,
  { secretTexts, ownText }: { secretTexts: readonly string[]; ownText: string },
): boolean {
  const text = message.toLowerCase();
  const own = ownText.toLowerCase();
  const secrets = secretTexts.filter((secret) => secret.length >= shortest).map((secret) => secret.toLowerCase());
  if (secrets.length === 0) return false;
  for (let start = 0; start + shortest <= text.length; start += 1) {
    const part = text.slice(start, start + shortest);
    if (!own.includes(part) && secrets.some((secret) => secret.includes(part))) return true;
  }
  return false;
}
