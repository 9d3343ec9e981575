import { BasesFile } from '../../../../src/contract/schema/policy-bases';
import { loadPolicy } from '../../../../src/config/policy-file';

const ALPINE = {
  name: 'alpine',
  source: 'docker.io/library/alpine',
  channel: { newest: '3.22.x' },
  signature: { kind: 'approval' },
};

const parse = (family: object): ReturnType<typeof BasesFile.safeParse> =>
  BasesFile.safeParse({ families: [{ ...ALPINE, ...family }] });

it('reads a family', () => {
  expect(parse({}).data).toEqual({
    families: [
      {
        name: 'alpine',
        source: { host: 'docker.io', repository: 'library/alpine' },
        channel: { kind: 'newest', pattern: '3.22.x' },
        signature: { kind: 'approval' },
      },
    ],
  });
});

it.each([
  ['a tag', { channel: { tag: 'nonroot' } }],
  ['a loopback registry', { source: '127.0.0.1:5000/alpine' }],
  ['a key', { signature: { kind: 'cosign-key', key: 'acme.pub' } }],
  [
    'an identity',
    {
      signature: {
        ...{ kind: 'cosign-keyless', identity: 'a@b.example', issuer: 'https://b.example' },
        trustedRoot: 'sigstore.json',
      },
    },
  ],
  [
    'keys of GPG',
    {
      signature: {
        ...{ kind: 'gpg-simple', keys: ['redhat.asc'], store: 'https://b.example/sigstore' },
        signedAs: 'registry.b.example/ubi',
      },
    },
  ],
])('takes %s', (_what, family) => {
  expect(parse(family).success).toBe(true);
});

it.each([
  ['a source without a host', { source: 'library/alpine' }, /not \{host\}/],
  ['a source of no repository', { source: 'docker.io/' }, /not \{host\}/],
  ['a URL', { source: 'https://docker.io/library/alpine' }, /not \{host\}/],
  ['a pattern of nothing', { channel: { newest: '3.22' } }, /not a pattern/],
  ['two channels', { channel: { newest: '3.x', tag: 'a' } }, /channel/],
  ['an unknown rule', { signature: { kind: 'trust-me' } }, /signature/],
  ['a key elsewhere', { signature: { kind: 'cosign-key', key: '../evil.pub' } }, /folder of trust/],
  ['no keys', { signature: { kind: 'gpg-simple', keys: [], store: 'https://a.b' } }, /keys/],
  ['a name with a slash', { name: 'a/b' }, /not a name/],
  ['an unknown field', { allow: true }, /allow/],
])('refuses %s', (_what, family, why) => {
  const { error } = parse(family);

  expect(JSON.stringify(error?.issues)).toMatch(why);
});

it('refuses two families of one name', () => {
  expect(BasesFile.safeParse({ families: [ALPINE, ALPINE] }).success).toBe(false);
});

it('allows the mirror of each family to builds, beside what is allowed by name', () => {
  const { policy } = loadPolicy('deploy/policy/default.yaml');
  const names = policy.bases?.families.map(({ name }) => name) ?? [];

  expect(names).toEqual(['static-debian13', 'base-debian13', 'ubi-minimal', 'alpine']);
  expect(policy.build.bases.allow).toEqual(
    expect.arrayContaining(['bases/go', 'bases/static', ...names.map((name) => `bases/${name}`)]),
  );
  expect(new Set(policy.build.bases.allow).size).toBe(policy.build.bases.allow.length);
});
