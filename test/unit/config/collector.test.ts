import { readCollectorConfig } from '../../../src/config/collector';

const COMMAND = ['registry', 'garbage-collect', '/etc/distribution/config.yml'];

describe('the collector of a worker', () => {
  it('is none unless somebody says how', () => {
    expect(readCollectorConfig({})).toEqual({ kind: 'none' });
  });

  it('is a command, as an argument vector', () => {
    expect(
      readCollectorConfig({
        PLURA_COLLECTOR: 'command',
        PLURA_COLLECTOR_COMMAND: JSON.stringify(COMMAND),
        PLURA_COLLECTOR_STORAGE_DIR: '/var/lib/registry',
      }),
    ).toEqual({ kind: 'command', command: COMMAND, stop: null, storageDir: '/var/lib/registry' });
  });

  it.each([
    ['no command', {}],
    ['a line for a shell', { PLURA_COLLECTOR_COMMAND: 'registry garbage-collect x' }],
    ['no arguments', { PLURA_COLLECTOR_COMMAND: '[]' }],
  ])('takes %s for a mistake', (_what, given) => {
    expect(() => readCollectorConfig({ PLURA_COLLECTOR: 'command', ...given })).toThrow(
      /PLURA_COLLECTOR_COMMAND/,
    );
  });

  it('is a Job with the names that a chart gives', () => {
    expect(readCollectorConfig({ PLURA_COLLECTOR: 'kubernetes' })).toEqual({
      kind: 'kubernetes',
      kubeConfigFile: null,
      namespace: 'default',
      image: 'ghcr.io/distribution/distribution:3.1.2',
      claim: 'registry',
      storagePath: '/var/lib/registry',
      configMap: 'registry',
    });
  });

  it('is the registry itself', () => {
    expect(readCollectorConfig({ PLURA_COLLECTOR: 'online' })).toEqual({
      kind: 'online',
      storageDir: null,
    });
  });
});
