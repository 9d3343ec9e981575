import { OCI_INDEX } from '../../../../src/adapters/oci/media-types';
import { sha256 } from '../../../../src/adapters/oci/schema';
import {
  EVIDENCE_TYPE,
  readEvidence,
  type EvidenceBody,
} from '../../../../src/contract/schema/evidence';
import type { Digest } from '../../../../src/domain/digest';
import { referrersTag } from '../../../../src/domain/registry/referrers-index';
import type { Activity } from '../../../../src/ports/inventory';
import { createFakeInventory } from '../../../support/fakes/inventory';
import { configOf, descriptorOf, LABELS } from '../../../support/fuzz/artifact';
import { startGateway, type GatewayServer } from '../../../support/gateway-server';
import { createMemoryBackend, type MemoryBackend } from '../push/memory-backend';
import { APP, artifact, image, index, type Sample } from '../push/pushed';
import { blockOf } from '../reads-server';

const BUNDLE = 'application/vnd.example.bundle+json';
const PULL = { repositories: 'apps/**', actions: ['pull'] } as const;

let backend: MemoryBackend;
let gateway: GatewayServer;
let read: Activity[];

beforeEach(async () => {
  backend = createMemoryBackend();
  read = [];
  const inventory = {
    ...createFakeInventory(),
    recordActivity: (all: readonly Activity[]) => Promise.resolve(void read.push(...all)),
  };
  gateway = await startGateway({
    backendUrl: 'http://127.0.0.1:9',
    robots: [
      { name: 'runtime', scopes: [PULL] },
      { name: 'watcher', kind: 'observer', scopes: [PULL] },
      { name: 'other', scopes: [{ repositories: 'charts/**', actions: ['pull'] }] },
    ],
    inventory,
    deps: { backend },
  });
});
afterEach(() => gateway.close());

interface Released {
  readonly image: Sample;
  readonly child: Sample;
  readonly config: Buffer;
  readonly bundle: Sample;
  readonly payload: Buffer;
}

/** Puts a sample's bytes where the registry has them. */
function put(one: Sample, tag?: string): Sample {
  backend.addManifest(APP, one.bytes, one.mediaType, tag);
  return one;
}

function attach(subject: Sample, payload: Buffer, more: Record<string, unknown> = {}): Sample {
  backend.addBlob(APP, payload);
  return put(artifact(subject, BUNDLE, { layers: [descriptorOf(BUNDLE, payload)], ...more }));
}

function list(subject: Sample, ...referrers: readonly Sample[]): void {
  const entries = referrers.map((one) => ({
    ...descriptorOf(one.mediaType, one.bytes),
    artifactType: BUNDLE,
    annotations: { kind: 'test' },
  }));
  const manifests = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries };
  const bytes = Buffer.from(JSON.stringify(manifests));
  backend.addManifest(APP, bytes, OCI_INDEX, referrersTag(subject.digest));
}

function release(payload = Buffer.from('a bundle')): Released {
  const child = put(image({ backend }));
  const whole = put(index(child));
  const bundle = attach(whole, payload);
  list(whole, bundle);
  return { image: whole, child, config: configOf(LABELS), bundle, payload };
}

async function ask(digest: string, as = 'runtime', query = ''): Promise<Response> {
  const path = `/v2/${APP}/_plura/evidence/${digest}${query}`;
  return fetch(`${gateway.url}${path}`, { headers: { authorization: gateway.basic(as) } });
}

async function evidenceOf(digest: string, query = ''): Promise<EvidenceBody> {
  const answer = await ask(digest, 'runtime', query);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, EVIDENCE_TYPE]);
  return readEvidence(Buffer.from(await answer.arrayBuffer()));
}

const digestsOf = (pieces: readonly { readonly digest: Digest }[]): readonly Digest[] =>
  pieces.map(({ digest }) => digest).sort();

async function refusalOf(answer: Response): Promise<object> {
  const { errors } = (await answer.json()) as { errors: { detail: { rule: string } }[] };
  return { status: answer.status, rule: errors[0]?.detail.rule };
}

describe('GET of evidence', () => {
  it('has image, children, configs, referrers and what these carry', async () => {
    const one = release();

    const found = await evidenceOf(one.image.digest);

    expect(digestsOf(found.manifests)).toEqual(
      [one.image, one.child, one.bundle].map(({ digest }) => digest).sort(),
    );
    expect(found.manifests.find(({ digest }) => digest === one.image.digest)).toEqual({
      digest: one.image.digest,
      mediaType: OCI_INDEX,
      data: one.image.bytes,
    });
    expect(digestsOf(found.blobs)).toEqual([sha256(one.payload), sha256(one.config)].sort());
    expect(found.referrers.map(({ subject }) => subject).sort()).toEqual(
      [one.image.digest, one.child.digest].sort(),
    );
    expect(found.truncated).toEqual([]);
  });

  it('has only what is attached with the type that was asked for', async () => {
    const one = release();

    const found = await evidenceOf(one.image.digest, '?artifactType=another/type');

    expect(digestsOf(found.manifests)).toEqual([one.image.digest, one.child.digest].sort());
  });

  it('says nothing of a digest that nobody knows but that it is left out', async () => {
    const digest = `sha256:${'9'.repeat(64)}`;

    expect(await evidenceOf(digest)).toMatchObject({
      manifests: [],
      blobs: [],
      truncated: [digest],
    });
  });

  it('leaves out what is too large, more than it counts, or not what its digest says', async () => {
    const child = put(image({ backend }));
    const large = attach(child, Buffer.alloc(5 * 1024 * 1024));
    const wrong = put(
      artifact(child, BUNDLE, { layers: [descriptorOf(BUNDLE, Buffer.from('x'))] }),
    );
    const many = Array.from({ length: 70 }, (_, n) => attach(child, Buffer.from(`bundle ${n}`)));
    list(child, large, wrong, ...many);

    const found = await evidenceOf(child.digest);

    expect(found.manifests).toHaveLength(1 + 64);
    expect(found.truncated).toEqual(
      expect.arrayContaining([
        sha256(Buffer.alloc(5 * 1024 * 1024)),
        sha256(Buffer.from('x')),
        ...many.slice(62).map(({ digest }) => digest),
      ]),
    );
  });

  it('gives no list that has an entry without a type: the listing looks it up', async () => {
    const child = put(image({ backend }));
    const bare = index(artifact(child, BUNDLE));
    backend.addManifest(APP, bare.bytes, OCI_INDEX, referrersTag(child.digest));

    expect((await evidenceOf(child.digest)).referrers).toEqual([]);
  });

  it('needs the right to pull', async () => {
    const { image: whole } = release();

    expect(await refusalOf(await ask(whole.digest, 'other'))).toEqual({
      status: 403,
      rule: 'scope',
    });
    const path = `/v2/${APP}/_plura/evidence/${whole.digest}`;
    expect((await fetch(`${gateway.url}${path}`)).status).toBe(401);
    expect(backend.asked).toEqual([]);
  });

  it.each([
    ['the image', (one: Released) => one.image],
    ['a child of it', (one: Released) => one.child],
  ])('is refused when %s is quarantined', async (_what, which) => {
    const one = release();
    await gateway.setBlocks([blockOf(which(one).digest)]);

    expect(await refusalOf(await ask(one.image.digest))).toEqual({
      status: 403,
      rule: 'quarantined',
    });
  });

  it.each([
    ['an artifact', (one: Released) => one.bundle.digest],
    ['its payload', (one: Released) => sha256(one.payload)],
  ])('leaves out %s that is quarantined', async (_what, which) => {
    const one = release();
    const blocked = which(one);
    await gateway.setBlocks([blockOf(blocked)]);

    const found = await evidenceOf(one.image.digest);

    expect([...digestsOf(found.manifests), ...digestsOf(found.blobs)]).not.toContain(blocked);
    expect(found.truncated).toEqual([blocked]);
  });

  it('counts as a read of each manifest, but not by an observer', async () => {
    const one = release();

    await ask(one.image.digest, 'watcher');
    await ask(one.image.digest);
    await gateway.close();

    expect(digestsOf(read)).toEqual(
      [one.image, one.child, one.bundle].map(({ digest }) => digest).sort(),
    );
  });

  it('says that the registry is away', async () => {
    const one = release();
    backend.before = () => new Error('connection lost');

    expect((await ask(one.image.digest)).status).toBeGreaterThanOrEqual(500);
  });
});

it('takes no other method and no other path', async () => {
  const path = `/v2/${APP}/_plura/evidence/sha256:${'9'.repeat(64)}`;
  const headers = { authorization: gateway.basic('runtime') };
  const statusOf = async (url: string, method: string): Promise<number> =>
    (await fetch(`${gateway.url}${url}`, { method, headers })).status;

  expect(await statusOf(path, 'PUT')).toBe(405);
  expect(await statusOf(`/v2/${APP}/_plura/evidence/latest`, 'GET')).toBe(400);
  expect(await statusOf(`/v2/${APP}/_plura/other/sha256:${'9'.repeat(64)}`, 'GET')).toBe(404);
});
