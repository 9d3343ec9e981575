import { describeRegistryContract } from '../../../support/contracts/registry';
import { createFakeRegistry } from '../../../support/fakes/registry';

describeRegistryContract('the fake registry', () => {
  const registry = createFakeRegistry();
  return { registry, pushImage: (input) => Promise.resolve(registry.pushImage(input)) };
});

describe('the fake registry', () => {
  it('goes down to order and logs the calls, pushes left out', async () => {
    const registry = createFakeRegistry();
    const digest = registry.pushImage({ repository: 'apps/a/a' });
    registry.fail('REGISTRY_UNAVAILABLE', 1);

    await expect(registry.resolve('apps/a/a', digest)).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
    });

    await expect(registry.resolve('apps/a/a', digest)).resolves.toMatchObject({ digest });
    expect(registry.calls.map((call) => call.method)).toEqual(['resolve', 'resolve']);
  });

  it('names a lost layer as missing', async () => {
    const registry = createFakeRegistry();
    const image = {
      repository: 'apps/a/a',
      digest: registry.pushImage({ repository: 'apps/a/a' }),
    };
    const { layers } = await registry.getManifest(image);
    const lost = layers[0]!.digest;

    registry.lose({ repository: 'apps/a/a', digest: lost });

    expect(await registry.findMissing(image)).toEqual([lost]);
  });
});
