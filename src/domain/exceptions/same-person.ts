/** What is not seen, and what is written in several ways, does not tell people apart. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .trim()
    .toLowerCase();
}

/** `oidc:user:alice`, `CORP\alice`, `alice+work@example.com` and `Alice Doe <alice@example.com>` may all be `alice`. */
function namesOf(text: string): readonly string[] {
  const whole = plain(text);
  const [, shown = '', address = ''] = /^([^<]*)<([^<>]*)>$/.exec(whole) ?? [];
  const names = [whole, shown.trim(), address.trim()].flatMap((name) => [
    name,
    name.replace(/^.*[:\\/]/, ''),
  ]);
  return names
    .flatMap((name) => [name, name.split('@')[0] ?? ''])
    .flatMap((name) => [name, name.split('+')[0] ?? ''])
    .filter((name) => name !== '');
}

/**
 * Whether two names may be one person's: in other letters, as a user, or by an address. Four eyes are asked for where this is false,
 * so that in doubt it is true: `alice@one.example` may be `alice@two.example`.
 */
export function mayBeSamePerson(one: string, other: string): boolean {
  const others = namesOf(other);
  return namesOf(one).some((name) => others.includes(name));
}
