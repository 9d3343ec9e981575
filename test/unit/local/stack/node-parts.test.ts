import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAdmissionConfig } from '../../../../src/config/admission';
import { portsByDefault } from '../../../../src/local/stack/addresses';
import { admissionFiles } from '../../../../src/local/stack/admission';
import type { StackContext } from '../../../../src/local/stack/context';
import { prepareNodePart, type NodePart } from '../../../../src/local/stack/node-parts';

const STATE = '/nowhere/.plura';
const ports = portsByDefault();
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'plura-root-'));
  const entries = join(root, 'dist', 'src', 'main');
  await mkdir(entries, { recursive: true });
  for (const name of ['gateway', 'admission', 'issuer', 'target', 'api', 'worker', 'traffic']) {
    await writeFile(join(entries, `${name}.js`), '');
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

function environmentOf(part: NodePart, mirrorsDatabase = false): Readonly<Record<string, string>> {
  const context: StackContext = {
    stateDir: STATE,
    ports,
    root,
    cacheDir: '/nowhere/cache',
    environment: { PATH: '/bin', AWS_SECRET_ACCESS_KEY: 'of the caller' },
    overrides: {},
    mirrorsDatabase,
    path: (binary) => Promise.resolve(binary),
    pathNow: (binary) => binary,
    onProgress: () => undefined,
  };
  return prepareNodePart(context, part).env;
}

const PARTS: readonly NodePart[] = [
  ...(['gateway', 'admission', 'issuer', 'target', 'api', 'traffic'] as const),
  ...(['worker-release', 'worker-control'] as const),
];

test.each<[NodePart, string, string]>([
  ['api', 'PLURA_REGISTRY', 'api'],
  ['admission', 'PLURA_REGISTRY', 'admission'],
  ['target', 'PLURA_REGISTRY', 'runtime'],
  ['worker-release', 'PLURA_REGISTRY', 'system'],
  ['worker-release', 'PLURA_BUILDER_REGISTRY', 'builder'],
  ['worker-release', 'PLURA_SCANNER_REGISTRY', 'scanner'],
  ['worker-control', 'PLURA_REGISTRY', 'system'],
])('%s has by %s the robot %s, and its secret by file', (part, prefix, robot) => {
  const env = environmentOf(part);

  expect(env[`${prefix}_USERNAME`]).toBe(robot);
  expect(env[`${prefix}_PASSWORD_FILE`]).toBe(join(STATE, 'robots', robot));
});

test('the workers alone are told of the system robot', () => {
  const told = PARTS.filter((part) => environmentOf(part)['PLURA_REGISTRY_USERNAME'] === 'system');

  expect(told).toEqual(['worker-release', 'worker-control']);
});

test('everybody is given the gateway as the registry', () => {
  const urls = new Set(PARTS.map((part) => environmentOf(part)['PLURA_REGISTRY_URL']));

  expect([...urls]).toEqual([`http://127.0.0.1:${ports.registry}`]);
});

test('the address behind the gateway is for the gateway, and for the workers, which check the record', () => {
  const told = PARTS.filter((part) => environmentOf(part)['PLURA_BACKEND_URL'] !== undefined);

  expect(told).toEqual(['gateway', 'worker-release', 'worker-control']);
  expect(environmentOf('gateway')).toMatchObject({
    PLURA_BACKEND_URL: `http://127.0.0.1:${ports['registry-backend']}`,
    PLURA_PORT: String(ports.registry),
  });
});

test('the gateway alone reads blobs where the registry keeps them', () => {
  const told = PARTS.filter((part) => 'PLURA_BACKEND_STORAGE_DIR' in environmentOf(part));

  expect(told).toEqual(['gateway']);
  expect(environmentOf('gateway')['PLURA_BACKEND_STORAGE_DIR']).toBe(
    join(STATE, 'registry', 'data'),
  );
});

test('all who judge images go by the settings of the webhook', () => {
  const { settings } = admissionFiles(STATE);
  const told = PARTS.filter((part) => environmentOf(part)['PLURA_ADMISSION'] === settings);

  expect(told).toEqual(['admission', 'api', 'worker-release', 'worker-control']);
});

test('the release worker alone mirrors the database, on a stack that is told to', () => {
  const source = (mirrors: boolean) => (part: NodePart) =>
    environmentOf(part, mirrors)['PLURA_DATABASE_MIRROR_SOURCE'];

  expect(PARTS.filter(source(false))).toEqual([]);
  expect(PARTS.filter(source(true))).toEqual(['worker-release']);
  expect(source(true)('worker-release')).toBe(
    `http://127.0.0.1:${ports.registry}/mirror/vendor/trivy-db:2`,
  );
});

test('the webhook is given all that it asks for', () => {
  const config = readAdmissionConfig({
    ...environmentOf('admission'),
    PLURA_DATABASE_URL: 'postgres://plura@127.0.0.1/plura',
  });

  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: ports.admission,
    operations: { host: '127.0.0.1', port: ports['admission-operations'] },
    cluster: null,
    selfMadeFor: ['127.0.0.1', 'localhost'],
  });
});

test.each(PARTS)('%s sees no more of the environment of who starts it than it needs', (part) => {
  const env = environmentOf(part);

  expect(env['PATH']).toBe('/bin');
  expect(env).not.toHaveProperty('AWS_SECRET_ACCESS_KEY');
});
