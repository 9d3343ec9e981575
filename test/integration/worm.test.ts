import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import {
  createWormActivities,
  type RestoreSliceInput,
  type WormActivities,
} from '../../activities/worm';
import { createOciContent } from '../../src/adapters/oci/content';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import { createRekorWitness } from '../../src/adapters/rekor/rekor-witness';
import type { S3Options } from '../../src/adapters/s3/bucket';
import { createS3WormStore } from '../../src/adapters/s3/worm-store';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import { signatureStatement } from '../../activities/bundles';
import { exportCopy } from '../../src/api/worm/export';
import { readCopyFile } from '../../src/api/worm/read-copy';
import type { ImageRef } from '../../src/domain/reference';
import { BUNDLE_ARTIFACT_TYPE, KEY_IDS } from '../../src/ports/signer';
import type { RecordedWormCopy } from '../../src/ports/worm-copies';
import { quietEnvironment } from '../support/activity-env';
import { attachTo } from '../support/contracts/registry-content';
import { cosign } from '../support/cosign';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';
import { openStores, type OpenStores } from '../support/registry-stores';
import { startRekor, type RekorServer } from '../support/rekor-server';
import { startS3, type S3Server } from '../support/s3-server';
import { orderOf, SHOP } from '../support/worm-world';

jest.setTimeout(120_000);

const keyId = KEY_IDS.release('eu-west-1');
const run = promisify(execFile);

let source: RegistryServer;
let s3: S3Server;
let postgres: PostgresServer;
let rekor: RekorServer;
let stores: OpenStores;
let ledger: PostgresLedger;
let bucket: S3Options;
let folder: string;

beforeAll(async () => {
  [source, s3, postgres, rekor] = await Promise.all([
    startRegistry(),
    startS3(),
    startPostgres(),
    startRekor(),
  ]);
  const database = await postgres.freshDatabase();
  stores = await openStores(database);
  ledger = createPostgresLedger({ connectionString: database });
  bucket = await s3.makeBucket('incidents');
  folder = await mkdtemp(join(tmpdir(), 'plura-worm-'));
});

afterAll(async () => {
  await Promise.all([ledger.close(), stores.close()]);
  await Promise.all([source.stop(), s3.stop(), postgres.stop(), rekor.stop()]);
  await rm(folder, { recursive: true, force: true });
});

function activitiesOn(url: string): WormActivities {
  const { wormCopies, inventory, quarantine, allowList } = stores;
  return createWormActivities({
    worm: createS3WormStore(bucket),
    content: createOciContent({ read: { url }, write: { url } }),
    backend: createOciRegistry({ url }),
    ...{ wormCopies, inventory, quarantine, allowList, ledger },
    now: () => new Date(),
  });
}

const act = <Result>(activity: () => Promise<Result>): Promise<Result> =>
  quietEnvironment().run(activity);

/** An index with a layer of several parts, signed by us, the signature annotated by somebody. */
async function pushSigned(): Promise<ImageRef> {
  const layers = [randomBytes(12 * 1024 ** 2), Buffer.from('a small one')];
  const digest = await pushTestImage(source.url, { repository: SHOP, layers, provenance: {} });
  const image = { repository: SHOP, digest };
  const registry = createOciRegistry({ url: source.url });
  const { kms, trustedRootFile } = rekor;
  const witness = createRekorWitness({ url: rekor.url });
  const signer = createSigstoreSigner({ kms, witness, trustedRootFile });
  const { digest: signature } = await registry.attach({
    subject: image,
    artifactType: BUNDLE_ARTIFACT_TYPE,
    mediaType: BUNDLE_ARTIFACT_TYPE,
    payload: await signer.sign(keyId, signatureStatement(digest), true),
    annotations: {},
  });
  const content = createOciContent({ read: { url: source.url }, write: { url: source.url } });
  await attachTo(content, { ...image, digest: signature }, 'seen by the auditors');
  return image;
}

async function copy(image: ImageRef): Promise<RecordedWormCopy> {
  const activities = activitiesOn(source.url);
  const order = orderOf(image.digest);
  const { id } = order;
  await act(() => activities.openWormCopy({ order }));
  for (let left = 1; left > 0;)
    ({ left } = await act(() => activities.copyWormObjects({ id, limit: 3 })));
  await act(() => activities.sealWormCopy({ id }));
  const recorded = await stores.wormCopies.get(id);
  if (!recorded?.manifest) throw new Error('it was not sealed');
  return recorded;
}

async function restoreInto(url: string, id: string): Promise<readonly string[]> {
  const activities = activitiesOn(url);
  for (let from: number | null = 0; from !== null;) {
    const slice: RestoreSliceInput = { id, from, limit: 4, repository: null };
    ({ next: from } = await act(() => activities.restoreWormSlice(slice)));
  }
  return (await act(() => activities.endWormRestore({ id, repository: null, tags: true }))).missing;
}

it('outlives its registry: restored into an empty one, it is whole and its signature verifies', async () => {
  const image = await pushSigned();
  const { id, manifest } = await copy(image);
  const { manifest: held } = await readCopyFile(createS3WormStore(bucket), manifest!);
  await source.stop();
  const empty = await startRegistry();
  try {
    const missing = await restoreInto(empty.url, id);
    const again = await restoreInto(empty.url, id);

    const registry = createOciRegistry({ url: empty.url });
    for (const { role, digest, repository } of held.items) {
      if (role === 'evidence') continue;
      const at = { repository, digest };
      if (role === 'config' || role === 'layer') {
        await registry.downloadBlob(at, join(folder, digest.slice(7)));
      } else {
        expect((await registry.getManifest(at)).digest).toBe(digest);
      }
    }
    const verified = await cosign(
      ...['verify', '--key', rekor.publicKeyFiles[keyId] ?? ''],
      ...['--trusted-root', rekor.trustedRootFile, '--allow-http-registry'],
      `${empty.host}/${image.repository}@${image.digest}`,
    );
    expect([missing, again]).toEqual([[], []]);
    expect(held.items.length).toBeGreaterThan(10);
    expect({ code: verified.code, said: verified.code === 0 ? '' : verified.stderr }).toEqual({
      code: 0,
      said: '',
    });
  } finally {
    await empty.stop();
    source = await startRegistry();
  }
});

it('its owner can delete nothing of it, and all of it reads back', async () => {
  const { id, manifest } = await copy(await pushSigned());
  const { manifest: held } = await readCopyFile(createS3WormStore(bucket), manifest!);

  for (const { key, version } of [...held.items, manifest!]) {
    const deletion = new DeleteObjectCommand({
      ...{ Bucket: bucket.bucket, Key: `${bucket.prefix}${key}`, VersionId: version },
    });
    await expect(s3.client.send(deletion)).rejects.toMatchObject({ name: 'AccessDenied' });
    await s3.client.send(
      new DeleteObjectCommand({ Bucket: bucket.bucket, Key: `${bucket.prefix}${key}` }),
    );
  }

  const activities = activitiesOn(source.url);
  expect(await act(() => activities.verifyWormSlice({ id, from: 0, limit: 1_000 }))).toEqual({
    checked: held.items.length,
    next: null,
    problems: [],
  });
});

it('exports a layout that anyone can check without us', async () => {
  const image = await pushSigned();
  const { id, manifest } = await copy(image);
  const store = createS3WormStore(bucket);
  const tar = join(folder, `${id}.tar`);
  const out = join(folder, id);
  await mkdir(out);

  await pipeline(exportCopy(store, await readCopyFile(store, manifest!)), createWriteStream(tar));
  await run('tar', ['-xf', tar, '-C', out]);
  const { stdout } = await run('sha256sum', ['--check', '--quiet', 'incident/SHA256SUMS'], {
    cwd: out,
  });

  const index = JSON.parse(await readFile(join(out, 'index.json'), 'utf8')) as {
    readonly manifests: readonly { readonly digest: string }[];
  };
  expect(stdout).toBe('');
  expect(index.manifests.map(({ digest }) => digest)).toContain(image.digest);
  expect(index.manifests).toHaveLength(3);
  expect(await readFile(join(out, 'incident/README.txt'), 'utf8')).toContain(image.digest);
});
