const TELLING_PARTS = [
  'accesskey',
  'apikey',
  'authorization',
  'cookie',
  'credential',
  'csrf',
  'jwt',
  'passphrase',
  'passwd',
  'password',
  'privatekey',
  'secret',
  'sessid',
  'session',
  'signature',
  'token',
  'xsrf',
];
const TELLING_WORDS = new Set(['auth', 'bearer', 'otp', 'pass', 'pin', 'pwd', 'sid', 'sig']);

/** Whether what bears this name (of a header, a parameter, a JSON member) is better not shown. */
export function looksSecret(name: string): boolean {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const joined = words.join('');
  return (
    TELLING_PARTS.some((part) => joined.includes(part)) ||
    words.some((word) => TELLING_WORDS.has(word))
  );
}
