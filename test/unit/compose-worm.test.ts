import { existsSync } from 'node:fs';
import path from 'node:path';
import { readApiConfig } from '../../src/config/api';
import { readWorkerConfig } from '../../src/config/worker';
import { interpolate, readCompose, ROOT } from '../support/compose-file';

const REQUIRED = {
  PLURA_DATABASE_PASSWORD: 'p1',
  PLURA_TARGET_URL: 'http://target:8710',
};
const READERS = [
  ['api', readApiConfig, 'worm_reader'],
  ['worker-release', readWorkerConfig, 'worm_writer'],
  ['worker-control', readWorkerConfig, 'worm_writer'],
] as const;

function environmentOf(name: string, over: Readonly<Record<string, string>> = {}): object {
  const entries = Object.entries(readCompose().services[name]?.environment ?? {});
  const filledIn = { ...REQUIRED, ...over };
  return Object.fromEntries(entries.map(([key, value]) => [key, interpolate(value, filledIn)]));
}

describe('incident copies in docker-compose.yml', () => {
  it.each(READERS)('are none for %s where no bucket is named', (name, read) => {
    expect(read({ ...environmentOf(name) }).worm).toBeNull();
  });

  it.each(READERS)('lie where .env says for %s', (name, read) => {
    const over = {
      PLURA_WORM_BUCKET: 'incidents',
      PLURA_WORM_PREFIX: 'plura/',
      PLURA_WORM_REGION: 'eu-west-1',
      PLURA_WORM_ENDPOINT: 'https://s3.example.com',
      PLURA_WORM_PATH_STYLE: 'true',
    };

    expect(read({ ...environmentOf(name, over) }).worm).toEqual({
      ...{ bucket: 'incidents', prefix: 'plura/', region: 'eu-west-1' },
      ...{ endpoint: 'https://s3.example.com', pathStyle: true },
    });
  });

  it.each(READERS)(
    'are open to %s by credentials of its own, from a file',
    (name, _read, secret) => {
      const compose = readCompose();
      const { secrets = [] } = compose.services[name] ?? {};
      const file = interpolate(compose.secrets[secret]?.file ?? '', {});

      expect(secrets).toContain(secret);
      // Without one in .env there is one that says nothing.
      expect(existsSync(path.join(ROOT, file))).toBe(true);
      expect(environmentOf(name)).toMatchObject({
        AWS_SHARED_CREDENTIALS_FILE: `/run/secrets/${secret}`,
      });
    },
  );
});
