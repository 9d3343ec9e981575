import { faultsOfRollout, type SeenRollout } from '../../../src/domain/served';
import { CANDIDATE, STABLE } from '../../support/window-evidence';

const LEFT = { digest: CANDIDATE, percent: 25 };
const SEEN: SeenRollout = { stable: STABLE, candidate: CANDIDATE, candidatePercent: 25 };
const SHORT = CANDIDATE.slice(7, 19);

describe('faultsOfRollout', () => {
  it.each<[string, Partial<SeenRollout>]>([
    ['a candidate with its share', {}],
    ['a first release, which takes all', { stable: null, candidatePercent: 100 }],
    ['a digest that was stable already', { stable: CANDIDATE, candidate: null }],
    ['no drift', { drift: [] }],
  ])('finds none in %s', (_name, seen) => {
    expect(faultsOfRollout(LEFT, { ...SEEN, ...seen })).toEqual([]);
  });

  it.each<[string, Partial<SeenRollout>, readonly string[]]>([
    ['trouble, as the target says it', { trouble: 'it exited 3 times' }, ['it exited 3 times']],
    [
      'drift, beside trouble',
      { trouble: 'it was evicted', drift: ['kubectl-edit changed HTTPRoute shop'] },
      ['it was evicted', 'kubectl-edit changed HTTPRoute shop'],
    ],
    [
      'another share',
      { candidatePercent: 30 },
      ['the candidate takes 30 % of the traffic instead of 25 %'],
    ],
    ['no candidate', { candidate: null }, [`${SHORT} is not the candidate any more, nothing is`]],
    [
      'another candidate',
      { candidate: STABLE },
      [`${SHORT} is not the candidate any more, ${STABLE.slice(7, 19)} is`],
    ],
  ])('names %s', (_name, seen, faults) => {
    expect(faultsOfRollout(LEFT, { ...SEEN, ...seen })).toEqual(faults);
  });
});
