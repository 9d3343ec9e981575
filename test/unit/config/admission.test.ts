import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadAdmissionSettings, readAdmissionConfig } from '../../../src/config/admission';
import { DEFAULT_VERIFY_SETTINGS } from '../../../src/domain/admission/settings';

const DEFAULT = path.resolve(__dirname, '../../../deploy/admission/default.yaml');
const REQUIRED = {
  PLURA_DATABASE_URL: 'postgres://plura@127.0.0.1/plura',
  PLURA_PUBLIC_KEYS_DIR: '/state/trust',
  PLURA_TRUSTED_ROOT: '/state/trusted-root.json',
  PLURA_POLICY: '/etc/plura/policy.yaml',
  PLURA_CATALOG: '/etc/plura/catalog.yaml',
  PLURA_ADMISSION: '/etc/plura/admission.yaml',
  PLURA_ADMISSION_CERT: '/tls/tls.crt',
  PLURA_ADMISSION_KEY: '/tls/tls.key',
  PLURA_ADMISSION_AUDIT_FILE: '/audit/audit.jsonl',
};

it('listens to this machine alone unless it is told otherwise', () => {
  const config = readAdmissionConfig(REQUIRED);

  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 9443,
    operations: { host: '127.0.0.1', port: 9444 },
    clientCaFile: null,
    selfMadeFor: null,
  });
});

it('takes names for a pair of its own', () => {
  const config = readAdmissionConfig({ ...REQUIRED, PLURA_ADMISSION_SELF_MADE_FOR: 'a.svc,::1' });

  expect(config.selfMadeFor).toEqual(['a.svc', '::1']);
});

it.each([
  ['PLURA_ADMISSION_SELF_MADE_FOR', 'a b'],
  ['PLURA_ADMISSION_CERT', ''],
  ['PLURA_OPERATIONS_PORT', '0'],
  ['PLURA_PORT', 'https'],
])('names %s when it is "%s"', (name, value) => {
  expect(() => readAdmissionConfig({ ...REQUIRED, [name]: value })).toThrow(name);
});

it('is checked alike where the file is not at hand', () => {
  const { dependencyMs, verdictMaxAgeMs, trustedSources, limits, cache } =
    loadAdmissionSettings(DEFAULT);

  expect(DEFAULT_VERIFY_SETTINGS).toEqual({
    dependencyMs,
    verdictMaxAgeMs,
    trustedSources,
    limits,
    cache,
  });
});

describe('the settings', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'plura-admission-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const load = (edit: (text: string) => string): ReturnType<typeof loadAdmissionSettings> => {
    const file = path.join(folder, 'admission.yaml');
    writeFileSync(file, edit(readFileSync(DEFAULT, 'utf8')));
    return loadAdmissionSettings(file);
  };

  it('are those of the standard', () => {
    expect(loadAdmissionSettings(DEFAULT)).toMatchObject({
      deadlineMs: 8_000,
      dependencyMs: 3_000,
      verdictMaxAgeMs: 7 * 86_400_000,
      cache: { goodMs: 60_000, badMs: 5_000, entries: 100_000 },
      limits: { imagesPerReview: 100, bodyBytes: 256 * 1024 * 1024 },
      breakGlass: { groups: [], users: [], perHour: 5 },
    });
  });

  it.each<[string, string, string, RegExp]>([
    ['a cache of more than a minute', 'good: 60s', 'good: 61s', /cache.good.*longer than 60s/],
    ['refusals kept longer than admissions', 'bad: 5s', 'bad: 2m', /longer than good/],
    [
      'a part that outlasts the review',
      'dependency: 3s',
      'dependency: 8s',
      /not shorter than deadline/,
    ],
    ['a deadline that no API server waits for', 'deadline: 8s', 'deadline: 30s', /longer than 29s/],
    ['no registry', '  - registry.example:5080', '  []', /registries/],
    [
      'a registry with a path',
      'registry.example:5080',
      'registry.example/apps',
      /host or host:port/,
    ],
    [
      'a judgement under break-glass',
      '[registry, ledger,',
      '[signature, registry, ledger,',
      /covers/,
    ],
    ['a key that is none', 'cache:', 'cash:', /cash/],
  ])('refuse %s', (_what, from, to, message) => {
    expect(() => load((text) => text.replace(from, to))).toThrow(message);
  });
});
