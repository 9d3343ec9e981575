import { createSign, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createRekorWitness } from '../../src/adapters/rekor/rekor-witness';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import type { Digest } from '../../src/domain/digest';
import { singleKeyRing } from '../../src/domain/keys';
import type { ImageRef } from '../../src/domain/reference';
import type { Json } from '../../src/domain/verdict';
import type { Descriptor, Registry } from '../../src/ports/registry';
import {
  BUNDLE_ARTIFACT_TYPE,
  KEY_IDS,
  PREDICATE_TYPES,
  SBOM_ARTIFACT_TYPE,
  type KeyManagement,
  type Signer,
} from '../../src/ports/signer';
import { cosign, type CosignResult } from '../support/cosign';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';
import { startRekor, type RekorServer } from '../support/rekor-server';

const keyId = KEY_IDS.release('eu-west-1');
const provenance = {
  buildDefinition: { buildType: 'https://example.invalid/build', externalParameters: {} },
  runDetails: { builder: { id: 'https://example.invalid/builder' } },
};
const sbom = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [] };

let server: RegistryServer;
let rekor: RekorServer;
let registry: Registry;
let signer: Signer;
let folder: string;
beforeAll(async () => {
  server = await startRegistry();
  rekor = await startRekor();
  registry = createOciRegistry({ url: server.url });
  const { kms, trustedRootFile } = rekor;
  const witness = createRekorWitness({ url: rekor.url });
  signer = createSigstoreSigner({ kms, witness, trustedRootFile });
  folder = await mkdtemp(join(tmpdir(), 'plura-cosign-'));
}, 60_000);
afterAll(async () => {
  await Promise.all([server.stop(), rekor.stop()]);
  await rm(folder, { recursive: true, force: true });
});

let counter = 0;
async function pushImage(index = false): Promise<ImageRef> {
  const repository = `apps/signing/svc-${++counter}`;
  const digest = await pushTestImage(server.url, {
    repository,
    labels: { n: `${counter}` },
    ...(index ? { provenance } : {}),
  });
  return { repository, digest };
}

async function attest(
  subject: ImageRef,
  predicateType: string,
  predicate: Json,
  key = keyId,
): Promise<Buffer> {
  const payload = await signer.sign(
    key,
    {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: subject.digest.slice('sha256:'.length) } }],
      predicateType,
      predicate,
    },
    true,
  );
  await attachBundle(subject, predicateType, payload);
  return payload;
}

function attachBundle(
  subject: ImageRef,
  predicateType: string,
  payload: Buffer,
): Promise<Descriptor> {
  return registry.attach({
    subject,
    artifactType: BUNDLE_ARTIFACT_TYPE,
    mediaType: BUNDLE_ARTIFACT_TYPE,
    payload,
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': predicateType,
    },
  });
}

function runCosign(
  command: readonly string[],
  image: ImageRef,
  key = rekor.publicKeyFiles[keyId] ?? '',
): Promise<CosignResult> {
  return cosign(
    ...command,
    '--key',
    key,
    '--trusted-root',
    rekor.trustedRootFile,
    '--allow-http-registry',
    `${server.host}/${image.repository}@${image.digest}`,
  );
}

const expectOk = (result: CosignResult): void => {
  expect({ code: result.code, stderr: result.code === 0 ? '' : result.stderr }).toEqual({
    code: 0,
    stderr: '',
  });
};

describe('stock cosign, with the log required', () => {
  it.each([false, true])('verifies an image that we signed (index: %s)', async (index) => {
    const image = await pushImage(index);
    await attest(image, PREDICATE_TYPES.signature, {});

    const result = await runCosign(['verify'], image);

    expectOk(result);
    expect(JSON.parse(result.stdout)).toMatchObject([
      { critical: { image: { 'docker-manifest-digest': image.digest } } },
    ]);
  });

  it('verifies the child of an index once it is signed itself', async () => {
    const image = await pushImage(true);
    const { manifests } = await registry.getManifest(image);
    const child = { repository: image.repository, digest: manifests[0]!.digest };
    await attest(image, PREDICATE_TYPES.signature, {});

    const before = await runCosign(['verify'], child);
    await attest(child, PREDICATE_TYPES.signature, {});
    const after = await runCosign(['verify'], child);

    expect(before.code).not.toBe(0);
    expectOk(after);
  });

  it('verifies our provenance and SBOM attestations by type', async () => {
    const image = await pushImage();
    await Promise.all([
      attest(image, PREDICATE_TYPES.provenance, provenance),
      attest(image, PREDICATE_TYPES.sbom, sbom),
    ]);

    expectOk(await runCosign(['verify-attestation', '--type', PREDICATE_TYPES.provenance], image));
    expectOk(await runCosign(['verify-attestation', '--type', 'cyclonedx'], image));
    const absent = await runCosign(['verify-attestation', '--type', 'vuln'], image);
    expect(absent.code).not.toBe(0);
    expect(absent.stderr).toContain('matched the predicate type');
  });

  it('verifies the signature over an SBOM that is itself a referrer', async () => {
    const image = await pushImage();
    const attached = await registry.attach({
      subject: image,
      artifactType: SBOM_ARTIFACT_TYPE,
      mediaType: SBOM_ARTIFACT_TYPE,
      payload: Buffer.from(JSON.stringify(sbom)),
      annotations: {},
    });
    const artifact = { repository: image.repository, digest: attached.digest };

    await attest(artifact, PREDICATE_TYPES.signature, {});

    expectOk(await runCosign(['verify'], artifact));
    const listed = await registry.listReferrers(image, SBOM_ARTIFACT_TYPE);
    expect(listed.map((one) => one.digest)).toEqual([attached.digest]);
  });

  it('refuses another key, and an image whose bundle is about another', async () => {
    const signed = await pushImage();
    const other = await pushImage();
    const bundle = await attest(signed, PREDICATE_TYPES.signature, {});
    await attachBundle(other, PREDICATE_TYPES.signature, bundle);

    const wrongKey = await runCosign(['verify'], signed, rekor.publicKeyFiles[KEY_IDS.bases]);
    const wrongSubject = await runCosign(['verify'], other);

    expect(wrongKey.code).not.toBe(0);
    expect(wrongKey.stderr).toContain('failed to verify log inclusion');
    expect(wrongSubject.code).not.toBe(0);
    expect(wrongSubject.stderr).toContain('artifact digest does not match');
  });
});

describe('a bundle made by stock cosign', () => {
  /** The key of `keyId`, in the clear, as cosign imports it; the test alone holds it. */
  async function cosignKey(): Promise<{ file: string; kms: KeyManagement }> {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const file = join(folder, `cosign-key-${++counter}.pem`);
    await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const prefix = join(folder, `imported-${counter}`);
    const made = await cosign('import-key-pair', '--key', file, '-o', prefix, '--yes');
    expectOk(made);
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const kms: KeyManagement = {
      publicKey: () => Promise.resolve(pem),
      keyRing: (id) => Promise.resolve(singleKeyRing(id, pem)),
      sign: (_id, data) => Promise.resolve(createSign('sha256').update(data).sign(privateKey)),
      mac: () => Promise.reject(new Error('not asked for')),
    };
    return { file: `${prefix}.key`, kms };
  }

  async function onlyBundle(image: ImageRef): Promise<{ payload: Buffer; descriptor: Descriptor }> {
    const [found, ...others] = await registry.listReferrers(image, BUNDLE_ARTIFACT_TYPE);
    expect(others).toEqual([]);
    const digest: Digest = found!.digest;
    return registry.getArtifact({ repository: image.repository, digest }, 1_000_000);
  }

  const flags = [
    '--tlog-upload=false',
    '--use-signing-config=false',
    '--allow-http-registry',
    '--yes',
  ];

  it('verifies in ours: signatures (Statement v1) and attestations (Statement v0.1)', async () => {
    const { file, kms } = await cosignKey();
    const ours = createSigstoreSigner({ kms });
    const predicate = join(folder, 'predicate.json');
    await writeFile(predicate, JSON.stringify(provenance));
    const signed = await pushImage();
    const attested = await pushImage();
    const reference = (image: ImageRef): string =>
      `${server.host}/${image.repository}@${image.digest}`;

    expectOk(await cosign('sign', '--key', file, ...flags, reference(signed)));
    const type = ['--type', PREDICATE_TYPES.provenance, '--predicate', predicate];
    expectOk(await cosign('attest', '--key', file, ...type, ...flags, reference(attested)));

    const signature = await onlyBundle(signed);
    const attestation = await onlyBundle(attested);
    const expectation = {
      subject: signed.digest,
      predicateType: PREDICATE_TYPES.signature,
      log: false,
    };
    const first = await ours.verify(keyId, signature.payload, expectation);
    expect(first.statement).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      predicate: {},
    });
    const second = await ours.verify(keyId, attestation.payload, {
      subject: attested.digest,
      predicateType: PREDICATE_TYPES.provenance,
      log: false,
    });
    expect(second.statement).toMatchObject({
      _type: 'https://in-toto.io/Statement/v0.1',
      predicate: provenance,
    });
    await expect(ours.verify(keyId, attestation.payload, expectation)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
    await expect(
      ours.verify(keyId, signature.payload, { ...expectation, log: true }),
    ).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    expect(signature.descriptor.annotations).toMatchObject({
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': PREDICATE_TYPES.signature,
    });
  });

  it('verifies in ours with the log required, when cosign logged it in our Rekor', async () => {
    const { file, kms } = await cosignKey();
    const { url, trustedRootFile } = rekor;
    const ours = createSigstoreSigner({ kms, trustedRootFile });
    const config = join(folder, 'signing-config.json');
    const service = `url=${url},api-version=2,start-time=2026-01-01T00:00:00Z,operator=test`;
    const create = ['signing-config', 'create', '--rekor', service, '--rekor-config', 'ANY'];
    expectOk(await cosign(...create, '--out', config));
    const signed = await pushImage();

    const trust = ['--signing-config', config, '--trusted-root', trustedRootFile];
    const reference = `${server.host}/${signed.repository}@${signed.digest}`;
    const result = await cosign(
      ...['sign', '--key', file, ...trust, '--allow-http-registry', '--yes', reference],
    );
    expectOk(result);

    const { payload } = await onlyBundle(signed);
    const verified = await ours.verify(keyId, payload, {
      subject: signed.digest,
      predicateType: PREDICATE_TYPES.signature,
      log: true,
    });
    expect(verified.logIndex).toMatch(/^\d+$/);
  });
});
