import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createAwsSigningKeys } from '../../src/adapters/kms/aws-key-management';
import { composeKeyManagement } from '../../src/adapters/kms/compose-key-management';
import { createRekorWitness } from '../../src/adapters/rekor/rekor-witness';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import type { ImageRef } from '../../src/domain/reference';
import type { Registry } from '../../src/ports/registry';
import {
  BUNDLE_ARTIFACT_TYPE,
  KEY_IDS,
  PREDICATE_TYPES,
  type Signer,
} from '../../src/ports/signer';
import { startAwsKms, type AwsKmsEmulator } from '../support/aws-kms-emulator';
import { cosignWith, type CosignResult } from '../support/cosign';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';
import { startRekor, type RekorServer } from '../support/rekor-server';

const REGION = 'eu-west-1';
const keyId = KEY_IDS.release(REGION);
const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'not-a-secret' };

let aws: AwsKmsEmulator;
let server: RegistryServer;
let rekor: RekorServer;
let registry: Registry;
let signer: Signer;
beforeAll(async () => {
  aws = await startAwsKms(REGION);
  server = await startRegistry();
  rekor = await startRekor();
  registry = createOciRegistry({ url: server.url });
  aws.createKey('release');
  aws.createKey('other');
  const key = { arn: aws.aliasArn('release'), endpoint: aws.url, version: '1', notBefore: null };
  const signing = createAwsSigningKeys({
    keys: { [keyId]: { ...key, others: [] } },
    ca: aws.ca,
    credentials,
  });
  const { kms: mac, trustedRootFile } = rekor;
  const witness = createRekorWitness({ url: rekor.url });
  signer = createSigstoreSigner({
    kms: composeKeyManagement({ signing, mac }),
    witness,
    trustedRootFile,
  });
}, 60_000);
afterAll(() => Promise.all([aws.stop(), server.stop(), rekor.stop()]));

let counter = 0;
async function pushImage(): Promise<ImageRef> {
  const repository = `apps/awskms/svc-${++counter}`;
  const digest = await pushTestImage(server.url, { repository, labels: { n: `${counter}` } });
  return { repository, digest };
}

async function signAndAttach(image: ImageRef, log: boolean): Promise<void> {
  const predicateType = PREDICATE_TYPES.signature;
  const payload = await signer.sign(
    keyId,
    {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: image.digest.slice('sha256:'.length) } }],
      predicateType,
      predicate: {},
    },
    log,
  );
  await registry.attach({
    subject: image,
    artifactType: BUNDLE_ARTIFACT_TYPE,
    mediaType: BUNDLE_ARTIFACT_TYPE,
    payload,
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': predicateType,
    },
  });
}

/** cosign always speaks HTTPS to the endpoint of `awskms://`. */
function cosignOnAws(
  verb: readonly string[],
  image: ImageRef,
  { alias = 'release', region = REGION } = {},
): Promise<CosignResult> {
  const environment = {
    AWS_CA_BUNDLE: aws.caFile,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const key = `awskms://${aws.host}/alias/${alias}`;
  const reference = `${server.host}/${image.repository}@${image.digest}`;
  return cosignWith(environment, ...verb, '--key', key, '--allow-http-registry', reference);
}

const unlogged = ['verify', '--insecure-ignore-tlog'];

function expectOk({ code, stderr }: CosignResult): void {
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

describe('stock cosign, asking the key of AWS KMS', () => {
  it('verifies what we signed with it', async () => {
    const image = await pushImage();
    await signAndAttach(image, false);

    const result = await cosignOnAws(unlogged, image);

    expectOk(result);
    expect(JSON.parse(result.stdout)).toMatchObject([
      { critical: { image: { 'docker-manifest-digest': image.digest } } },
    ]);
  });

  it('verifies what we signed and logged', async () => {
    const image = await pushImage();
    await signAndAttach(image, true);

    expectOk(await cosignOnAws(['verify', '--trusted-root', rekor.trustedRootFile], image));
  });

  it.each([
    ['another key', { alias: 'other' }, 'signature'],
    ['a key that is not there', { alias: 'absent' }, 'NotFoundException'],
    ['another region', { region: 'us-east-1' }, 'SignatureDoesNotMatch'],
  ])('refuses with %s', async (_case, where, message) => {
    const image = await pushImage();
    await signAndAttach(image, false);

    const result = await cosignOnAws(unlogged, image, where);

    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain(message);
  });
});

it('verifies in ours what stock cosign signed by AWS KMS', async () => {
  const image = await pushImage();
  const sign = ['sign', '--tlog-upload=false', '--use-signing-config=false', '--yes'];

  expectOk(await cosignOnAws(sign, image));

  const [found, ...others] = await registry.listReferrers(image, BUNDLE_ARTIFACT_TYPE);
  expect(others).toEqual([]);
  const at = { repository: image.repository, digest: found!.digest };
  const { payload } = await registry.getArtifact(at, 1_000_000);
  const verified = await signer.verify(keyId, payload, {
    subject: image.digest,
    predicateType: PREDICATE_TYPES.signature,
    log: false,
  });
  expect(verified.statement).toMatchObject({ predicate: {} });
  expect(aws.calls).toContainEqual(expect.stringMatching(/^Sign /));
});
