import {
  readEvidence,
  writeEvidence,
  type EvidenceBody,
} from '../../../../src/contract/schema/evidence';

const digest = (letter: string): `sha256:${string}` => `sha256:${letter.repeat(64)}`;
const BODY: EvidenceBody = {
  manifests: [{ digest: digest('a'), mediaType: 'a/b', data: Buffer.from('{"a":1}') }],
  blobs: [
    { digest: digest('b'), data: Buffer.from([0, 255, 10]) },
    { digest: digest('c'), data: Buffer.of() },
  ],
  referrers: [{ subject: digest('a'), data: Buffer.from('[]') }],
  truncated: [digest('d')],
};

it('reads what was written, byte for byte', () => {
  const bytes = writeEvidence(BODY);

  const read = readEvidence(bytes);

  expect(read).toEqual(BODY);
});

it.each([
  ['nothing', (): Buffer => Buffer.of()],
  ['JSON, as it was before', (): Buffer => Buffer.from('{"manifests":[]}')],
  ['less than it tells of', (all: Buffer): Buffer => all.subarray(0, all.length - 1)],
  ['more than it tells of', (all: Buffer): Buffer => Buffer.concat([all, Buffer.of(1)])],
  [
    'a table that is longer than all of it',
    (all: Buffer): Buffer => Buffer.concat([Buffer.from([255, 255, 255, 255]), all.subarray(4)]),
  ],
])('refuses %s', (_, forge) => {
  const bytes = forge(writeEvidence(BODY));

  expect(() => readEvidence(bytes)).toThrow();
});
