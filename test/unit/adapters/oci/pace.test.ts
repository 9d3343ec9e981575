import { createPace } from '../../../../src/adapters/oci/pace';

describe('a pace', () => {
  it('spreads what comes at once, and saves nothing up while nothing comes', () => {
    const pace = createPace(50);

    expect([pace(1000), pace(1000), pace(1000)]).toEqual([0, 20, 40]);
    expect([pace(5000), pace(5001)]).toEqual([0, 19]);
  });
});
