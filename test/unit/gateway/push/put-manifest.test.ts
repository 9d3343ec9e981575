import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/adapters/oci/media-types';
import {
  bytesOf,
  configOf,
  descriptorOf,
  indexJson,
  LABELS,
  manifestJson,
} from '../../../support/fuzz/artifact';
import { answerOf, refusal } from './memory-backend';
import {
  APP,
  artifact,
  attestation,
  childOf,
  image,
  index,
  putTo,
  sample,
  TAG,
  type Sample,
} from './pushed';
import { CUSTODIAN, NOW, startWritesServer, SYSTEM, type WritesServer } from './writes-server';

let server: WritesServer;

beforeEach(async () => {
  server = await startWritesServer();
});
afterEach(() => server.close());

function writes(): readonly string[] {
  return server.backend.asked.filter((line) => line.startsWith('PUT'));
}

/** By digest first, as clients push what an index names. */
async function push(...samples: readonly Sample[]): Promise<void> {
  for (const one of samples) {
    expect(await putTo(server, APP, one.digest, one)).toMatchObject({ status: 201 });
  }
}

const NO_LABELS = { labels: {} };

describe('PUT of an image', () => {
  it('goes to the registry as it came, is recorded, and answered as the spec wants', async () => {
    const pushed = image(server);

    const answer = await putTo(server, APP, TAG, pushed);

    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/v2/${APP}/manifests/${pushed.digest}`);
    expect(answer.headers.get('docker-content-digest')).toBe(pushed.digest);
    expect(answer.headers.get('oci-subject')).toBeNull();
    expect(server.backend.manifests.get(`${APP}@${pushed.digest}`)).toEqual({
      bytes: pushed.bytes,
      mediaType: OCI_MANIFEST,
    });
    expect(await server.inventory.getTag(APP, TAG)).toMatchObject({
      digest: pushed.digest,
      pushedBy: 'builder',
      pushedAt: NOW,
      writeOnce: true,
    });
    expect((await server.inventory.getManifest(APP, pushed.digest))?.edges).toHaveLength(2);
  });

  it('by digest claims nothing', async () => {
    const pushed = image(server);

    expect((await putTo(server, APP, pushed.digest, pushed)).status).toBe(201);
    expect(await server.inventory.getManifest(APP, pushed.digest)).not.toBeNull();
    expect(await server.claims()).toEqual({});
  });

  it('under a digest that it does not have is refused', async () => {
    const answer = await putTo(server, APP, `sha256:${'b'.repeat(64)}`, image(server));

    expect(answer).toMatchObject({ status: 400, error: { code: 'DIGEST_INVALID' } });
    expect(writes()).toEqual([]);
  });

  it('without its labels is refused, by tag and by digest, and says which and where', async () => {
    const bare = image(server, '', { labels: { ...LABELS, 'plura.region': ' ' } });

    for (const reference of [TAG, bare.digest]) {
      expect(await putTo(server, APP, reference, bare)).toMatchObject({
        status: 400,
        error: {
          code: 'MANIFEST_INVALID',
          detail: { rule: 'required-labels', labels: ['plura.region'], platforms: ['linux/amd64'] },
        },
      });
    }
    expect(writes()).toEqual([]);
  });

  it('needs labels in an app alone', async () => {
    const repository = 'scratch/x';
    const bare = image(server, '', { repository, ...NO_LABELS });

    expect((await putTo(server, repository, 'v1', bare)).status).toBe(201);
  });

  it.each([
    ['that are in two places', `{"config":{"Labels":{},"Labels":${JSON.stringify(LABELS)}}}`],
    ['in a config that is no JSON', 'tar'],
    ['that are numbers', '{"config":{"Labels":{"plura.region":1}}}'],
    ['that only Go would find', `{"config":{},"Config":{"Labels":${JSON.stringify(LABELS)}}}`],
  ])('with labels %s is refused', async (_name, config) => {
    const bytes = Buffer.from(config);
    server.backend.addBlob(APP, bytes);

    const answer = await putTo(server, APP, TAG, sample(manifestJson(bytes)));

    expect(answer).toMatchObject({ status: 400, error: { detail: { rule: 'config-blob' } } });
  });

  it('whose config is not in the repository is refused', async () => {
    const answer = await putTo(server, APP, TAG, sample(manifestJson(configOf(LABELS))));

    expect(answer).toMatchObject({ status: 404, error: { code: 'MANIFEST_BLOB_UNKNOWN' } });
  });

  it('whose config has another size than it says, or is huge, is refused', async () => {
    const config = configOf(LABELS);
    server.backend.addBlob(APP, config);
    const withSize = (size: number): Sample =>
      sample({
        ...manifestJson(config),
        config: { ...descriptorOf('application/vnd.oci.image.config.v1+json', config), size },
      });

    for (const size of [1, config.length + 1, 5 * 1024 * 1024]) {
      expect(await putTo(server, APP, TAG, withSize(size))).toMatchObject({
        status: 400,
        error: { detail: { rule: 'config-blob' } },
      });
    }
  });

  it('never goes by a config blob that the registry got wrong', async () => {
    const pushed = image(server);
    server.backend.before = (_method, path) =>
      path.includes('/blobs/')
        ? answerOf(200, {}, configOf({ ...LABELS, other: 'x' }))
        : 'as usual';

    expect(await putTo(server, APP, TAG, pushed)).toMatchObject({ status: 400 });
  });
});

describe('PUT of an index', () => {
  it('takes images of all platforms with what BuildKit attests about them', async () => {
    const amd64 = image(server, 'amd64');
    const arm64 = image(server, 'arm64');
    const statement = attestation(server);
    const all = index(amd64, arm64, statement);
    await push(amd64, arm64, statement);

    expect((await putTo(server, APP, TAG, all)).status).toBe(201);
    expect(await server.inventory.listParents(APP, arm64.digest)).toEqual([all.digest]);
  });

  it('is refused for one platform without labels, which came around the gateway', async () => {
    const labelled = image(server, 'amd64');
    const bare = image(server, 'arm64', NO_LABELS);
    server.backend.addManifest(APP, bare.bytes, OCI_MANIFEST);
    await push(labelled);

    const unknownPlatform = {
      ...childOf(bare),
      platform: { os: 'unknown', architecture: 'unknown' },
    };
    for (const child of [childOf(bare), unknownPlatform]) {
      const all = sample(indexJson([childOf(labelled), child]), OCI_INDEX);
      expect(await putTo(server, APP, TAG, all)).toMatchObject({
        status: 400,
        error: { detail: { rule: 'required-labels' } },
      });
    }
  });

  it('is looked through to its end: the images of an index in an index count', async () => {
    const bare = image(server, '', NO_LABELS);
    const inner = index(bare);
    server.backend.addManifest(APP, bare.bytes, OCI_MANIFEST);
    server.backend.addManifest(APP, inner.bytes, OCI_INDEX);

    expect(await putTo(server, APP, TAG, index(inner))).toMatchObject({
      error: { detail: { rule: 'required-labels' } },
    });
  });

  it('is taken three deep, not four', async () => {
    const leaf = image(server);
    server.backend.addManifest(APP, leaf.bytes, OCI_MANIFEST);
    let inner: Sample = leaf;
    const levels = Array.from({ length: 4 }, () => {
      inner = index(inner);
      server.backend.addManifest(APP, inner.bytes, OCI_INDEX);
      return inner;
    });

    expect((await putTo(server, APP, levels[2]!.digest, levels[2]!)).status).toBe(201);
    expect(await putTo(server, APP, levels[3]!.digest, levels[3]!)).toMatchObject({
      status: 400,
      error: { detail: { rule: 'index-depth' } },
    });
  });

  it('counts all below it', async () => {
    const layer = (at: number): Sample =>
      sample({ ...manifestJson(), annotations: { at: `${at}` } });
    const leaves = Array.from({ length: 520 }, (_, at) => layer(at));
    const halves = [index(...leaves.slice(0, 260)), index(...leaves.slice(260))];
    const known = new Map<string, Sample>([...leaves, ...halves].map((one) => [one.digest, one]));
    server.requiredLabels = [];
    server.backend.before = (method, path) => {
      if (method !== 'GET' || !path.includes('/manifests/')) return 'as usual';
      const one = known.get(path.split('/').at(-1) ?? '');
      if (!one) return 'as usual';
      return answerOf(200, { 'content-type': one.mediaType }, one.bytes);
    };
    server.backend.addBlob(APP, configOf(LABELS));

    expect(await putTo(server, APP, TAG, index(...halves))).toMatchObject({
      status: 400,
      error: { detail: { rule: 'index-size' } },
    });
  });

  it('is read up to 64 MiB, all below it together', async () => {
    const padding = 'x'.repeat(3_500_000);
    const leaves = Array.from({ length: 20 }, (_, at) =>
      sample({ ...manifestJson(), annotations: { at: `${at}`, padding } }),
    );
    for (const { bytes } of leaves) server.backend.addManifest(APP, bytes, OCI_MANIFEST);
    server.backend.addBlob(APP, configOf(LABELS));

    expect((await putTo(server, APP, TAG, index(...leaves.slice(0, 10)))).status).toBe(201);
    expect(await putTo(server, APP, '1.4.1_3f2a91c', index(...leaves))).toMatchObject({
      status: 400,
      error: { detail: { rule: 'index-size' } },
    });
  });

  it('reads a manifest that it names twice once', async () => {
    const one = image(server);
    await push(one);
    server.backend.asked.length = 0;

    const twice = sample(indexJson([childOf(one), childOf(one)]), OCI_INDEX);
    expect((await putTo(server, APP, TAG, twice)).status).toBe(201);
    const reads = server.backend.asked.filter(
      (line) => line === `GET /v2/${APP}/manifests/${one.digest}`,
    );
    expect(reads).toHaveLength(1);
  });

  it('that names what is not there is refused', async () => {
    expect(await putTo(server, APP, TAG, index(image(server)))).toMatchObject({
      status: 404,
      error: { code: 'MANIFEST_BLOB_UNKNOWN' },
    });
  });

  it('without an image gets no version', async () => {
    const statement = attestation(server);
    await push(statement);

    expect(await putTo(server, APP, TAG, index(statement))).toMatchObject({
      error: { detail: { rule: 'app-content' } },
    });
  });
});

describe('PUT of a chart', () => {
  const CHARTS = 'charts/checkout';
  const chart = (name: string, version: string): Sample => {
    const config = bytesOf({ name, version, apiVersion: 'v2' });
    server.backend.addBlob(CHARTS, config);
    return sample({
      schemaVersion: 2,
      config: descriptorOf('application/vnd.cncf.helm.config.v1+json', config),
      layers: [
        descriptorOf('application/vnd.cncf.helm.chart.content.v1.tar+gzip', Buffer.from('tgz')),
      ],
    });
  };

  it('goes by name and version of the chart itself', async () => {
    const status = async (tag: string, one: Sample): Promise<unknown> => {
      const { status: code, error } = await putTo(server, CHARTS, tag, one);
      return error?.detail['rule'] ?? code;
    };

    expect(await status('1.2.0', chart('checkout', '1.2.0'))).toBe(201);
    expect(await status('1.2.1_build.7', chart('checkout', '1.2.1+build.7'))).toBe(201);
    expect(await status('1.3.0', chart('payment', '1.3.0'))).toBe('chart-name');
    expect(await status('1.3.0', chart('checkout', '1.4.0'))).toBe('chart-version');
    expect(await status('1.2.0', chart('checkout', '1.2.0+x'))).toBe('chart-version');
  });

  it('is written once, as images are', async () => {
    await putTo(server, CHARTS, '1.2.0', chart('checkout', '1.2.0'));
    const other = sample({
      ...(JSON.parse(chart('checkout', '1.2.0').bytes.toString()) as object),
      annotations: { a: '1' },
    });

    expect(await putTo(server, CHARTS, '1.2.0', other)).toMatchObject({ status: 409 });
  });
});

describe('who may write where', () => {
  it('is asked of the handler too, whoever calls it', async () => {
    const pushed = image(server);
    const ruleFor = async (repository: string, tag: string): Promise<unknown> =>
      (await putTo(server, repository, tag, pushed)).error?.detail['rule'];

    expect(await ruleFor('channels/prod/checkout', 'stable')).toBe('channels-by-system-only');
    expect(await ruleFor('bases/static', '1_20260101')).toBe('bases-by-custodian-only');
    expect(await ruleFor('elsewhere/x', 'v1')).toBe('unknown-namespace');
    expect(await ruleFor(APP, 'main')).toBe('app-tag-grammar');
    expect(await ruleFor('scratch/x', 'latest')).toBe('no-latest');
    expect(writes()).toEqual([]);
  });

  it('lets the system move a channel, and the custodian write a base once', async () => {
    const [one, two] = [image(server, '1'), image(server, '2')];

    server.principal = SYSTEM;
    expect((await putTo(server, 'channels/prod/checkout', 'stable', one)).status).toBe(201);
    expect((await putTo(server, 'channels/prod/checkout', 'stable', two)).status).toBe(201);
    expect(server.backend.tagOf('channels/prod/checkout', 'stable')).toBe(two.digest);
    server.principal = CUSTODIAN;
    expect((await putTo(server, 'bases/static', '1_20260101', one)).status).toBe(201);
    expect((await putTo(server, 'bases/static', '1_20260101', two)).status).toBe(409);
  });

  it('nobody, while pushes are closed', async () => {
    server.mode = { ...server.mode, pushes: 'closed', reason: 'garbage collection' };

    const answer = await putTo(server, APP, TAG, image(server));

    expect(answer).toMatchObject({ status: 503, error: { detail: { rule: 'pushes-closed' } } });
    expect(answer.headers.get('retry-after')).not.toBeNull();
  });

  it('nobody, when pushes were closed while the manifest was judged', async () => {
    const pushed = image(server);
    server.backend.before = () => {
      server.mode = { ...server.mode, pushes: 'closed', reason: 'garbage collection' };
      return 'as usual';
    };

    const answer = await putTo(server, APP, TAG, pushed);

    expect(answer).toMatchObject({ status: 503, error: { detail: { rule: 'pushes-closed' } } });
    expect(server.backend.manifests.size).toBe(0);
    expect(await server.inventory.getTag(APP, TAG)).toBeNull();
  });
});

describe('what is quarantined', () => {
  it('does not come back in: not itself, not in an index, not by a layer', async () => {
    const bad = image(server, 'bad');
    const good = image(server, 'good');
    const block = {
      digest: bad.digest,
      cause: bad.digest,
      reason: 'remote code execution',
      cves: ['CVE-2026-1'],
      by: 'erin',
      at: NOW,
      graceUntil: null,
      expiresAt: null,
    };
    await push(bad, good);
    server.block(block);
    const quarantined = { status: 403, error: { code: 'DENIED', detail: { rule: 'quarantined' } } };

    expect(await putTo(server, APP, TAG, bad)).toMatchObject(quarantined);
    expect(await putTo(server, APP, TAG, index(good, bad))).toMatchObject(quarantined);
    const inner = index(good, bad);
    server.backend.addManifest(APP, inner.bytes, OCI_INDEX);
    expect(await putTo(server, APP, TAG, index(inner))).toMatchObject(quarantined);
    const layer = descriptorOf(
      'application/vnd.oci.image.layer.v1.tar+gzip',
      Buffer.from('a layer'),
    );
    server.block({ ...block, digest: layer.digest as typeof block.digest });
    expect(await putTo(server, APP, TAG, good)).toMatchObject(quarantined);
  });

  it('may still be spoken about', async () => {
    const bad = image(server);
    await push(bad);
    server.block({
      digest: bad.digest,
      cause: bad.digest,
      reason: 'malware',
      cves: [],
      by: 'erin',
      at: NOW,
      graceUntil: null,
      expiresAt: null,
    });
    const vex = artifact(bad, 'application/vnd.example.vex+json');

    expect((await putTo(server, APP, vex.digest, vex)).status).toBe(201);
  });
});

describe('a body', () => {
  it('over 4 MiB is refused, whether it says its length or not', async () => {
    const huge = bytesOf({ ...manifestJson(), annotations: { a: 'x'.repeat(10_000_000) } });
    const path = `/v2/${APP}/manifests/${TAG}`;

    expect(await server.put(path, huge, OCI_MANIFEST)).toMatchObject({
      status: 413,
      error: { code: 'SIZE_INVALID' },
    });
    const chunked = {
      method: 'PUT',
      body: new Blob([new Uint8Array(huge)]).stream(),
      duplex: 'half',
    } as RequestInit;
    expect(await server.call(path, chunked)).toMatchObject({ status: 413 });
    expect(writes()).toEqual([]);
  });

  it('without Content-Type is refused', async () => {
    expect(
      await server.put(`/v2/${APP}/manifests/${TAG}`, image(server).bytes, null),
    ).toMatchObject({
      status: 400,
      error: { detail: { rule: 'media-type' } },
    });
  });
});

describe('what the registry refuses', () => {
  it('is refused in its words, with the blobs that it misses', async () => {
    const missing = `sha256:${'d'.repeat(64)}`;
    server.backend.before = (method) =>
      method === 'PUT' ? refusal(400, 'MANIFEST_BLOB_UNKNOWN', missing) : 'as usual';

    expect(await putTo(server, APP, TAG, image(server))).toMatchObject({
      status: 400,
      error: {
        code: 'MANIFEST_BLOB_UNKNOWN',
        message: 'no: MANIFEST_BLOB_UNKNOWN',
        detail: { rule: 'backend-refused', digests: [missing] },
      },
    });
    expect(await server.inventory.getTag(APP, TAG)).toBeNull();
  });

  it.each([
    [answerOf(429, { 'retry-after': '7' }, 'slow down'), 429],
    [answerOf(418, {}, '<html>'), 418],
    [answerOf(401), 502],
    [answerOf(307, { location: 'http://elsewhere.test/' }), 502],
  ])('is made sense of when it is nonsense (%#)', async (answer, status) => {
    server.backend.before = (method) => (method === 'PUT' ? answer : 'as usual');

    expect((await putTo(server, APP, TAG, image(server))).status).toBe(status);
  });
});
