import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSigstoreSigner } from '../../../../src/adapters/sigstore/sigstore-signer';
import { createThreadedVerifier } from '../../../../src/adapters/sigstore/threaded-verifier';
import type { Json } from '../../../../src/domain/verdict';
import { writeTrustedRoot } from '../../../../src/local/seed/trusted-root';
import { KEY_IDS, PREDICATE_TYPES, type Signer } from '../../../../src/ports/signer';
import { createFakeKeyManagement } from '../../../support/fakes/kms';
import { createOneLeafLog } from '../../../support/one-leaf-log';

const keyId = KEY_IDS.release('eu-west-1');
const subject = `sha256:${'c'.repeat(64)}` as const;
const LARGE: Json = { components: Array.from({ length: 20_000 }, (_, index) => `part ${index}`) };
const MAIN = join(__dirname, '../../../../src/main');
const THREAD = {
  entry: join(MAIN, 'verify-thread.ts'),
  execArgv: ['--require', join(__dirname, '../../../support/typescript-hook.cjs')],
};

let folder: string;
let signer: Signer;
let threaded: Pick<Signer, 'verify'>;
const here: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-sigstore-'));
  const trustedRootFile = join(folder, 'trusted_root.json');
  const { url: rekorUrl, publicKey: rekorPublicKey, hostname, witness } = createOneLeafLog();
  const start = '2026-01-01T00:00:00Z';
  await writeTrustedRoot({ file: trustedRootFile, rekorUrl, rekorPublicKey, hostname, start });
  const kms = createFakeKeyManagement();
  signer = createSigstoreSigner({ kms, witness, trustedRootFile });
  threaded = createThreadedVerifier({
    keys: kms,
    here: {
      verify: (id, bundle, expected) => {
        here.push(expected.predicateType);
        return signer.verify(id, bundle, expected);
      },
    },
    thread: { ...THREAD, trustedRootFile },
    readPredicates: [PREDICATE_TYPES.provenance],
  });
});
beforeEach(() => (here.length = 0));
afterAll(() => rm(folder, { recursive: true, force: true }));

function sign(predicateType: string, predicate: Json): Promise<Buffer> {
  const about = [{ digest: { sha256: 'c'.repeat(64) } }];
  const statement = { _type: 'https://in-toto.io/Statement/v1', subject: about } as const;
  return signer.sign(keyId, { ...statement, predicateType, predicate }, true);
}

const expected = { subject, predicateType: PREDICATE_TYPES.sbom, log: true };

it('gives the same answer for a large bundle but for what its statement says', async () => {
  const bundle = await sign(PREDICATE_TYPES.sbom, LARGE);

  const verified = await threaded.verify(keyId, bundle, expected);

  const whole = await signer.verify(keyId, bundle, expected);
  expect(verified).toEqual({ ...whole, statement: { ...whole.statement, predicate: null } });
  expect(here).toEqual([]);
});

it('keeps what is small, and what is read, in this thread', async () => {
  const { sbom, provenance } = PREDICATE_TYPES;
  const small = await sign(sbom, { parts: [] });
  const read = await sign(provenance, LARGE);

  await threaded.verify(keyId, small, expected);
  const verified = await threaded.verify(keyId, read, { ...expected, predicateType: provenance });

  expect(verified.statement.predicate).toEqual(LARGE);
  expect(here).toEqual([sbom, provenance]);
});

it('keeps no more than 256 KiB of bundles here in one turn', async () => {
  const { sbom } = PREDICATE_TYPES;
  const bundle = await sign(sbom, { parts: ['x'.repeat(75_000)] });
  const inOneTurn = (): Promise<unknown> =>
    Promise.all([1, 2, 3].map(() => threaded.verify(keyId, bundle, expected)));

  await inOneTurn();
  expect(here).toEqual([sbom, sbom]);
  await new Promise((resolve) => setImmediate(resolve));
  await inOneTurn();

  expect(here).toHaveLength(4);
});

it.each([
  ['about another digest', { ...expected, subject: `sha256:${'d'.repeat(64)}` as const }],
  ['of another type', { ...expected, predicateType: PREDICATE_TYPES.signature }],
])('refuses a large bundle %s as it would here', async (_, wrong) => {
  const bundle = await sign(PREDICATE_TYPES.sbom, LARGE);

  const refused = threaded.verify(keyId, bundle, wrong);

  await expect(refused).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
});

it('verifies by the keys of the moment', async () => {
  const bundle = await sign(PREDICATE_TYPES.sbom, LARGE);
  const other = createFakeKeyManagement();
  const stranger = createThreadedVerifier({
    keys: other,
    here: signer,
    thread: { ...THREAD, trustedRootFile: join(folder, 'trusted_root.json') },
    readPredicates: [],
  });

  const refused = stranger.verify(keyId, bundle, expected);

  await expect(refused).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
});

it('fails closed where the thread can not start, and does not hang', async () => {
  const broken = createThreadedVerifier({
    keys: createFakeKeyManagement(),
    here: signer,
    thread: { entry: join(folder, 'missing.js') },
    readPredicates: [],
  });
  const bundle = await sign(PREDICATE_TYPES.sbom, LARGE);

  const failed = broken.verify(keyId, bundle, expected);

  await expect(failed).rejects.toMatchObject({ code: 'SIGNER_UNAVAILABLE' });
});
