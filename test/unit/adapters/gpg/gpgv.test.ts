import { dearmorKeys } from '../../../../src/adapters/gpg/armor';
import { createGpgv, signerOf } from '../../../../src/adapters/gpg/gpgv';

const FPR = '4AB2A34F78133DFA5550A07F65015C9316829F41';
const VALID = `VALIDSIG ${FPR} 2026-11-30 1796041899 0 4 0 22 8 00 ${FPR}`;
const GOOD = ['PLAINTEXT 62 1796041899 p.json', 'NEWSIG', `GOODSIG 65015C9316829F41 V`, VALID];

const statusOf = (lines: readonly string[]): string =>
  lines.map((line) => `[GNUPG:] ${line}\n`).join('');

it('names the primary key of the one good signature', () => {
  expect(signerOf({ code: 0, status: statusOf(GOOD) })).toBe(FPR);
});

it.each([
  ['an exit code', 1, GOOD],
  ['a bad signature', 0, [...GOOD.slice(0, 2), 'BADSIG 65015C9316829F41 V']],
  ['a bad one beside a good one', 0, [...GOOD, 'NEWSIG', 'BADSIG 65015C9316829F41 V']],
  ['two good ones', 0, [...GOOD, ...GOOD.slice(1)]],
  ['a key that has expired', 0, [...GOOD.slice(0, 2), 'EXPKEYSIG 65015C9316829F41 V', VALID]],
  ['a signature that has', 0, [...GOOD, 'EXPSIG 65015C9316829F41 V']],
  ['a key that was revoked', 0, [...GOOD.slice(0, 2), 'REVKEYSIG 65015C9316829F41 V', VALID]],
  ['an unknown key', 0, [...GOOD.slice(0, 2), 'ERRSIG 65015C9316829F41 22 8 00 1 9']],
  ['a second text', 0, ['PLAINTEXT 62 0 x', ...GOOD]],
  ['nothing', 0, []],
  ['what only looks like a status', 0, [...GOOD.slice(0, 3)]],
])('names nobody for %s', (_what, code, lines) => {
  expect(signerOf({ code, status: statusOf(lines) })).toBeNull();
});

it('takes keys out of their armor, several and with headers', () => {
  const block = (bytes: string, headers = ''): string =>
    `-----BEGIN PGP PUBLIC KEY BLOCK-----\n${headers}\n${Buffer.from(bytes).toString('base64')}\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n`;

  const ring = dearmorKeys(`text\r\n${block('one')}${block('two', 'Version: 1\n')}`);

  expect(ring.toString()).toBe('onetwo');
  expect(dearmorKeys('nothing')).toHaveLength(0);
});

it('says so when there is no gpgv', async () => {
  const check = createGpgv('/nonexistent/gpgv');

  await expect(check(Buffer.from('s'), Buffer.from('k'))).rejects.toMatchObject({
    code: 'BASE_REFUSED',
    details: { remedy: expect.stringContaining('install gpgv') as string },
  });
});
