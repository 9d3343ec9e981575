import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { createFileKeyManagement } from '../../src/adapters/kms/file-key-management';
import { repositoryRoot } from '../../src/local/repository-root';
import { seedKeys } from '../../src/local/seed/keys';
import { writePublicKeys } from '../../src/local/seed/trusted-root';
import { requestFor } from '../support/admission-pods';
import { fakeDigest } from '../support/api-fixtures';
import { goodContainer, goodMetadata, goodSpec } from '../support/guardrail-builders';
import { captureOutput, freePort, stopProcess, waitForHttp } from '../support/registry-server';

jest.setTimeout(60_000);

/** Nobody listens there. */
const NOWHERE = '127.0.0.1:1';
const CATALOG = `apiVersion: plura.reg/v1
services:
  - { svc: shop, name: web, owner: team-shop, region: eu-west-1 }
`;

let folder: string;
let child: ChildProcess;
let reviews: string;
let operations: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-admission-process-'));
  const { keysDir, signingKeyIds } = await seedKeys(folder);
  const publicKeysDir = join(folder, 'trust');
  await writePublicKeys(publicKeysDir, createFileKeyManagement({ dir: keysDir }), signingKeyIds);
  const [port, operationsPort] = [await freePort(), await freePort()];
  const root = repositoryRoot();
  const catalog = join(folder, 'catalog.yaml');
  await writeFile(catalog, CATALOG);
  await writeFile(join(folder, 'audit.jsonl'), 'not json\n');
  const hook = join(__dirname, '../support/typescript-hook.cjs');
  child = spawn(process.execPath, ['--require', hook, join(root, 'src/main/admission.ts')], {
    env: {
      PATH: process.env['PATH'],
      PLURA_DATABASE_URL: `postgres://plura@${NOWHERE}/plura`,
      PLURA_REGISTRY_URL: `http://${NOWHERE}`,
      PLURA_TRUSTED_ROOT: join(folder, 'trusted_root.json'),
      PLURA_PUBLIC_KEYS_DIR: publicKeysDir,
      PLURA_POLICY: join(root, 'deploy/policy/default.yaml'),
      PLURA_CATALOG: catalog,
      PLURA_ADMISSION: join(root, 'deploy/admission/default.yaml'),
      PLURA_PORT: String(port),
      PLURA_OPERATIONS_PORT: String(operationsPort),
      PLURA_ADMISSION_CERT: join(folder, 'tls.crt'),
      PLURA_ADMISSION_KEY: join(folder, 'tls.key'),
      PLURA_ADMISSION_SELF_MADE_FOR: '127.0.0.1',
      PLURA_ADMISSION_AUDIT_FILE: join(folder, 'audit.jsonl'),
      PLURA_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  reviews = `https://127.0.0.1:${port}`;
  operations = `http://127.0.0.1:${operationsPort}`;
  await waitForHttp(`${operations}/readyz`, child, captureOutput(child));
});

afterAll(async () => {
  await stopProcess(child);
  await rm(folder, { recursive: true, force: true });
});

async function review(object: Readonly<Record<string, unknown>>): Promise<unknown> {
  const ca = await readFile(join(folder, 'tls.crt'));
  const headers = { 'content-type': 'application/json' };
  const call = request(`${reviews}/validate?timeout=10s`, { method: 'POST', ca, headers });
  const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
  call.end(JSON.stringify({ ...body, request: requestFor(object) }));
  const [response] = (await once(call, 'response')) as [NodeJS.ReadableStream];
  return json(response);
}

it('is there while registry and Postgres are not, and says that it cannot know', async () => {
  const image = `registry.example:5080/apps/shop/web@${fakeDigest('one')}`;

  const spec = goodSpec({ containers: [goodContainer({ image })] });

  expect(
    await review({ apiVersion: 'v1', kind: 'Pod', metadata: goodMetadata(), spec }),
  ).toMatchObject({
    response: {
      allowed: false,
      status: { code: 503, message: expect.stringMatching(/\[not-known]/) as string },
    },
  });
});

it('shows what it did and how long it took', async () => {
  const metrics = await (await fetch(`${operations}/metrics`)).text();

  expect(metrics).toContain(
    'plura_admission_reviews_total{webhook="validate",verdict="unknown"} 1',
  );
  expect(metrics).toMatch(/plura_admission_review_seconds_sum\{webhook="validate"\} 0\.\d+/);
});

it('is there over an audit file that it does not understand, with break-glass off', async () => {
  const metrics = await (await fetch(`${operations}/metrics`)).text();

  expect(metrics).toMatch(/^plura_admission_break_glass_off 1$/m);
  expect(await readFile(join(folder, 'audit.jsonl'), 'utf8')).toBe('not json\n');
});

it('ends by itself when it is told to, once the last reviews are over', async () => {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');

  expect(await exited).toEqual([0, null]);
});
