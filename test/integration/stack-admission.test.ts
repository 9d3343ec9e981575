import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { createFileKeyManagement } from '../../src/adapters/kms/file-key-management';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { createRekorWitness } from '../../src/adapters/rekor/rekor-witness';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import type { ImageRef } from '../../src/domain/reference';
import { repositoryRoot } from '../../src/local/repository-root';
import { resetState } from '../../src/local/stack/reset';
import { robotCredentials } from '../../src/local/stack/robots';
import { keysDir, trustedRootFile } from '../../src/local/stack/seed-step';
import { startStack, type Stack } from '../../src/local/stack/start-stack';
import type { StackState } from '../../src/local/stack/state';
import { createReleases, type Releases } from '../support/admission-releases';

jest.setTimeout(180_000);

const CATALOG = `apiVersion: plura.reg/v1
services:
  - { svc: shop, name: web, owner: team-shop, region: eu-west-1 }
`;

let folder: string;
let stack: Stack;
let addresses: StackState;
let ledger: ReturnType<typeof createPostgresLedger>;
let releases: Releases;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-stack-admission-'));
  const stateDir = join(folder, 'state');
  const catalog = join(folder, 'catalog.yaml');
  await writeFile(catalog, CATALOG);
  stack = await startStack({
    stateDir,
    ports: 'free',
    only: ['admission', 'rekor'],
    env: { PLURA_CATALOG: catalog },
    environment: process.env,
  });
  addresses = await stack.addresses;
  const credentials = robotCredentials(stateDir, 'system');
  const { username, password } = credentials;
  ledger = createPostgresLedger({ connectionString: addresses.database });
  releases = await createReleases({
    registryUrl: addresses.registry,
    login: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    },
    registry: createOciRegistry({ url: addresses.registry, credentials }),
    signer: createSigstoreSigner({
      kms: createFileKeyManagement({ dir: keysDir(stateDir) }),
      witness: createRekorWitness({ url: addresses.rekor }),
      trustedRootFile: trustedRootFile(stateDir),
    }),
    ledger,
  });
});
afterAll(async () => {
  await ledger.close();
  await stack.stop();
  await resetState(join(folder, 'state'));
  await rm(folder, { recursive: true, force: true });
});

/** The sample of the docs, with this image. */
async function review({ repository, digest }: ImageRef): Promise<unknown> {
  const image = `${new URL(addresses.registry).host}/${repository}@${digest}`;
  const sample = await readFile(join(repositoryRoot(), 'deploy/admission/review.json'), 'utf8');
  const call = request(`${addresses.admission}/validate?timeout=10s`, {
    method: 'POST',
    ca: await readFile(addresses.admissionCa),
    headers: { 'content-type': 'application/json' },
  });
  call.end(sample.replace('IMAGE', image));
  const [response] = (await once(call, 'response')) as [NodeJS.ReadableStream];
  return json(response);
}

test('the webhook of the stack lets in what was released, through the gateway and over its own certificate', async () => {
  const answer = await review(await releases.release());

  expect(answer).toMatchObject({ response: { allowed: true } });
});

test('and keeps out what was not signed', async () => {
  const answer = await review(await releases.release({ without: ['signature'] }));

  expect(answer).toMatchObject({
    response: {
      allowed: false,
      status: { code: 403, message: expect.stringMatching(/\[signature]/) as string },
    },
  });
});

test('its key is for its owner alone', async () => {
  const { mode } = await stat(addresses.admissionCa.replace('.crt', '.key'));

  expect((mode & 0o777).toString(8)).toBe('600');
});

test('nobody waits for an API server when it is stopped', async () => {
  const startedAt = performance.now();
  await stack.restart('admission');

  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect((await fetch(`${addresses.admissionOperations}/readyz`)).status).toBe(200);
});
