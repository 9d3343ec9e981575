import type { ReleaseError } from '../../contract/errors';
import { ERRORS } from '../../contract/errors';
import type { Paint } from './style';

/** What failed, why, and what to do; the same facts as JSON with `--json`. */
export function formatError(error: ReleaseError, json: boolean, paint: Paint): string {
  const { code, message } = error;
  const { label, exit, retryable } = ERRORS[code];
  const { field, remedy, requestId, ...details } = error.details;
  if (json) {
    const problem = {
      code,
      title: label,
      detail: message,
      field,
      remedy,
      exit,
      retryable,
      requestId,
    };
    const rest = Object.keys(details).length > 0 ? { details } : {};
    return `${JSON.stringify({ ...problem, ...rest }, null, 2)}\n`;
  }
  const lines = [
    `${paint.red('✗')} ${paint.bold(label)} ${paint.dim(`(${code})`)}`,
    `  ${message}`,
    ...line('input', field),
    ...line('do', remedy),
    ...line('request', requestId),
  ];
  return `${lines.join('\n')}\n`;
}

function line(name: string, value: unknown): readonly string[] {
  return typeof value === 'string' && value !== '' ? [`  ${name}: ${value}`] : [];
}
