import { pinBase, refuseBases, type PinnedBase } from '../../../src/domain/bases';

const digest = `sha256:${'a'.repeat(64)}` as const;
const pinned: PinnedBase = { repository: 'bases/go', digest };
const policy = { allow: ['bases/go', 'bases/static'], signatureRequired: true };

describe('pinBase', () => {
  const catalogue = { 'bases/go': pinned };

  it.each(['bases/go', `bases/go@${digest}`])('pins %s', (image) => {
    expect(pinBase(image, catalogue)).toBe(pinned);
  });

  it.each([
    'bases/go:1.26',
    `bases/go@sha256:${'b'.repeat(64)}`,
    'bases/other',
    'docker.io/bases/go',
    'constructor',
    'toString',
  ])('has no pin for %s', (image) => {
    expect(pinBase(image, catalogue)).toBeNull();
  });
});

describe('refuseBases', () => {
  it('accepts an allow-listed base that is pinned and signed', () => {
    expect(refuseBases([{ name: 'bases/go', pinned, signed: true }], policy)).toEqual([]);
  });

  it('names each base that fails, and why', () => {
    const refusals = refuseBases(
      [
        { name: 'alpine', pinned: null, signed: false },
        { name: 'bases/static', pinned: null, signed: false },
        { name: 'bases/go', pinned, signed: false },
      ],
      policy,
    );

    expect(refusals.map((one) => one.code)).toEqual(Array(3).fill('BASE_REFUSED'));
    expect(refusals.map((one) => one.message)).toEqual([
      expect.stringMatching(/"alpine" is not on the allow-list/),
      expect.stringMatching(/"bases\/static" is not pinned/),
      expect.stringMatching(/bases\/go@sha256:a+ has no valid signature/),
    ]);
  });

  it('judges by the repository it is pinned to, not by the name in the Dockerfile', () => {
    const moved = { repository: 'elsewhere/go', digest } as const;

    const [refusal] = refuseBases([{ name: 'bases/go', pinned: moved, signed: true }], policy);

    expect(refusal?.message).toMatch(/not on the allow-list/);
  });

  it('wants no signature where the policy wants none', () => {
    const relaxed = { ...policy, signatureRequired: false };

    expect(refuseBases([{ name: 'bases/go', pinned, signed: false }], relaxed)).toEqual([]);
  });
});
