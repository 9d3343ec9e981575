import { ReleaseError } from '../../../contract/errors';
import { PlanFile } from '../../../contract/schema/plan';
import { faultsOf, readYamlText, type YamlFault } from '../../../contract/schema/yaml-text';
import { faultLines, readInputText } from '../../input-file';

const MAX_BYTES = 128 * 1024;

/** A plan file as it is sent to the server, which reads it again. */
export interface PlanSource {
  /** As the caller named it. */
  readonly file: string;
  readonly value: unknown;
  /** Of its shape; empty when the server can take it. */
  readonly faults: readonly YamlFault[];
  /** Line of `canary.steps[0].window` or of its nearest parent that is there. */
  readonly lineOf: (field: string) => number;
}

/** @throws ReleaseError INVALID_INPUT when it can't be read; what is wrong in it is in `faults`. */
export async function readPlanFile(cwd: string, file: string): Promise<PlanSource> {
  const text = readYamlText(await readInputText({ file, cwd, maxBytes: MAX_BYTES, field: 'file' }));
  if ('message' in text) return { file, value: null, faults: [text], lineOf: () => text.line };
  const parsed = PlanFile.safeParse(text.value);
  return {
    file,
    value: text.value,
    faults: parsed.success ? [] : faultsOf(parsed.error, text),
    lineOf: (field) => text.lineOf(stepsOf(field)),
  };
}

/** The content of a plan file for a request. @throws ReleaseError INVALID_INPUT that names file, line and field of each fault. */
export async function loadPlanFile(cwd: string, file: string): Promise<unknown> {
  const { value, faults } = await readPlanFile(cwd, file);
  const [first] = faults;
  if (!first) return value;
  throw new ReleaseError('INVALID_INPUT', faultLines(file, faults), {
    details: {
      file,
      line: first.line,
      field: first.field,
      remedy: `correct the file: plura reg plan lint ${file}`,
    },
  });
}

function stepsOf(field: string): readonly (string | number)[] {
  return field
    .split(/[.[\]]+/)
    .filter((step) => step !== '')
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
