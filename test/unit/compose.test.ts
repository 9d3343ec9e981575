import { existsSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { loadAdmissionSettings, readAdmissionConfig } from '../../src/config/admission';
import { readApiConfig } from '../../src/config/api';
import { readIssuerConfig } from '../../src/config/issuer';
import { readDatabaseUrl } from '../../src/config/migrate';
import { readGatewayConfig } from '../../src/config/gateway';
import { readSeedKeysConfig } from '../../src/config/seed-keys';
import { readSeedRobotsConfig } from '../../src/config/seed-robots';
import { readWorkerConfig } from '../../src/config/worker';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes';
import { notificationSecretFile } from '../../src/local/seed/keys';
import { PRODUCT_ROBOTS } from '../../src/local/seed/robots';
import { admissionSecretFile, robotSecretFile } from '../../src/local/stack/robots';
import {
  publicKeysDir,
  trustedRootFile as stateTrustedRoot,
} from '../../src/local/stack/seed-step';
import { toolOf } from '../../src/local/toolchain/catalogue';
import {
  interpolate,
  mountsOf,
  readCompose,
  readText,
  ROOT,
  type Mount,
} from '../support/compose-file';

const compose = readCompose();
const services = Object.entries(compose.services);
const PRODUCT = [
  ...['api', 'worker-release', 'worker-control', 'gateway', 'admission'],
  ...['migrate', 'seed-keys', 'robots', 'issuer'],
];
const FILLED_IN = {
  PLURA_POSTGRES_PASSWORD: 'p1',
  PLURA_TEMPORAL_DB_PASSWORD: 'p2',
  PLURA_DATABASE_PASSWORD: 'p3',
  PLURA_REGISTRY_HTTP_SECRET: 'p4',
  PLURA_NOTIFICATION_SECRET: 'p5'.repeat(16),
  PLURA_TARGET_URL: 'http://target:8710',
};

function environmentOf(name: string): Record<string, string> {
  const entries = Object.entries(compose.services[name]?.environment ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, interpolate(value, FILLED_IN)]));
}

function mountsIn(name: string): readonly Mount[] {
  return mountsOf(compose.services[name] ?? {});
}

function namedVolumes(service: Parameters<typeof mountsOf>[0]): string[] {
  return mountsOf(service)
    .map(({ source }) => source)
    .filter((name) => /^[a-z]/.test(name));
}

describe('docker-compose.yml', () => {
  it('brings everything the product stands on', () => {
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining([
        ...['postgres', 'temporal-schema', 'temporal', 'temporal-namespace', 'temporal-ui'],
        ...['registry', 'gateway', 'buildkit', 'rekor', 'prometheus'],
        ...['migrate', 'api', 'admission', 'worker-release', 'worker-control'],
      ]),
    );
  });

  it.each(services)('pins %s to a version', (_name, service) => {
    const [, tag] = /:([^:/]+)$/.exec(interpolate(service.image ?? '', {})) ?? [];

    expect(tag).toMatch(/^v?\d+\.\d+/);
  });

  it.each([
    ['registry', 'registry'],
    ['buildkit', 'buildkit'],
    ['rekor', 'rekor'],
    ['tool-trivy', 'trivy'],
    ['prometheus', 'prometheus'],
  ] as const)('runs %s in the version that the tests run against', (name, tool) => {
    const tag = /:v?([^:/]+?)(?:-rootless)?$/.exec(compose.services[name]?.image ?? '')?.[1];
    // Prometheus the module is v0.316.0 where Prometheus the release is v3.16.0.
    const version = toolOf(tool).version.replace(/^v0\.3(\d\d)\.(\d+)$/, '3.$1.$2');

    expect(tag).toBe(version.replace(/^v/, ''));
  });

  it.each(services)(
    'lets %s wait only for what is there and can say when it is ready',
    (_n, one) => {
      for (const [needed, { condition }] of Object.entries(one.depends_on ?? {})) {
        const other = compose.services[needed];
        expect([needed, other]).not.toEqual([needed, undefined]);
        if (condition === 'service_healthy') {
          expect([needed, other?.healthcheck?.test[0]]).toEqual([needed, 'CMD']);
        }
        if (condition === 'service_completed_successfully') {
          expect([needed, other?.restart]).toEqual([needed, 'on-failure:5']);
        }
      }
    },
  );

  it('has no circle of services that wait for each other', () => {
    const visit = (name: string, above: readonly string[]): void => {
      expect(above).not.toContain(name);
      const needs = Object.keys(compose.services[name]?.depends_on ?? {});
      needs.forEach((next) => {
        visit(next, [...above, name]);
      });
    };

    services.forEach(([name]) => {
      visit(name, []);
    });
  });

  it.each(services)('defines the volumes, networks and secrets of %s', (_name, service) => {
    expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(namedVolumes(service)));
    expect(Object.keys(compose.networks)).toEqual(
      expect.arrayContaining([...(service.networks ?? [])]),
    );
    expect(Object.keys(compose.secrets)).toEqual(
      expect.arrayContaining([...(service.secrets ?? [])]),
    );
    expect(service.networks ?? service.network_mode).toBeDefined();
  });

  it('uses every volume, network and secret it defines', () => {
    const all = services.map(([, service]) => service);

    expect(new Set(all.flatMap((one) => namedVolumes(one)))).toEqual(
      new Set(Object.keys(compose.volumes)),
    );
    expect(new Set(all.flatMap((one) => one.networks ?? []))).toEqual(
      new Set(Object.keys(compose.networks)),
    );
    expect(new Set(all.flatMap((one) => one.secrets ?? []))).toEqual(
      new Set(Object.keys(compose.secrets)),
    );
  });

  it.each(services)('mounts only files that are in the repository into %s', (_name, service) => {
    const files = mountsOf(service)
      .map(({ source }) => source)
      .filter((source) => source.startsWith('./'));

    expect(files.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  it.each(services)('gives %s no more privileges than it needs', (name, service) => {
    expect(service.privileged).toBeUndefined();
    expect(JSON.stringify(service.volumes ?? [])).not.toContain('docker.sock');
    // Rootless BuildKit makes user namespaces; the file says what that takes.
    if (name !== 'buildkit') {
      expect(service.security_opt).toEqual(['no-new-privileges:true']);
      expect(service.cap_drop).toEqual(['ALL']);
    }
  });

  it.each(services)('publishes ports of %s on loopback only', (_name, service) => {
    expect((service.ports ?? []).filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it.each(services)('holds no secret of %s', (_name, service) => {
    const secrets = Object.entries(service.environment ?? {}).filter(
      ([key]) => /PASSWORD|PWD|SECRET|TOKEN|DATABASE_URL/.test(key) && !key.endsWith('_FILE'),
    );

    expect(secrets.filter(([, value]) => !/\$\{[A-Z_]+:\?/.test(value))).toEqual([]);
  });

  it('says in .env.example what must be filled in', () => {
    const example = readText('deploy/compose/.env.example');
    const required = [...readText('docker-compose.yml').matchAll(/\$\{([A-Z_]+):\?/g)];

    const names = new Set(required.map(([, name]) => name!));
    expect([...names].sort()).toEqual(Object.keys(FILLED_IN).sort());
    expect([...names].filter((name) => !example.includes(`\n${name}=`))).toEqual([]);
  });
});

describe('the product in docker-compose.yml', () => {
  it.each([
    ['api', readApiConfig],
    ['worker-release', readWorkerConfig],
    ['worker-control', readWorkerConfig],
    ['migrate', readDatabaseUrl],
    ['seed-keys', readSeedKeysConfig],
    ['robots', readSeedRobotsConfig],
    ['gateway', readGatewayConfig],
    ['admission', readAdmissionConfig],
    ['issuer', readIssuerConfig],
  ] as const)('gives %s a configuration that it accepts', (name, read) => {
    expect(() => read(environmentOf(name))).not.toThrow();
  });

  it.each(PRODUCT)('sets no variable for %s that nothing reads', (name) => {
    const files = [
      'environment',
      'kms',
      'api',
      'worker',
      'rollout',
      'gateway',
      'admission',
      'issuer',
      'migrate',
    ];
    const config = [...files, 'seed-keys', 'seed-robots', 'worm']
      .map((file) => readText(`src/config/${file}.ts`))
      .join('\n');

    const names = Object.keys(environmentOf(name)).filter((key) => key.startsWith('PLURA_'));

    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((key) => !config.includes(`${key}:`))).toEqual([]);
  });

  it.each(PRODUCT)('starts an entry point of ours as %s', (name) => {
    const [script] = compose.services[name]?.command ?? [];
    const source = script?.replace(/^dist\/(.*)\.js$/, '$1.ts') ?? '';

    expect(source).toMatch(/^src\/main\//);
    expect(existsSync(path.join(ROOT, source))).toBe(true);
  });

  it('lets the API and the issuer agree on who they are', () => {
    const api = readApiConfig(environmentOf('api'));
    const issuer = readIssuerConfig(environmentOf('issuer'));

    expect(api.issuer).toBe(issuer.issuer);
    expect(api.audience).toBe(issuer.audience);
  });

  it('tells the workers how often Prometheus looks', () => {
    const { global } = parse(readText('deploy/compose/prometheus.yml')) as {
      global: { scrape_interval: string };
    };

    const { scrapeIntervalMs } = readWorkerConfig(environmentOf('worker-release')).prometheus;

    expect(`${scrapeIntervalMs / 1000}s`).toBe(global.scrape_interval);
  });

  it('lets nobody but the gateway, and who checks its record, reach the registry', () => {
    const beside = services
      .filter(([, { networks = [] }]) => networks.includes('storage'))
      .map(([name]) => name);

    expect(beside.sort()).toEqual(['gateway', 'registry', 'worker-control', 'worker-release']);
    expect(compose.services['registry']?.networks).toEqual(['storage']);
    expect(compose.services['registry']?.ports).toBeUndefined();
  });

  it('lets the gateway read blobs where the registry keeps them, and write nothing there', () => {
    const { rootdirectory } = (
      parse(readText('deploy/compose/registry.yml')) as {
        storage: { filesystem: { rootdirectory: string } };
      }
    ).storage.filesystem;

    expect(environmentOf('gateway')['PLURA_BACKEND_STORAGE_DIR']).toBe(rootdirectory);
    expect(compose.services['registry']?.volumes).toContain(`registry:${rootdirectory}`);
    expect(compose.services['gateway']?.volumes).toContain(`registry:${rootdirectory}:ro`);
  });

  it('gives registry and gateway the same secret for notifications', () => {
    const { REGISTRY_NOTIFICATIONS_ENDPOINTS: text = '' } = environmentOf('registry');
    const [endpoint] = JSON.parse(text) as {
      url: string;
      headers: Record<string, readonly string[]>;
    }[];
    const { PLURA_STATE_DIR: stateDir = '', PLURA_NOTIFICATION_SECRET: secret } =
      environmentOf('seed-keys');

    expect(endpoint?.url).toBe('http://gateway:5000/notifications');
    expect(endpoint?.headers['Authorization']).toEqual([`Bearer ${secret}`]);
    expect(environmentOf('gateway')['PLURA_NOTIFICATION_SECRET_FILE']).toBe(
      notificationSecretFile(stateDir),
    );
  });

  it('gives the webhook settings, a place of its own to write to, and Prometheus its numbers', () => {
    const { settingsFile, certFile, keyFile, auditFile, operations } = readAdmissionConfig(
      environmentOf('admission'),
    );
    const mounts = mountsIn('admission');
    const mounted = mounts.find(({ target }) => target === settingsFile);

    expect(() => loadAdmissionSettings(path.join(ROOT, mounted?.source ?? ''))).not.toThrow();
    expect(mounts.filter(({ readOnly }) => !readOnly)).toMatchObject([
      { source: 'admission', target: path.dirname(certFile) },
    ]);
    const folders = new Set([certFile, keyFile, auditFile].map((file) => path.dirname(file)));
    expect(folders.size).toBe(1);
    expect(compose.services['admission']?.healthcheck?.test).toContain(
      `http://127.0.0.1:${operations.port}/readyz`,
    );
    expect(readText('deploy/compose/prometheus.yml')).toContain(`admission:${operations.port}`);
  });

  it('makes each folder that a volume of the product covers with its owner', () => {
    const dockerfile = readText('Dockerfile');
    const covered = PRODUCT.flatMap(mountsIn)
      .filter(({ source }) => /^(?:state|issuer|admission)$/.test(source))
      .filter(({ subpath }) => subpath === null)
      .map(({ target }) => target);

    const missing = covered.filter(
      (folder) => !new RegExp(`COPY .*--chown=65532:65532 /\\w+ ${folder}\n`).test(dockerfile),
    );

    expect(missing).toEqual([]);
  });

  it.each([
    ['api', 'PLURA_REGISTRY', 'api'],
    ['worker-release', 'PLURA_REGISTRY', 'system'],
    ['worker-release', 'PLURA_BUILDER_REGISTRY', 'builder'],
    ['worker-release', 'PLURA_SCANNER_REGISTRY', 'scanner'],
  ] as const)('gives %s in %s the robot %s that is made for it', (name, prefix, robot) => {
    const environment = environmentOf(name);
    const { PLURA_STATE_DIR: stateDir = '' } = environmentOf('robots');

    expect(environment[`${prefix}_USERNAME`]).toBe(robot);
    expect(environment[`${prefix}_PASSWORD_FILE`]).toBe(robotSecretFile(stateDir, robot));
    expect(PRODUCT_ROBOTS.map((one) => one.name)).toContain(robot);
  });

  it('gives the webhook of all that is kept public keys and its own secret alone', () => {
    const { PLURA_STATE_DIR: stateDir = '' } = environmentOf('robots');
    const { trustedRootFile, keys, registryLogin } = readAdmissionConfig(
      environmentOf('admission'),
    );
    const secretFile = admissionSecretFile(stateDir);

    const kept = mountsIn('admission').filter(({ source }) => source === 'state');

    expect(kept).toEqual([
      ...[publicKeysDir(stateDir), path.dirname(secretFile)].map((target) => ({
        ...{ source: 'state', target, readOnly: true },
        subpath: path.relative(stateDir, target),
      })),
    ]);
    expect(trustedRootFile).toBe(stateTrustedRoot(stateDir));
    expect(keys).toEqual({ kind: 'file', publicKeysDir: publicKeysDir(stateDir) });
    expect(registryLogin).toEqual({ username: 'admission', passwordFile: secretFile });
  });

  it.each(['api', 'worker-release', 'worker-control'])(
    'lets %s judge images by the settings of the webhook',
    (name) => {
      const settingsOf = (service: string): Mount | undefined => {
        const file = environmentOf(service)['PLURA_ADMISSION'];
        return mountsIn(service).find(({ target }) => target === file);
      };

      expect(settingsOf(name)).toBeDefined();
      expect(settingsOf(name)).toEqual(settingsOf('admission'));
    },
  );

  it('registers every search attribute', () => {
    const script = readText('deploy/compose/temporal-namespace.sh');
    const names = /for name in ([^;]+);/.exec(script)?.[1]?.split(' ');

    expect(names).toEqual(Object.values(SEARCH_ATTRIBUTES));
  });
});
