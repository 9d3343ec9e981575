import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020';
import { interpolate, readCompose, readText } from '../support/compose-file';
import { startHttpScript } from '../support/http-script';
import { pushTestImage, startRegistry } from '../support/registry-server';

jest.setTimeout(120_000);

/** The loader of docker compose itself, for its copy of the Compose specification's schema (Apache-2.0). */
const MODULE = 'github.com/compose-spec/compose-go/v2@v2.16.2';
const SUM = 'h1:pTp1DqQwJzFd85GzlWsSszKA1ABrV/ySqsClujIcWA8=';

/** Fetched as our tools are: by Go from the module proxy, once a machine, checked against its sum. */
function fetchSchema(): object {
  const folder = mkdtempSync(path.join(tmpdir(), 'plura-compose-'));
  try {
    const answer = execFileSync('go', ['mod', 'download', '-json', MODULE], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
    });
    const { Dir: dir, Sum: sum } = JSON.parse(answer) as { Dir: string; Sum: string };
    expect(sum).toBe(SUM);
    const text = readFileSync(path.join(dir, 'schema/compose-spec.json'), 'utf8');
    return JSON.parse(text) as object;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('docker-compose.yml against the Compose specification', () => {
  let validate: ValidateFunction;

  beforeAll(() => {
    // Its formats (durations, ports) are words of its own, and checked by the engine.
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    validate = ajv.compile(fetchSchema());
  });

  it('holds', () => {
    const valid = validate(readCompose());

    expect(validate.errors).toBeNull();
    expect(valid).toBe(true);
  });

  it.each([
    ['an unknown key', 'read_only: true', 'readonly: true'],
    ['an unknown condition', 'condition: service_healthy', 'condition: healthy'],
    ['a map where a text belongs', '- http://127.0.0.1:8700/healthz', '- a: b'],
  ])('would not hold with %s', (_name, from, to) => {
    const text = readText('docker-compose.yml');
    expect(text).toContain(from);

    expect(validate(readCompose(text.replace(from, to)))).toBe(false);
  });
});

describe('the registry of docker-compose.yml', () => {
  it('tells the gateway of manifests, with the secret, and of nothing else', async () => {
    const gateway = await startHttpScript((_request, response) => response.end());
    const name = 'REGISTRY_NOTIFICATIONS_ENDPOINTS';
    const text = readCompose().services['registry']?.environment?.[name] ?? '';
    const secrets = { PLURA_NOTIFICATION_SECRET: 'of-the-gateway' };
    const endpoints = interpolate(text, secrets).replace('http://gateway:5000', gateway.url);
    const registry = await startRegistry('', { [name]: endpoints });

    try {
      const digest = await pushTestImage(registry.url, { repository: 'apps/a/a' });
      await fetch(`${registry.url}/v2/apps/a/a/manifests/${digest}`);
      for (let tries = 0; gateway.seen.length === 0 && tries < 100; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }

      const told = gateway.seen.flatMap(
        ({ body }) => (JSON.parse(body.toString('utf8')) as { events: unknown[] }).events,
      );
      expect(told).toEqual([
        expect.objectContaining({
          action: 'push',
          target: expect.objectContaining({ digest }) as unknown,
        }),
      ]);
      expect(gateway.seen[0]).toMatchObject({
        path: '/notifications',
        headers: { authorization: 'Bearer of-the-gateway' },
      });
    } finally {
      await registry.stop();
      await gateway.stop();
    }
  });
});
