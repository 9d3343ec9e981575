import { portsByDefault, portsOf } from '../../../../src/local/stack/addresses';
import { buildkitSocket } from '../../../../src/local/stack/context';
import { PART_NAMES, planOf, withNeeds, type PartName } from '../../../../src/local/stack/parts';
import { prometheusConfig } from '../../../../src/local/stack/prometheus-config';
import { mountsUnder } from '../../../../src/local/stack/reset';

function comesAfterItsNeeds(part: PartName, order: readonly PartName[]): boolean {
  return planOf(part).needs.every((need) => {
    const at = order.indexOf(need);
    return at >= 0 && at < order.indexOf(part);
  });
}

test.each(PART_NAMES.map((name) => [name]))(
  '%s is chosen with all it needs, needs first',
  (name) => {
    const order = withNeeds([name]);

    expect(order.at(-1)).toBe(name);
    expect(order.every((part) => comesAfterItsNeeds(part, order))).toBe(true);
  },
);

test('a part that several need is chosen once', () => {
  const order = withNeeds(['api', 'worker-release', 'registry']);

  expect(new Set(order).size).toBe(order.length);
});

test('the API does not wait for the slow tools', () => {
  const binaries = withNeeds(['api']).flatMap((part) => planOf(part).binaries);

  expect(binaries).not.toContain('trivy');
  expect(binaries).not.toContain('prometheus');
});

test.each(PART_NAMES.filter((name) => name !== 'gateway').map((name) => [name]))(
  '%s does not wait for the registry without its gateway',
  (name) => {
    expect(planOf(name).needs).not.toContain('registry');
  },
);

test('the port of the registry is the gateway, and the registry has one behind it', () => {
  const uses = portsOf(portsByDefault(), ['registry', 'gateway']);

  expect(uses).toEqual([
    { part: 'gateway', port: 5080 },
    { part: 'registry', port: 5081 },
  ]);
});

test('only the ports of the chosen parts are used', () => {
  const uses = portsOf(portsByDefault(), ['temporal']);

  expect(uses).toEqual([
    { part: 'temporal', port: 7233 },
    { part: 'temporal', port: 8233 },
  ]);
});

test('an offset moves every port', () => {
  const [plain, moved] = [portsByDefault(), portsByDefault(100)];

  expect(Object.values(moved)).toEqual(Object.values(plain).map((port) => port + 100));
});

test('no two parts share a port', () => {
  const ports = Object.values(portsByDefault());

  expect(new Set(ports).size).toBe(ports.length);
});

test('the BuildKit socket moves to a short path when the state folder is deep', () => {
  const deep = `/home/${'x'.repeat(120)}/.plura`;

  expect(buildkitSocket('/repo/.plura')).toBe('/repo/.plura/buildkit/buildkitd.sock');
  expect(Buffer.byteLength(buildkitSocket(deep))).toBeLessThan(100);
  expect(buildkitSocket(deep)).not.toBe(buildkitSocket(`${deep}2`));
});

test('Prometheus scrapes target, gateway, webhook, API and workers each second', () => {
  const config = JSON.parse(prometheusConfig(portsByDefault())) as {
    global: unknown;
    scrape_configs: readonly { job_name: string }[];
  };

  expect(config.global).toMatchObject({ scrape_interval: '1000ms' });
  expect(config.scrape_configs.map((job) => job.job_name)).toEqual([
    'target',
    'gateway',
    'admission',
    'api',
    'worker-release',
    'worker-control',
  ]);
});

test('mounts in the state folder are found deepest first, names with spaces too', () => {
  const line = (point: string): string =>
    `36 35 98:0 / ${point} rw,noatime shared:1 - ext4 /dev/root rw`;
  const mounts = ['/', '/s', '/s/a', '/s/a/b\\040c', '/state', '/proc'].map(line).join('\n');

  expect(mountsUnder(mounts, '/s')).toEqual(['/s/a/b c', '/s/a', '/s']);
});
