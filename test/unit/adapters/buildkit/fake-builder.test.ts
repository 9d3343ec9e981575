import { describeBuilderContract } from '../../../support/contracts/builder';
import { createFakeBuilder, FAKE_BUILDER_ID } from '../../../support/fakes/builder';
import { createFakeRegistry } from '../../../support/fakes/registry';

describeBuilderContract('the fake builder', () => {
  const registry = createFakeRegistry();
  const repository = 'bases/static';
  return {
    builder: createFakeBuilder(registry),
    registry,
    builderId: FAKE_BUILDER_ID,
    contextPath: '/unread',
    bases: { [repository]: { repository, digest: registry.pushImage({ repository }) } },
  };
});

it('the fake builder fails to order', async () => {
  const builder = createFakeBuilder(createFakeRegistry());
  builder.fail('BUILDER_UNAVAILABLE', 1);

  await expect(builder.ping()).rejects.toMatchObject({ code: 'BUILDER_UNAVAILABLE' });
  await expect(builder.ping()).resolves.toBeUndefined();
});
