import path from 'node:path';
import { z } from 'zod';
import { ReleaseError } from '../contract/errors';
import { MetricDefinitionFile } from '../contract/schema/metric-definition';
import { METRIC_PRESETS, type MetricPreset } from '../domain/metric-presets';
import { countsByPosition, type MetricDefinition } from '../domain/metric-source';
import { readEnvironment } from './environment';
import { parseYaml, readYamlFile } from './yaml-file';

const PRESETS = Object.keys(METRIC_PRESETS) as MetricPreset[];

const MetricsEnvironment = z.object({
  /** Read here for its default only: the rollout has its own schema. */
  PLURA_ROLLOUT: z.enum(['runc', 'kubernetes', 'argo']).default('runc'),
  /** Where the numbers of windows come from. */
  PLURA_METRICS: z.enum([...PRESETS, 'custom']).optional(),
  /** File with a definition of its own, YAML. */
  PLURA_METRICS_FILE: z.string().min(1).optional(),
});

const REMEDY = 'see docs/kubernetes.md, "Metrics"';

/**
 * What the judge measures by. A cluster has no router of ours, so there it must be said.
 * @throws ReleaseError INVALID_INPUT that names the variable, or file, line and field.
 */
export function readMetricsConfig(environment: NodeJS.ProcessEnv = process.env): MetricDefinition {
  const env = readEnvironment(MetricsEnvironment, environment);
  const { PLURA_ROLLOUT: rollout, PLURA_METRICS_FILE: file } = env;
  const choice = env.PLURA_METRICS ?? (rollout === 'runc' ? 'router' : undefined);
  if (choice === undefined) {
    const choices = [...PRESETS.filter((preset) => preset !== 'router'), 'custom'].join(', ');
    throw refused('PLURA_METRICS', `is needed with PLURA_ROLLOUT=${rollout}: ${choices}`);
  }
  const definition = definitionOf(choice, file);
  if (rollout !== 'runc' && definition.requests.metric === METRIC_PRESETS.router.requests.metric) {
    const why = `${choice} reads the router of the local target, and there is none with PLURA_ROLLOUT=${rollout}`;
    throw refused('PLURA_METRICS', `${why}: name the gateway, or use custom`);
  }
  if (rollout === 'argo' && countsByPosition(definition)) {
    const why = `${choice} needs the order of backends in the route ({{position}}), which is not known with argo`;
    throw refused('PLURA_METRICS', `${why}: use custom, and {{backend}} or {{track}}`);
  }
  return definition;
}

function definitionOf(choice: MetricPreset | 'custom', file: string | undefined): MetricDefinition {
  if (choice !== 'custom') {
    if (file === undefined) return METRIC_PRESETS[choice];
    throw refused('PLURA_METRICS_FILE', `is read with PLURA_METRICS=custom, not with ${choice}`);
  }
  if (file === undefined) {
    throw refused('PLURA_METRICS_FILE', 'is needed with PLURA_METRICS=custom');
  }
  return parseYaml(MetricDefinitionFile, readYamlFile(path.resolve(file)));
}

function refused(field: string, message: string): ReleaseError {
  return new ReleaseError('INVALID_INPUT', `${field}: ${message}`, {
    details: { field, remedy: REMEDY },
  });
}
