import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OCI_INDEX, OCI_MANIFEST } from '../../src/adapters/oci/media-types';
import { sha256 } from '../../src/adapters/oci/schema';
import {
  createPostgresRegistryStores,
  type PostgresRegistryStores,
} from '../../src/adapters/postgres/registry-stores';
import type { Digest } from '../../src/domain/digest';
import { referrersTag } from '../../src/domain/registry/referrers-index';
import { bytesOf, descriptorOf, indexJson, LABELS } from '../support/fuzz/artifact';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { logIn, type LoggedIn } from '../support/registry-clients';
import {
  call,
  pushBlob,
  pushImage,
  putManifest,
  type RegistryAccess,
} from '../support/registry-push';
import { startRegistry, type RegistryServer } from '../support/registry-server';

jest.setTimeout(120_000);

const APP = 'apps/checkout/web';
const EVERYTHING = [{ repositories: '**', actions: ['pull', 'push', 'delete'] }] as const;
const EMPTY = Buffer.from('{}');

let postgres: PostgresServer;
let stores: PostgresRegistryStores;
let registry: RegistryServer;
/** Two replicas in front of one registry. */
let gateways: readonly GatewayServer[];
let client: LoggedIn;
let versions = 0;

beforeAll(async () => {
  postgres = await startPostgres();
  const connectionString = await postgres.freshDatabase();
  stores = createPostgresRegistryStores({ connectionString, max: 8 });
  registry = await startRegistry();
  const start = (): Promise<GatewayServer> =>
    startGateway({
      backendUrl: registry.url,
      inventory: stores.inventory,
      robots: [
        { name: 'builder', scopes: EVERYTHING },
        { name: 'system', kind: 'system', scopes: EVERYTHING },
      ],
      deps: { requiredLabels: Object.keys(LABELS) },
    });
  gateways = [await start(), await start()];
  const [gateway] = gateways;
  const password = gateway!.secret('builder');
  client = await logIn(gateway!.host, { username: 'builder', password });
});

afterAll(async () => {
  await client.logOut();
  for (const gateway of gateways) await gateway.close();
  await registry.stop();
  await stores.close();
  await postgres.stop();
});

function accessOf(gateway: GatewayServer, name = 'builder'): RegistryAccess {
  return { url: gateway.url, basic: gateway.basic(name) };
}

const robot = (at = 0): RegistryAccess => accessOf(gateways[at % gateways.length]!);

async function pushSubject(): Promise<{ readonly digest: Digest; readonly reference: string }> {
  versions += 1;
  const input = { repository: APP, labels: { ...LABELS, seed: `${versions}` } };
  const { digest } = await pushImage(robot(), input, `2.${versions}.0_abcdef1`);
  expect((await pushBlob(robot(), APP, EMPTY)).status).toBe(201);
  return { digest, reference: `${gateways[0]!.host}/${APP}@${digest}` };
}

interface Artifact {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly digest: Digest;
}

function artifactOf(subject: Digest, artifactType: string): Artifact {
  const empty = descriptorOf('application/vnd.oci.empty.v1+json', EMPTY);
  const bytes = bytesOf({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config: empty,
    layers: [empty],
    subject: { mediaType: OCI_MANIFEST, digest: subject, size: 7 },
  });
  return { bytes, mediaType: OCI_MANIFEST, digest: sha256(bytes) };
}

interface Entry {
  readonly digest: string;
  readonly artifactType?: string;
}

async function listed(subject: Digest, query = ''): Promise<readonly Entry[]> {
  const answer = await call(robot(), `/v2/${APP}/referrers/${subject}${query}`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { manifests: Entry[] }).manifests;
}

const sorted = (entries: readonly { readonly digest: string }[]): readonly string[] =>
  entries.map(({ digest }) => digest).sort();

describe('parallel attaches', () => {
  it('over two gateways are all listed, with fallback indexes of clients among them', async () => {
    const { digest } = await pushSubject();
    const all = Array.from({ length: 30 }, (_, at) =>
      artifactOf(digest, `application/vnd.test.n${at}`),
    );

    const statuses = await Promise.all(
      all.map(async (one, at) => {
        const put = await putManifest(robot(at), APP, one.digest, one);
        if (at % 3 > 0) return [put.status];
        const index = bytesOf(indexJson([descriptorOf(OCI_MANIFEST, one.bytes)]));
        const own = { bytes: index, mediaType: OCI_INDEX };
        const kept = await putManifest(robot(at + 1), APP, referrersTag(digest), own);
        expect(kept.headers.get('docker-content-digest')).toBe(sha256(index));
        return [put.status, kept.status];
      }),
    );

    expect(new Set(statuses.flat())).toEqual(new Set([201]));
    expect(sorted(await listed(digest))).toEqual(sorted(all));
  });
});

describe('a referrer that is deleted', () => {
  it('leaves the list; the others stay', async () => {
    const { digest } = await pushSubject();
    const [one, two] = [artifactOf(digest, 'a/one'), artifactOf(digest, 'a/two')];
    await putManifest(robot(), APP, one.digest, one);
    await putManifest(robot(), APP, two.digest, two);
    const system = accessOf(gateways[1]!, 'system');

    const answer = await call(system, `/v2/${APP}/manifests/${one.digest}`, { method: 'DELETE' });

    expect(answer.status).toBe(202);
    expect(sorted(await listed(digest))).toEqual([two.digest]);
  });

  it('around the gateway leaves it with the next attach', async () => {
    const { digest } = await pushSubject();
    const [gone, next] = [artifactOf(digest, 'a/gone'), artifactOf(digest, 'a/next')];
    await putManifest(robot(), APP, gone.digest, gone);
    const around = `${registry.url}/v2/${APP}/manifests/${gone.digest}`;
    expect((await fetch(around, { method: 'DELETE' })).status).toBe(202);

    expect((await putManifest(robot(), APP, next.digest, next)).status).toBe(201);
    expect(sorted(await listed(digest))).toEqual([next.digest]);
  });
});

describe('oras', () => {
  it('attaches and discovers through the referrers API', async () => {
    const { digest, reference } = await pushSubject();
    const file = join(client.folder, 'sbom.json');
    await writeFile(file, '{"bomFormat":"CycloneDX"}');
    const flags = ['--plain-http', '--disable-path-validation'];

    const type = 'application/vnd.cyclonedx+json';
    await client.must('oras', 'attach', ...flags, '--artifact-type', type, reference, file);
    await client.must('oras', 'attach', ...flags, '--artifact-type', 'a/other', reference, file);

    const filtered = `?artifactType=${encodeURIComponent(type)}`;
    expect(await listed(digest, filtered)).toHaveLength(1);
    const found = await client.must(
      'oras',
      'discover',
      '--plain-http',
      '--format',
      'json',
      reference,
    );
    expect(found).toContain(type);
    expect(found).toContain('a/other');
  });

  it('as a client without the API keeps an index that loses nothing', async () => {
    const { digest, reference } = await pushSubject();
    const first = artifactOf(digest, 'a/first');
    await putManifest(robot(), APP, first.digest, first);
    const file = join(client.folder, 'note.txt');
    await writeFile(file, 'a note');
    const flags = [
      '--plain-http',
      '--disable-path-validation',
      '--distribution-spec',
      'v1.1-referrers-tag',
    ];

    await client.must('oras', 'attach', ...flags, '--artifact-type', 'a/note', reference, file);

    expect((await listed(digest)).map(({ artifactType }) => artifactType).sort()).toEqual([
      'a/first',
      'a/note',
    ]);
  });
});

describe('cosign', () => {
  it('signs and verifies with a key, by bundle and by the tags of old', async () => {
    const { digest, reference } = await pushSubject();
    await client.must('cosign', 'generate-key-pair', '--output-key-prefix', 'team');
    const key = join(client.folder, 'team.key');
    const sign = ['sign', '--key', key, '--allow-http-registry', '--yes'];
    const offline = ['--tlog-upload=false', '--use-signing-config=false'];
    const verify = ['verify', '--key', join(client.folder, 'team.pub'), '--allow-http-registry'];

    await client.must('cosign', ...sign, ...offline, '--new-bundle-format=false', reference);
    const old = ['--insecure-ignore-tlog', '--new-bundle-format=false'];
    await client.must('cosign', ...verify, ...old, reference);
    await client.must('cosign', ...sign, ...offline, '--new-bundle-format=true', reference);
    await client.must(
      'cosign',
      ...verify,
      '--insecure-ignore-tlog',
      '--new-bundle-format=true',
      reference,
    );

    expect(await stores.inventory.getTag(APP, `${referrersTag(digest)}.sig`)).not.toBeNull();
    const types = (await listed(digest)).map(({ artifactType }) => artifactType ?? '');
    expect(types.some((type) => type.includes('sigstore.bundle'))).toBe(true);
  });
});
