import type { PlanView } from '../../../contract/schema/api-plan';
import type { Paint } from '../../output/style';

type Severity = PlanView['findings'][number]['severity'];

interface Finding {
  readonly path: string;
  readonly severity: Severity;
  readonly message: string;
  readonly remedy: string | null;
  readonly origin: PlanView['findings'][number]['origin'];
}

/** What is wrong, and below it what to do. A value that no file gave says who did. */
export function formatFinding(finding: Finding, paint: Paint): readonly string[] {
  const { path, severity, message, remedy, origin } = finding;
  const color = severity === 'error' ? paint.red : paint.yellow;
  const from = origin === null || origin === 'file' ? '' : ` (${origin})`;
  const where = path === '' ? '' : `${path}${from}: `;
  return [
    `${color(severity)}: ${where}${message}`,
    ...(remedy === null ? [] : [`  do: ${remedy}`]),
  ];
}

export function formatTally(
  name: string,
  findings: readonly { readonly severity: Severity }[],
  paint: Paint,
): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  if (findings.length === 0) return `${paint.green('✓')} ${name}: nothing is wrong with it`;
  const parts = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ];
  return `${errors > 0 ? paint.red('✗') : paint.yellow('!')} ${name}: ${parts.join(', ')}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
