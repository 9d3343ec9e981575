import type { Scenario, ScenarioStep } from '../../../src/domain/scenario';
import { findVariableFaults } from '../../../src/domain/scenario-faults';
import { findRunFault, scenariosBudgetMs } from '../../../src/domain/scenario-limits';

function step(change: Partial<ScenarioStep> = {}): ScenarioStep {
  return { name: 's', method: 'POST', path: '/', expect: { status: 200 }, ...change };
}

function scenario(...steps: ScenarioStep[]): Scenario {
  return { name: 'buy', variables: { user: { value: 'ida' } }, steps };
}

describe('the time that scenarios may take', () => {
  const slow = step({ expect: { status: 200, maxMs: 40_000 } });

  it.each<[string, readonly Scenario[], number]>([
    ['what their steps may take together', [scenario(slow, slow), scenario(slow)], 120_000],
    ['10 s for a step that says nothing', [scenario(slow, step())], 50_000],
    ['no more than a scenario has', [{ ...scenario(slow, slow), budgetMs: 60_000 }], 60_000],
    ['half a minute at least, for a worker under load', [scenario(step())], 25_000],
    ['as much for none', [], 25_000],
  ])('is %s', (_name, scenarios, budgetMs) => {
    expect(scenariosBudgetMs(scenarios)).toBe(budgetMs);
  });
});

describe('variables of a scenario', () => {
  it.each<[string, Partial<ScenarioStep>, (string | number)[]]>([
    ['path', { path: '/{{nope}}' }, ['path']],
    ['headers', { headers: { 'x-a': '{{nope}}' } }, ['headers', 'x-a']],
    ['body', { body: '{{user}} {{nope}}' }, ['body']],
    [
      'bodyContains',
      { expect: { status: 200, bodyContains: '{{nope}}' } },
      ['expect', 'bodyContains'],
    ],
    [
      'an expected header',
      { expect: { status: 200, headers: { 'x-a': { contains: '{{nope}}' } } } },
      ['expect', 'headers', 'x-a', 'contains'],
    ],
    [
      'expected JSON, deep in it',
      { expect: { status: 200, json: [{ path: '/a', equals: { b: ['{{nope}}'] } }] } },
      ['expect', 'json', 0, 'equals'],
    ],
  ])('are refused where unknown: %s', (_name, change, path) => {
    const faults = findVariableFaults(scenario(step(), step(change)));

    expect(faults).toEqual([
      {
        path: ['steps', 1, ...path],
        message: 'there is no variable nope at this step; known: user',
      },
    ]);
  });

  it('are known to the steps after the one that captures them', () => {
    const capturing = step({ capture: { id: { json: '/id' } } });
    const using = step({ path: '/{{id}}' });

    expect(findVariableFaults(scenario(capturing, using))).toEqual([]);
    expect(findVariableFaults(scenario(using, capturing))).toHaveLength(1);
    expect(findVariableFaults(scenario(step({ ...capturing, path: '/{{id}}' })))).toHaveLength(1);
  });

  it('are not made of what any object has', () => {
    expect(findVariableFaults(scenario(step({ path: '/{{constructor}}' })))).toHaveLength(1);
  });

  it('are written without spaces', () => {
    expect(findVariableFaults(scenario(step({ body: 'x {{ user }}' })))).toEqual([
      {
        path: ['steps', 0, 'body'],
        message: '"{{ user }}" is no reference: write {{name}}, without spaces',
      },
    ]);
  });
});

describe('a run of scenarios', () => {
  it('is taken on within its limits', () => {
    expect(findRunFault([scenario(step())], { rounds: 10_000, paceMs: 0 })).toBe('');
  });

  it.each([
    [0, 10, /0 rounds/],
    [1.5, 10, /1.5 rounds/],
    [10_001, 10, /10001 rounds/],
    [Number.NaN, 10, /NaN rounds/],
    [1, -1, /every -1 ms/],
    [1, 600_001, /every 600001 ms/],
    [1, Number.NaN, /every NaN ms/],
  ])('of %d rounds every %d ms is refused', (rounds, paceMs, reason) => {
    expect(findRunFault([scenario(step())], { rounds, paceMs })).toMatch(reason);
  });

  it('sends at most 100,000 requests', () => {
    const eleven = scenario(...Array.from({ length: 11 }, () => step()));

    expect(findRunFault([eleven], { rounds: 9_091, paceMs: 0 })).toMatch(/9091 rounds of 11/);
    expect(findRunFault([eleven], { rounds: 9_090, paceMs: 0 })).toBe('');
  });

  it('has at most 200 steps, and no variable without a value', () => {
    const many = scenario(...Array.from({ length: 201 }, () => step()));

    expect(findRunFault([many])).toBe('201 scenario steps, at most 200');
    expect(findRunFault([scenario(step({ path: '/{{nope}}' }))])).toBe(
      'scenario "buy", steps.0.path: there is no variable nope at this step; known: user',
    );
  });
});
