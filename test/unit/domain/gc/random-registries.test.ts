import fc from 'fast-check';
import { faultsOf } from '../../../support/gc/check-registry';
import { drawFrom, drawList, drawRegistry } from '../../../support/gc/random-registry';

/** A million by `PLURA_GC_GRAPHS=1000000`; in parts with PLURA_GC_FIRST. */
const GRAPHS = Number(process.env['PLURA_GC_GRAPHS'] ?? 20_000);
const FIRST = Number(process.env['PLURA_GC_FIRST'] ?? 0);
const BACKWARDS_EACH = 16;

describe('plans of random registries', () => {
  it(
    'are those of the model, in a safe order, and leave nothing for a second one',
    () => {
      let planned = 0;

      for (let seed = FIRST; seed < FIRST + GRAPHS; seed++) {
        const registry = drawRegistry(drawFrom(seed));
        const faults = faultsOf(registry, seed % BACKWARDS_EACH === 0);
        if (faults.length > 0) throw new Error(`seed ${seed}: ${faults.join('; ')}`);
        planned++;
      }

      expect(planned).toBe(GRAPHS);
    },
    60_000 + GRAPHS,
  );

  it('hold where fast-check looks for the smallest that does not', () => {
    const numbers = fc.array(fc.nat({ max: 1000 }), { maxLength: 400 });

    fc.assert(
      fc.property(numbers, (values) => {
        expect(faultsOf(drawRegistry(drawList(values)), true)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
