import { judgeSamples } from '../../../../src/domain/judge/judge-samples';
import { seededRandom } from '../../../support/judge/random';
import { SIMULATED_SERVICES } from '../../../support/judge/services';
import { drawWindow } from '../../../support/judge/windows';

const SEEDS = Array.from({ length: 25 }, (_value, i) => 1_000 + i);

describe('simulated services', () => {
  it('are at least forty, each its own', () => {
    const names = SIMULATED_SERVICES.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(40);
  });

  it.each(SIMULATED_SERVICES.map((service) => [service.name, service.expected, service] as const))(
    '%s: %s',
    (_name, expected, service) => {
      const answers = SEEDS.map((seed) => judgeSamples(drawWindow(service, seededRandom(seed))));

      const wrong = answers.filter(({ outcome }) => outcome !== expected);
      // One false alarm in a hundred is what the plan allows; 25 seeds are to show none or one.
      expect(wrong.length).toBeLessThanOrEqual(expected === 'pass' ? 1 : 0);
      const { because } = service;
      if (because) {
        for (const { outcome, reasons } of answers) {
          if (outcome === expected) expect(reasons.join('; ')).toMatch(because);
        }
      }
    },
  );
});
