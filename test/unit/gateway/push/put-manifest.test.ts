import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/adapters/oci/media-types';
import {
  bytesOf,
  configOf,
  descriptorOf,
  indexJson,
  LABELS,
  manifestJson,
} from '../../../support/fuzz/artifact';
import { answerOf } from './memory-backend';
import { APP, attestation, childOf, image, index, putTo, sample, TAG, type Sample } from './pushed';
import { NOW, startWritesServer, type WritesServer } from './writes-server';

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
