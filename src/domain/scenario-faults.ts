import type { Scenario, ScenarioStep } from './scenario';
import { isList, isObject } from './scenario-json-path';
import { findReferences } from './scenario-template';
import type { Json } from './verdict';

export interface ScenarioFault {
  /** From the scenario down, e.g. `steps`, 0, `path`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

interface Place {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/**
 * References that can't be filled in: to a variable that is neither set in the file nor captured by an earlier step,
 * and `{{` that begins no reference.
 */
export function findVariableFaults(scenario: Scenario): readonly ScenarioFault[] {
  const known = new Set(Object.keys(scenario.variables ?? {}));
  return scenario.steps.flatMap((step, index) => {
    const faults = placesOf(step).flatMap(({ path, text }) =>
      faultsOf(text, known).map((message) => ({ path: ['steps', index, ...path], message })),
    );
    Object.keys(step.capture ?? {}).forEach((name) => known.add(name));
    return faults;
  });
}

function faultsOf(text: string, known: ReadonlySet<string>): readonly string[] {
  const { names, faulty } = findReferences(text);
  const unknown = [...new Set(names)].filter((name) => !known.has(name));
  const list = known.size === 0 ? 'none' : [...known].join(', ');
  return [
    ...unknown.map((name) => `there is no variable ${name} at this step; known: ${list}`),
    ...(faulty === null ? [] : [`"${faulty}" is no reference: write {{name}}, without spaces`]),
  ];
}

function placesOf({ path, headers, body, expect }: ScenarioStep): readonly Place[] {
  const sent = Object.entries(headers ?? {}).map(([name, text]) => ({
    path: ['headers', name],
    text,
  }));
  const expected = Object.entries(expect.headers ?? {}).flatMap(([name, rule]) =>
    typeof rule === 'string'
      ? [{ path: ['expect', 'headers', name], text: rule }]
      : (['equals', 'contains'] as const).map((key) => ({
          path: ['expect', 'headers', name, key],
          text: rule[key] ?? '',
        })),
  );
  const members = (expect.json ?? []).flatMap(({ equals }, index) =>
    textsIn(equals ?? null).map((text) => ({ path: ['expect', 'json', index, 'equals'], text })),
  );
  return [
    { path: ['path'], text: path },
    ...sent,
    { path: ['body'], text: body ?? '' },
    { path: ['expect', 'bodyContains'], text: expect.bodyContains ?? '' },
    ...expected,
    ...members,
  ];
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') {
    return [value];
  }
  if (isList(value)) {
    return value.flatMap(textsIn);
  }
  return isObject(value) ? Object.values(value).flatMap(textsIn) : [];
}
