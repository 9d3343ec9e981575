import { KEY_IDS, PREDICATE_TYPES, type Signer, type Statement } from '../../../src/ports/signer';

interface BundleJson {
  dsseEnvelope: { payload: string; signatures: { sig: string }[] };
  verificationMaterial: { tlogEntries: unknown[] };
}

const hex = 'a'.repeat(64);
const statement: Statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ digest: { sha256: hex } }],
  predicateType: PREDICATE_TYPES.provenance,
  predicate: { buildDefinition: { buildType: 'test' } },
};
const release = KEY_IDS.release('eu-west-1');

function edited(bundle: Buffer, edit: (json: BundleJson) => void): Buffer {
  const json = JSON.parse(bundle.toString()) as BundleJson;
  edit(json);
  return Buffer.from(JSON.stringify(json));
}

/** What every Signer does; `log` says whether the one under test has a transparency log. */
export function describeSignerContract(
  name: string,
  log: boolean,
  create: () => Signer | Promise<Signer>,
): void {
  describe(`${name} keeps the contract of Signer`, () => {
    const expected = {
      subject: `sha256:${hex}` as const,
      predicateType: PREDICATE_TYPES.provenance,
      log,
    };
    const invalid = { code: 'SIGNATURE_INVALID' };
    let signer: Signer;
    let bundle: Buffer;
    beforeAll(async () => {
      signer = await create();
      bundle = await signer.sign(release, statement, log);
    });

    it('verifies what it signed and gives the statement back', async () => {
      const verified = await signer.verify(release, bundle, expected);

      expect(verified.statement).toEqual(statement);
      expect(verified.logIndex).toEqual(log ? expect.stringMatching(/^\d+$/) : null);
    });

    it('refuses another subject', async () => {
      const other = { ...expected, subject: `sha256:${'b'.repeat(64)}` as const };

      await expect(signer.verify(release, bundle, other)).rejects.toMatchObject(invalid);
    });

    it('refuses another predicate type', async () => {
      const other = { ...expected, predicateType: PREDICATE_TYPES.signature };

      await expect(signer.verify(release, bundle, other)).rejects.toMatchObject(invalid);
    });

    it('refuses another key', async () => {
      await expect(signer.verify(KEY_IDS.bases, bundle, expected)).rejects.toMatchObject(invalid);
    });

    it('refuses a payload that was changed after signing', async () => {
      const forged = edited(bundle, (json) => {
        const text = Buffer.from(json.dsseEnvelope.payload, 'base64').toString();
        const changed = text.replace('"test"', '"evil"');
        json.dsseEnvelope.payload = Buffer.from(changed).toString('base64');
      });

      await expect(signer.verify(release, forged, expected)).rejects.toMatchObject(invalid);
    });

    it('refuses a second signature beside the first', async () => {
      const doubled = edited(bundle, ({ dsseEnvelope }) => {
        dsseEnvelope.signatures.push(dsseEnvelope.signatures[0]!);
      });

      await expect(signer.verify(release, doubled, expected)).rejects.toMatchObject(invalid);
    });

    it('refuses what is no bundle', async () => {
      for (const bytes of ['', 'no json', '{}', '{"dsseEnvelope":7}']) {
        await expect(signer.verify(release, Buffer.from(bytes), expected)).rejects.toMatchObject(
          invalid,
        );
      }
    });

    const itWithLog = log ? it : it.skip;
    itWithLog('refuses a signature outside the log where the log is required', async () => {
      const unlogged = edited(bundle, (json) => {
        json.verificationMaterial.tlogEntries = [];
      });

      await expect(
        signer.verify(release, unlogged, { ...expected, log: true }),
      ).rejects.toMatchObject(invalid);
    });
  });
}
