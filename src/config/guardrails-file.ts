import { GuardrailsFile } from '../contract/schema/guardrail-config';
import type { GuardrailConfig } from '../domain/admission/guardrails/config';
import { DEFAULT_GUARDRAILS } from '../domain/admission/guardrails/defaults';
import { parseYaml, readYamlFile } from './yaml-file';

/**
 * The standard, and over it what a file says.
 * @throws ReleaseError INVALID_INPUT that names file, line and field of each fault.
 */
export function loadGuardrails(file: string | undefined): GuardrailConfig {
  return file === undefined ? DEFAULT_GUARDRAILS : parseYaml(GuardrailsFile, readYamlFile(file));
}
