import { ReleaseError } from '../../../contract/errors';
import { PolicyFile } from '../../../contract/schema/policy';
import { isRetentionOnly, RetentionOnly } from '../../../contract/schema/policy-retention-change';
import { faultsOf, readYamlText } from '../../../contract/schema/yaml-text';
import { faultLines, readInputText } from '../../input-file';

const MAX_BYTES = 128 * 1024;

/** The content of a policy file, or of one with nothing but `retention`, for a request. @throws ReleaseError INVALID_INPUT that names file, line and field of each fault */
export async function loadPolicyFile(cwd: string, file: string): Promise<unknown> {
  const text = readYamlText(
    await readInputText({ file, cwd, maxBytes: MAX_BYTES, field: 'policy' }),
  );
  if ('message' in text) throw refused(file, [text]);
  const schema = isRetentionOnly(text.value) ? RetentionOnly : PolicyFile;
  const parsed = schema.safeParse(text.value);
  if (!parsed.success) throw refused(file, faultsOf(parsed.error, text));
  return text.value;
}

function refused(file: string, faults: ReturnType<typeof faultsOf>): ReleaseError {
  return new ReleaseError('INVALID_INPUT', faultLines(file, faults), {
    details: {
      field: 'policy',
      remedy: 'correct the file; it has to be a whole policy, or its section `retention` alone',
    },
  });
}
