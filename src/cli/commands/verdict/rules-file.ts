import type { z } from 'zod';
import { ReleaseError } from '../../../contract/errors';
import { PlanFile } from '../../../contract/schema/plan';
import { PolicyFile } from '../../../contract/schema/policy';
import {
  faultsOf,
  readYamlText,
  type YamlFault,
  type YamlText,
} from '../../../contract/schema/yaml-text';
import type { WhatIfRules } from '../../../domain/what-if';
import { faultLines, readInputText } from '../../input-file';

const MAX_BYTES = 1024 * 1024;

/**
 * The rules in a policy or a plan that stored windows can be judged by. A plan may leave out what it does not change.
 *
 * @throws ReleaseError INVALID_INPUT that names file, line and field
 */
export async function readRulesFile(cwd: string, file: string): Promise<WhatIfRules> {
  const text = readYamlText(
    await readInputText({ file, cwd, maxBytes: MAX_BYTES, field: '--policy' }),
  );
  if ('message' in text) throw refuse(file, [text]);
  const { value } = text;
  if (isTree(value) && 'extends' in value) {
    const message = 'it changes durations only, by which nothing stored can be judged';
    throw refuse(file, [{ line: 1, field: 'extends', message }]);
  }
  return isTree(value) && value['apiVersion'] === 'plura.reg/plan/v1'
    ? rulesOfPlan(parse(PlanFile, text, file))
    : rulesOfPolicy(parse(PolicyFile, text, file));
}

function rulesOfPolicy({ canary, observation }: z.output<typeof PolicyFile>): WhatIfRules {
  return { canary: canary.guardrails, observation: observation.guardrails, judge: {} };
}

function rulesOfPlan({ canary, observation, judge }: z.output<typeof PlanFile>): WhatIfRules {
  return {
    canary: canary?.guardrails ?? {},
    observation: observation?.guardrails ?? {},
    judge: {
      ...(judge?.minSamples !== undefined && { minSamples: judge.minSamples }),
      ...(judge?.falseAlarmRate !== undefined && { falseAlarmRate: judge.falseAlarmRate }),
      ...(judge?.errors !== undefined && { errors: judge.errors }),
      ...(judge?.metrics !== undefined && { metrics: judge.metrics }),
    },
  };
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  text: YamlText,
  file: string,
): z.output<Schema> {
  const result = schema.safeParse(text.value);
  if (result.success) return result.data;
  throw refuse(file, faultsOf(result.error, text));
}

function refuse(file: string, faults: readonly YamlFault[]): ReleaseError {
  return new ReleaseError('INVALID_INPUT', faultLines(file, faults), {
    details: {
      file,
      line: faults[0]?.line ?? 1,
      field: faults[0]?.field ?? '',
      remedy: 'give a whole policy (deploy/policy/default.yaml shows every key), or a plan',
    },
  });
}
