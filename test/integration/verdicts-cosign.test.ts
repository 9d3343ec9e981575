import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createAttestVerdictsActivities,
  type AttestVerdictsInput,
  type AttestVerdictsResult,
} from '../../activities/attest-verdicts';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createRekorWitness } from '../../src/adapters/rekor/rekor-witness';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import { readVerdictFile } from '../../src/cli/commands/verdict/replay-file';
import { replayVerdicts } from '../../src/cli/commands/verdict/replay-verdicts';
import { VERDICTS_PREDICATE_TYPE } from '../../src/domain/evidence-predicate';
import type { ImageRef } from '../../src/domain/reference';
import type { Registry } from '../../src/ports/registry';
import { BUNDLE_ARTIFACT_TYPE, KEY_IDS, type Signer } from '../../src/ports/signer';
import { quietEnvironment } from '../support/activity-env';
import { cosign, type CosignResult } from '../support/cosign';
import { createFakeLedger } from '../support/fakes/ledger';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';
import { startRekor, type RekorServer } from '../support/rekor-server';
import { windowEvidence, windowInput, windowVerdict } from '../support/window-evidence';

const RELEASE_ID = 'shop/1.0.0_abc1234';
const AT = '2026-03-01T12:00:00.000Z';

let server: RegistryServer;
let rekor: RekorServer;
let registry: Registry;
let signer: Signer;
let folder: string;
let image: ImageRef;

beforeAll(async () => {
  server = await startRegistry();
  rekor = await startRekor();
  registry = createOciRegistry({ url: server.url });
  const { kms, trustedRootFile } = rekor;
  const witness = createRekorWitness({ url: rekor.url });
  signer = createSigstoreSigner({ kms, witness, trustedRootFile });
  folder = await mkdtemp(join(tmpdir(), 'plura-verdicts-'));
  const repository = 'apps/shop/web';
  image = { repository, digest: await pushTestImage(server.url, { repository }) };
}, 60_000);

afterAll(async () => {
  await Promise.all([server.stop(), rekor.stop()]);
  await rm(folder, { recursive: true, force: true });
});

/** Judged, recorded and attested as a release does it. */
async function attest(ledger = createFakeLedger()): Promise<AttestVerdictsResult> {
  const digests = { candidate: image.digest, stable: null };
  const verdict = windowVerdict(windowEvidence(windowInput(), { digests }));
  await ledger.recordVerdict(RELEASE_ID, 'run-1', 'sha256:p', verdict, AT);
  const input: AttestVerdictsInput = {
    release: { releaseId: RELEASE_ID, svc: 'shop', policyHash: 'sha256:p' },
    service: { svc: 'shop', name: 'web', region: 'eu-west-1' },
    version: '1.0.0',
    revision: 'abc1234',
    digest: image.digest,
    createdAt: AT,
    transparencyLog: 'required',
  };
  const activities = createAttestVerdictsActivities({ registry, signer, ledger });
  return quietEnvironment({
    workflowExecution: { workflowId: 'release/shop', runId: 'run-1' },
  }).run((one: AttestVerdictsInput) => activities.attestVerdicts(one), input);
}

function verifyAttestation(type: string): Promise<CosignResult> {
  return cosign(
    ...['verify-attestation', '--type', type],
    ...['--key', rekor.publicKeyFiles[KEY_IDS.release('eu-west-1')] ?? ''],
    ...['--trusted-root', rekor.trustedRootFile, '--allow-http-registry'],
    `${server.host}/${image.repository}@${image.digest}`,
  );
}

describe('the attestation of verdicts', () => {
  it('is verified by stock cosign, and what it prints is judged again offline', async () => {
    const first = await attest();
    const again = await attest();

    const verified = await verifyAttestation(VERDICTS_PREDICATE_TYPE);
    const other = await verifyAttestation('https://slsa.dev/provenance/v1');

    expect({ code: verified.code, stderr: verified.code === 0 ? '' : verified.stderr }).toEqual({
      code: 0,
      stderr: '',
    });
    expect(other.code).not.toBe(0);
    expect(first.logIndex).toMatch(/^\d+$/);
    expect(again).toEqual(first);
    expect(await registry.listReferrers(image, BUNDLE_ARTIFACT_TYPE)).toHaveLength(1);
    const file = join(folder, 'attestation.json');
    await writeFile(file, verified.stdout);
    const [read, ...others] = await readVerdictFile(file);
    expect(others).toEqual([]);
    expect(replayVerdicts(read!.verdicts, read!.digest)).toMatchObject({ same: true, replayed: 1 });
  });
});
