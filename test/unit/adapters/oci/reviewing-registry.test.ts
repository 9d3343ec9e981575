import { createEvidenceSource, evidenceOf } from '../../../../src/adapters/oci/evidence';
import { ociHttpOf } from '../../../../src/adapters/oci/oci-registry';
import {
  reviewedBy,
  type ReviewingRegistry,
} from '../../../../src/adapters/oci/reviewing-registry';
import { sha256 } from '../../../../src/adapters/oci/schema';
import type { EvidenceBody } from '../../../../src/contract/schema/evidence';
import type { ImageRef } from '../../../../src/domain/reference';
import type { Descriptor } from '../../../../src/ports/registry';
import { describeRegistryContract } from '../../../support/contracts/registry';
import { createFakeRegistry, type FakeRegistry } from '../../../support/fakes/registry';
import { startHttpScript } from '../../../support/http-script';

const REPOSITORY = 'apps/shop/web';
const BUNDLE = 'application/vnd.test.bundle+json';
const PAYLOAD = Buffer.from('x'.repeat(20_000));
const FORGED = Buffer.from('forged');

let fake: FakeRegistry;
let image: ImageRef;
let bundle: Descriptor;
let body: EvidenceBody;
let asked: ImageRef[];
let reviewing: ReviewingRegistry;

const refOf = ({ digest }: Pick<Descriptor, 'digest'>): ImageRef => ({
  repository: REPOSITORY,
  digest,
});

/** All that the fake has of the image, as a gateway would send it. */
async function bodyOf(): Promise<EvidenceBody> {
  const whole = await fake.getManifest(image);
  const children = await Promise.all(
    whole.manifests.map((child) => fake.getManifest(refOf(child))),
  );
  const attached = await fake.getManifest(refOf(bundle));
  const list = { schemaVersion: 2, manifests: [bundle] };
  return {
    manifests: [whole, ...children, attached].map(({ digest, mediaType, bytes }) => ({
      digest,
      mediaType,
      data: bytes,
    })),
    blobs: [{ digest: sha256(PAYLOAD), data: PAYLOAD }],
    referrers: [{ subject: image.digest, data: Buffer.from(JSON.stringify(list)) }],
    truncated: [],
  };
}

beforeEach(async () => {
  fake = createFakeRegistry();
  asked = [];
  image = {
    repository: REPOSITORY,
    digest: fake.pushImage({ repository: REPOSITORY, index: true }),
  };
  bundle = await fake.attach({
    subject: image,
    artifactType: BUNDLE,
    mediaType: BUNDLE,
    payload: PAYLOAD,
    annotations: { kind: 'test' },
  });
  body = await bodyOf();
  fake.calls.length = 0;
  reviewing = reviewedBy(fake, {
    artifactType: BUNDLE,
    ask: (about) => {
      asked.push(about);
      return Promise.resolve(evidenceOf(body));
    },
  });
});

type Forged = Partial<Record<'manifests' | 'blobs' | 'referrers', Buffer>>;

/** With other bytes in place of those kinds of pieces. */
function withData(all: EvidenceBody, { manifests, blobs, referrers }: Forged): EvidenceBody {
  const swap = <T extends { readonly data: Buffer }>(pieces: readonly T[], data?: Buffer): T[] =>
    pieces.map((piece) => ({ ...piece, data: data ?? piece.data }));
  return {
    ...all,
    manifests: swap(all.manifests, manifests),
    blobs: swap(all.blobs, blobs),
    referrers: swap(all.referrers, referrers),
  };
}

const methodsAsked = (): readonly string[] => fake.calls.map(({ method }) => method);

/** What a verifier reads of an image. */
async function readAll(): Promise<Buffer> {
  const { registry } = reviewing;
  const [whole, listed] = await Promise.all([
    registry.getManifest(image),
    registry.listReferrers(image, BUNDLE),
  ]);
  await registry.getManifest(refOf(whole.manifests[0]!));
  expect(listed).toEqual([bundle]);
  return (await registry.getArtifact(refOf(listed[0]!), 1_000_000)).payload;
}

describe('a review', () => {
  it('asks once for all that it reads of an image', async () => {
    expect(await reviewing.inReview(readAll)).toEqual(PAYLOAD);

    expect(asked).toEqual([image]);
    expect(methodsAsked()).toEqual([]);
  });

  it('keeps nothing for the next', async () => {
    await reviewing.inReview(readAll);
    await reviewing.inReview(readAll);

    expect(asked).toHaveLength(2);
  });

  it('shares a read that is under way with another of the same image', async () => {
    await Promise.all([reviewing.inReview(readAll), reviewing.inReview(readAll)]);

    expect(asked).toHaveLength(1);
  });

  it('is the only one that is told: outside it the registry is read', async () => {
    expect(await readAll()).toEqual(PAYLOAD);

    expect(asked).toEqual([]);
    expect(methodsAsked()).toContain('getManifest');
  });

  it.each([
    ['a manifest', 'getManifest', { manifests: FORGED }],
    ['a payload', 'getBlob', { blobs: FORGED }],
    ['a list', 'listReferrers', { referrers: FORGED }],
    ['a list of another shape', 'listReferrers', { referrers: Buffer.from('[]') }],
  ] as const)('reads %s from the registry when it is not what it should be', async (...row) => {
    const [, method, forged] = row;
    body = withData(body, forged);

    expect(await reviewing.inReview(readAll)).toEqual(PAYLOAD);

    expect(methodsAsked()).toContain(method);
  });

  it('refuses what is forged and not in the registry', async () => {
    body = withData(body, { manifests: FORGED });
    fake.lose(image);

    const reading = reviewing.inReview(() => reviewing.registry.getManifest(image));

    await expect(reading).rejects.toMatchObject({ code: 'DIGEST_NOT_FOUND' });
  });

  it('reads what was left out by itself, without asking for more evidence', async () => {
    const [child] = (await fake.getManifest(image)).manifests;
    body = {
      ...body,
      manifests: body.manifests.filter(({ digest }) => digest !== child!.digest),
      truncated: [child!.digest],
    };

    await reviewing.inReview(readAll);

    expect(asked).toEqual([image]);
    expect(fake.calls.filter(({ method }) => method === 'getManifest')).toHaveLength(2);
  });

  it('reads lists of other types, and payloads that are too large for the reader, by itself', async () => {
    const { registry } = reviewing;

    await reviewing.inReview(async () => {
      await registry.listReferrers(image, 'another/type');
      await registry.listReferrers(image);
    });
    const reading = reviewing.inReview(async () => {
      await registry.getManifest(image);
      return registry.getArtifact(refOf(bundle), 10);
    });

    expect(methodsAsked().filter((method) => method === 'listReferrers')).toHaveLength(2);
    await expect(reading).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('a registry that gives no evidence', () => {
  it.each([400, 404, 405, 501])(
    'and says so by %s is not asked again for a while',
    async (status) => {
      let now = 0;
      const server = await startHttpScript((_request, response) => {
        response.writeHead(status).end('no such page');
      });
      const source = createEvidenceSource(ociHttpOf({ url: server.url }), BUNDLE, () => now);

      expect([await source.ask(image), await source.ask(image)]).toEqual([null, null]);
      const atFirst = server.seen.length;
      now = 10 * 60_000;
      await source.ask(image);
      await server.stop();

      expect([atFirst, server.seen.length]).toEqual([1, 2]);
    },
  );

  it.each([
    ['fails', 503, ''],
    ['says what is no evidence', 200, '{"manifests":[{"digest":"md5:1"}]}'],
    ['says what is no JSON', 200, 'evidence'],
  ])('since it %s is asked again', async (_what, status, text) => {
    const server = await startHttpScript((_request, response) => {
      response.writeHead(status).end(text);
    });
    const source = createEvidenceSource(ociHttpOf({ url: server.url }), BUNDLE);

    expect([await source.ask(image), await source.ask(image)]).toEqual([null, null]);
    await server.stop();

    expect(server.seen).toHaveLength(2);
  });
});

describeRegistryContract('a registry whose evidence tells nothing', () => {
  const registry = createFakeRegistry();
  const source = { artifactType: BUNDLE, ask: () => Promise.resolve(null) };
  return {
    registry: reviewedBy(registry, source).registry,
    pushImage: (input) => Promise.resolve(registry.pushImage(input)),
  };
});
