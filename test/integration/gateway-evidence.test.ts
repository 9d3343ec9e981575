import { createReviewingRegistry } from '../../src/adapters/oci/reviewing-registry';
import { sha256 } from '../../src/adapters/oci/schema';
import { readEvidence, type EvidenceBody } from '../../src/contract/schema/evidence';
import type { Digest } from '../../src/domain/digest';
import type { ImageRef } from '../../src/domain/reference';
import {
  createFolderEvidence,
  type FolderEvidence,
} from '../../src/gateway/evidence/folder-evidence';
import type { Registry } from '../../src/ports/registry';
import { describeRegistryContract } from '../support/contracts/registry';
import { buildTestImage, type TestImageInput } from '../support/fakes/registry-image';
import { LABELS } from '../support/fuzz/artifact';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { call, pushBlob, putManifest, type RegistryAccess } from '../support/registry-push';
import { startRegistry, type RegistryServer } from '../support/registry-server';

jest.setTimeout(120_000);

/** That of the contract's artifacts. */
const BUNDLE = 'application/vnd.test+json';
const ROBOTS = [
  {
    name: 'pusher',
    kind: 'system',
    scopes: [{ repositories: '**', actions: ['pull', 'push', 'delete'] }],
  },
] as const;
const LARGE = Buffer.from('b'.repeat(30_000));

let registry: RegistryServer;
let stored: GatewayServer;
let atOnce: GatewayServer;
let folderEvidence: FolderEvidence;
let plain: GatewayServer;
const slow: number[] = [];

beforeAll(async () => {
  registry = await startRegistry();
  const options = { backendUrl: registry.url, robots: ROBOTS, policy: { open: ['scratch'] } };
  stored = await startGateway({ ...options, storageDir: registry.storageDir });
  folderEvidence = createFolderEvidence({
    dir: registry.storageDir,
    onSlow: (tookMs) => slow.push(tookMs),
  });
  atOnce = await startGateway({
    ...options,
    ...{ storageDir: registry.storageDir, deps: { folderEvidence } },
  });
  plain = await startGateway(options);
});
afterAll(async () => {
  await Promise.all([stored.close(), atOnce.close(), plain.close()]);
  await registry.stop();
});

const accessTo = (gateway: GatewayServer): RegistryAccess => ({
  url: gateway.url,
  basic: gateway.basic('pusher'),
});

async function pushImage(input: TestImageInput): Promise<Digest> {
  const { repository } = input;
  const image = buildTestImage(input);
  const access = accessTo(stored);
  for (const blob of image.blobs) await pushBlob(access, repository, blob);
  for (const manifest of image.manifests) {
    const answer = await putManifest(access, repository, sha256(manifest.bytes), manifest);
    if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
  }
  return image.digest;
}

function reviewing(gateway: GatewayServer): ReturnType<typeof createReviewingRegistry> {
  const credentials = { username: 'pusher', password: gateway.secret('pusher') };
  return createReviewingRegistry({ url: gateway.url, credentials, artifactType: BUNDLE });
}

/** Each call a review of its own, so that all that can be is answered from evidence. */
function eachReviewed(gateway: GatewayServer): Registry {
  const { registry: all, inReview } = reviewing(gateway);
  return {
    ...all,
    getManifest: (image) => inReview(() => all.getManifest(image)),
    listReferrers: (image, type) => inReview(() => all.listReferrers(image, type)),
    getBlob: (image, max) => inReview(() => all.getBlob(image, max)),
    getArtifact: (image, max) =>
      inReview(async () => {
        await all.getManifest(image);
        return all.getArtifact(image, max);
      }),
  };
}

describe.each([
  ['from the folder of the registry', () => stored],
  ['from the folder, while all waits', () => atOnce],
  ['from the registry', () => plain],
])('%s', (how, gatewayNow) => {
  describeRegistryContract(`a registry that is read by evidence ${how}`, () => ({
    registry: eachReviewed(gatewayNow()),
    pushImage,
    root: `scratch/${how.length}`,
  }));

  async function release(repository: string): Promise<ImageRef> {
    const digest = await pushImage({ repository, labels: LABELS, index: true });
    const { registry: all } = reviewing(stored);
    const [child] = (await all.getManifest({ repository, digest })).manifests;
    const attached = [
      [digest, LARGE],
      [digest, Buffer.from('small')],
      [child!.digest, Buffer.from('of the child')],
    ] as const;
    for (const [to, payload] of attached) {
      const subject = { repository, digest: to };
      const artifact = {
        artifactType: BUNDLE,
        mediaType: BUNDLE,
        payload,
        annotations: { a: '1' },
      };
      await all.attach({ subject, ...artifact });
    }
    return { repository, digest };
  }

  async function ask({ repository, digest }: ImageRef): Promise<EvidenceBody> {
    const answer = await call(
      accessTo(gatewayNow()),
      `/v2/${repository}/_plura/evidence/${digest}?artifactType=${encodeURIComponent(BUNDLE)}`,
    );
    expect(answer.status).toBe(200);
    return readEvidence(Buffer.from(await answer.arrayBuffer()));
  }

  async function requestsFor(route: string): Promise<number> {
    const { values } = await gatewayNow().deps.metrics.requests.get();
    return values
      .filter(({ labels }) => labels.route === route)
      .reduce((sum, { value }) => sum + value, 0);
  }

  it('is gathered whole from the folder', async () => {
    const { repository, digest } = await release(`scratch/whole/${how.length}`);

    const gathered = await folderEvidence.gather(repository, digest, BUNDLE);

    expect([gathered?.manifests.size, gathered?.blobs.size, gathered?.lists.size]).toEqual([
      5, 2, 2,
    ]);
    expect(gathered?.leftOut.size).toBe(0);
    expect(slow).toEqual([]);
  });

  it('is one read for all that a review asks for', async () => {
    const image = await release(`scratch/one-read/${how.length}`);
    const { registry: all, inReview } = reviewing(gatewayNow());
    const before = await Promise.all(
      ['manifest', 'blob', 'referrers', 'evidence'].map(requestsFor),
    );

    const payloads = await inReview(async () => {
      const [whole, listed] = await Promise.all([
        all.getManifest(image),
        all.listReferrers(image, BUNDLE),
      ]);
      const [child] = whole.manifests;
      const { repository } = image;
      const { config } = await all.getManifest({ repository, digest: child!.digest });
      await all.listReferrers({ repository, digest: child!.digest }, BUNDLE);
      await all.getBlob({ repository, digest: config!.digest }, 100_000);
      const artifacts = await Promise.all(
        listed.map(({ digest }) => all.getArtifact({ repository, digest }, 100_000)),
      );
      return artifacts.map(({ payload }) => payload.toString());
    });
    const after = await Promise.all(['manifest', 'blob', 'referrers', 'evidence'].map(requestsFor));

    expect(payloads.sort()).toEqual([LARGE.toString(), 'small']);
    // The first try of all has no token yet.
    expect(after.map((count, at) => count - before[at]!)).toEqual([0, 0, 0, 2]);
  });

  it('has nothing of what only another repository holds, or what was deleted', async () => {
    const image = await release(`scratch/here/${how.length}`);
    const elsewhere = { ...image, repository: `scratch/there/${how.length}` };
    const found = await ask(image);
    const attached = found.manifests.find(({ data }) => data.toString().includes('"subject"'));
    const path = `/v2/${image.repository}/manifests/${attached!.digest}`;

    expect(await ask(elsewhere)).toMatchObject({ manifests: [], blobs: [] });
    expect((await call(accessTo(plain), path, { method: 'DELETE' })).status).toBe(202);
    const left = await ask(image);

    expect(left.manifests).toHaveLength(found.manifests.length - 1);
    expect(left.manifests.map(({ digest }) => digest)).not.toContain(attached!.digest);
  });
});
