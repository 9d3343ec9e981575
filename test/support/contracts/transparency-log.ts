import { KEY_IDS, type Statement, type TransparencyLog } from '../../../src/ports/signer';

interface BundleJson {
  verificationMaterial: { tlogEntries: { logIndex?: string }[] };
}

const pin = (n: number): Statement => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ digest: { sha256: `${n}`.repeat(64) } }],
  predicateType: 'https://example.invalid/pin/v1',
  predicate: { n },
});

/** What every TransparencyLog does. */
export function describeTransparencyLogContract(
  name: string,
  create: () => TransparencyLog | Promise<TransparencyLog>,
): void {
  describe(`${name} keeps the contract of TransparencyLog`, () => {
    it('gives every entry an index of its own, rising, and a bundle that holds it', async () => {
      const log = await create();
      const keyId = KEY_IDS.release('eu-west-1');

      const first = await log.append(keyId, pin(1));
      const second = await log.append(keyId, pin(2));

      expect(BigInt(second.index)).toBeGreaterThan(BigInt(first.index));
      for (const { index, bundle } of [first, second]) {
        const { tlogEntries } = (JSON.parse(bundle.toString()) as BundleJson).verificationMaterial;
        // Protobuf's JSON leaves a zero out.
        expect(tlogEntries.map((entry) => entry.logIndex ?? '0')).toEqual([index]);
      }
      await expect(log.ping()).resolves.toBeUndefined();
    });
  });
}
