import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOciVendors } from '../../src/adapters/oci/base-vendors';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import {
  BASE_WORKFLOWS,
  type BaseImportInput,
  type BaseImportReport,
} from '../../src/contract/base-messages';
import { baseImportWorkflowId } from '../../src/contract/ids';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { BaseFamily, VendorRule } from '../../src/domain/bases/family';
import type { Digest } from '../../src/domain/digest';
import { createVendorVerifier } from '../../src/main/base-importing';
import { createReadBases } from '../../src/main/read-bases';
import { KEY_IDS } from '../../src/ports/signer';
import { importInput } from '../support/base-world';
import { cosign } from '../support/cosign';
import { attachLegacy } from '../support/cosign-legacy';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { createGpgKey, hasGpg, type GpgKey } from '../support/gpg';
import { describeWith } from '../support/needs';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { openStores, type OpenStores } from '../support/registry-stores';
import { createSigstoreInstance } from '../support/sigstore-instance';
import { startVendor, type VendorServer } from '../support/vendor-server';

jest.setTimeout(120_000);

const WHO = { identity: 'keyless@vendor.example', issuer: 'https://accounts.vendor.example' };
const KEYLESS: VendorRule = { kind: 'cosign-keyless', ...WHO, trustedRoot: 'sigstore.json' };
const KEY: VendorRule = { kind: 'cosign-key', key: 'cosign.pub' };
const UNSIGNED = [
  '--tlog-upload=false',
  '--use-signing-config=false',
  '--allow-http-registry',
  '--yes',
];

const server = useDevServer();
const instance = createSigstoreInstance();
let postgres: PostgresServer;
let stores: OpenStores;
let backend: RegistryServer;
let gateway: GatewayServer;
let vendor: VendorServer;
let deps: FakeDeps;
let folder: string;

beforeAll(async () => {
  [postgres, backend, vendor, folder] = await Promise.all([
    startPostgres(),
    startRegistry(),
    startVendor(),
    mkdtemp(join(tmpdir(), 'plura-bases-')),
  ]);
  stores = await openStores(await postgres.freshDatabase());
  const scopes = [{ repositories: 'bases/**', actions: ['pull', 'push'] as const }];
  gateway = await startGateway({
    backendUrl: backend.url,
    robots: [{ name: 'custodian', kind: 'custodian', scopes }],
    policy: { anonymousPull: ['bases'] },
  });
  const credentials = { username: 'custodian', password: gateway.secret('custodian') };
  const write = { url: gateway.url, credentials };
  const fakes = await createFakeDeps();
  deps = {
    ...fakes,
    baseCatalogue: stores.baseCatalogue,
    baseVendors: { ...fakes.baseVendors, ...createOciVendors({ write }) },
    custodian: createOciRegistry(write),
    readBases: createReadBases(stores.baseCatalogue, join(folder, 'none.json')),
    signer: { ...fakes.signer, ...createSigstoreSigner({ kms: fakes.kms }) },
    verifyVendor: createVendorVerifier({ folder, gpgv: 'gpgv' }),
  };
  server.workers.use('', deps);
  await writeFile(join(folder, 'sigstore.json'), instance.trustedRoot);
  await cosign('generate-key-pair', '--output-key-prefix', join(folder, 'cosign'));
  await cosign('generate-key-pair', '--output-key-prefix', join(folder, 'other'));
  await writeFile(join(folder, 'bases.pub'), await fakes.kms.publicKey(KEY_IDS.bases));
});

afterAll(async () => {
  await gateway.close();
  await stores.close();
  await Promise.all([postgres.stop(), backend.stop(), vendor.stop()]);
  await rm(folder, { recursive: true, force: true });
});

let families = 0;

interface Published {
  readonly family: BaseFamily;
  readonly digest: Digest;
  /** At the vendor, by digest. */
  readonly reference: string;
}

async function publish(signature: VendorRule): Promise<Published> {
  const name = `family-${(families += 1)}`;
  const repository = `library/${name}`;
  const digest = await vendor.publish(repository, '3.22.2', name);
  return {
    family: {
      ...{ name, source: { host: vendor.host, repository }, signature },
      channel: { kind: 'newest', pattern: '3.22.x' },
    },
    digest,
    reference: `${vendor.host}/${repository}@${digest}`,
  };
}

async function run(
  family: BaseFamily,
  over: Partial<BaseImportInput> = {},
): Promise<BaseImportReport> {
  const input = importInput({ family, transparencyLog: 'off', ...over });
  return (await server.environment.client.workflow.execute(BASE_WORKFLOWS.import, {
    workflowId: baseImportWorkflowId(family.name),
    taskQueue: TASK_QUEUES.release,
    args: [input],
  })) as BaseImportReport;
}

const mirrorOf = ({ family }: Published): string => `bases/${family.name}`;

/** It is in the mirror, as it is at the vendor, signed by the custodian, and builds start from it. */
async function expectImported(published: Published, report: BaseImportReport): Promise<void> {
  const { digest } = published;
  const repository = mirrorOf(published);
  expect(report).toMatchObject({ outcome: 'imported', version: '3.22.2', digest, reason: null });
  const registry = createOciRegistry({ url: backend.url });
  expect(await registry.findMissing({ repository, digest })).toEqual([]);
  const tag = report.mirror?.split(':')[1] ?? '';
  expect(await registry.resolve(repository, tag)).toMatchObject({ digest });
  expect((await deps.readBases())[repository]).toEqual({ repository, digest });
  const verified = await cosign(
    ...['verify', '--key', join(folder, 'bases.pub'), '--insecure-ignore-tlog'],
    ...['--allow-http-registry', `${gateway.host}/${repository}@${digest}`],
  );
  expect({ code: verified.code, stderr: verified.code === 0 ? '' : verified.stderr }).toEqual({
    code: 0,
    stderr: '',
  });
}

/** Refused at the vendor: not a byte of it came in, and builds have nothing to start from. */
async function expectRefused(
  published: Published,
  report: BaseImportReport,
  why: RegExp,
): Promise<void> {
  expect(report).toMatchObject({ outcome: 'refused', step: 'verify', mirror: null });
  expect(report.reason).toMatch(why);
  const { repositories = [] } = (await (
    await fetch(`${backend.url}/v2/_catalog?n=1000`)
  ).json()) as {
    readonly repositories?: readonly string[];
  };
  expect(repositories).not.toContain(mirrorOf(published));
  expect(await stores.baseCatalogue.list(published.family.name)).toEqual([]);
}

describe('signed with a key of cosign', () => {
  it.each([
    ['a bundle', []],
    ['the older tag', ['--new-bundle-format=false']],
  ])('comes in, as %s, by the real cosign', async (_what, format) => {
    const published = await publish(KEY);
    const key = ['--key', join(folder, 'cosign.key')];
    const signed = await cosign('sign', ...key, ...UNSIGNED, ...format, published.reference);
    expect(signed.code).toBe(0);

    await expectImported(published, await run(published.family));
    expect(await run(published.family)).toMatchObject({ outcome: 'unchanged' });
  });

  it('stays out with the signature of another key, of another digest, and without any', async () => {
    const [other, unsigned, moved] = [await publish(KEY), await publish(KEY), await publish(KEY)];
    await cosign('sign', '--key', join(folder, 'other.key'), ...UNSIGNED, other.reference);
    await cosign('sign', '--key', join(folder, 'cosign.key'), ...UNSIGNED, moved.reference);
    const { source } = moved.family;
    const replaced = {
      ...moved,
      digest: await vendor.publish(source.repository, '3.22.2', 'evil'),
    };

    await expectRefused(other, await run(other.family), /signature verification failed/);
    await expectRefused(unsigned, await run(unsigned.family), /it has none of cosign/);
    await expectRefused(replaced, await run(replaced.family), /it has none of cosign/);
  });

  it('stays out when the key is not there to check it by', async () => {
    const published = await publish({ kind: 'cosign-key', key: 'missing.pub' });

    await expectRefused(published, await run(published.family), /missing\.pub can't be read/);
  });
});

describe('signed keyless', () => {
  const attach = async ({ family, digest }: Published, who = WHO, named = digest): Promise<void> =>
    attachLegacy(vendor, { repository: family.source.repository, digest }, named, (payload) =>
      instance.sign({ ...who, payload }),
    );

  it('comes in by identity and issuer', async () => {
    const published = await publish(KEYLESS);
    await attach(published);

    await expectImported(published, await run(published.family));
  });

  it('stays out with another identity, another issuer and the signature of another digest', async () => {
    const [one, two, three] = [
      await publish(KEYLESS),
      await publish(KEYLESS),
      await publish(KEYLESS),
    ];
    await attach(one, { ...WHO, identity: 'evil@vendor.example' });
    await attach(two, { ...WHO, issuer: 'https://evil.example' });
    await attach(three, WHO, one.digest);

    await expectRefused(one, await run(one.family), /signed by evil@vendor\.example/);
    await expectRefused(two, await run(two.family), /known to https:\/\/evil\.example/);
    await expectRefused(three, await run(three.family), /what was signed is sha256:/);
  });
});

describeWith('gpg and gpgv', hasGpg())('signed with GPG', () => {
  let key: GpgKey;
  let other: GpgKey;

  beforeAll(async () => {
    [key, other] = [createGpgKey(), createGpgKey()];
    await writeFile(join(folder, 'vendor.asc'), key.publicKey);
  });

  afterAll(() => {
    key.remove();
    other.remove();
  });

  const rule = (): VendorRule => ({
    ...{ kind: 'gpg-simple', keys: ['vendor.asc'], store: vendor.storeUrl },
  });

  function payloadOf({ family, digest }: Published, over: object = {}): string {
    const identity = `${vendor.host}/${family.source.repository}:3.22.2`;
    return JSON.stringify({
      critical: {
        type: 'atomic container signature',
        image: { 'docker-manifest-digest': digest },
        identity: { 'docker-reference': identity },
        ...over,
      },
      optional: { creator: 'test' },
    });
  }

  function put({ family, digest }: Published, number: number, signature: Buffer): void {
    const path = `${family.source.repository}@${digest.replace(':', '=')}/signature-${number}`;
    vendor.store.set(path, signature);
  }

  it('comes in by one of its signatures, by the real gpgv', async () => {
    const published = await publish(rule());
    put(published, 1, other.sign(payloadOf(published)));
    put(published, 2, key.sign(payloadOf(published)));

    const report = await run(published.family);

    expect(report.verifiedBy).toBe(`GPG key ${key.fingerprint}`);
    await expectImported(published, report);
  });

  it.each([
    ['another key', (one: Published) => other.sign(payloadOf(one)), /none of the keys made it/],
    [
      'another digest',
      (one: Published) =>
        key.sign(
          payloadOf(one, { image: { 'docker-manifest-digest': `sha256:${'a'.repeat(64)}` } }),
        ),
      /what was signed is sha256:a+/,
    ],
    [
      'another image',
      (one: Published) =>
        key.sign(payloadOf(one, { identity: { 'docker-reference': 'vendor.example/other:1' } })),
      /signed as vendor\.example\/other:1/,
    ],
    [
      'something critical that we do not know',
      (one: Published) => key.sign(payloadOf(one, { expires: 'never' })),
      /no image/,
    ],
    ['plain text', (one: Published) => Buffer.from(payloadOf(one)), /none of the keys made it/],
    ['an endless one', () => Buffer.alloc(70_000), /too large/],
  ])('stays out with a signature of %s', async (_what, sign, why) => {
    const published = await publish(rule());
    put(published, 1, sign(published));

    await expectRefused(published, await run(published.family), why);
  });

  it('stays out without any, and when a byte of it was changed', async () => {
    const [none, changed] = [await publish(rule()), await publish(rule())];
    const signature = key.sign(payloadOf(changed));
    signature.writeUInt8(signature.readUInt8(signature.length - 5) ^ 1, signature.length - 5);
    put(changed, 1, signature);

    await expectRefused(none, await run(none.family), /there is none in the store/);
    await expectRefused(changed, await run(changed.family), /none of the keys made it/);
  });
});

describe('signed by nobody', () => {
  it('comes in when somebody else approved this digest, and goes when it is withdrawn', async () => {
    const published = await publish({ kind: 'approval' });
    const { family, digest } = published;
    await expectRefused(published, await run(family), /nobody but adam approved/);

    await stores.baseCatalogue.approve({
      ...{ family: family.name, digest, approvedBy: 'erin', reason: 'seen' },
      ...{ acceptsFindings: false, at: '2026-03-01T11:00:00.000Z' },
    });
    await expectImported(published, await run(family));

    await stores.baseCatalogue.withdraw(mirrorOf(published), digest, new Date().toISOString());
    expect((await deps.readBases())[mirrorOf(published)]).toBeUndefined();
    expect(await run(family)).toMatchObject({ outcome: 'refused', step: 'resolve' });
  });
});
