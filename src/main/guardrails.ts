import { stringify } from 'yaml';
import { loadGuardrails } from '../config/guardrails-file';
import { toAdmissionPolicies } from '../domain/admission/guardrails/vap';

/** Writes the ValidatingAdmissionPolicies of a guardrails file, or of the standard, to be given to kubectl. */
function main(file: string | undefined): void {
  const documents = toAdmissionPolicies(loadGuardrails(file)).map((policy) =>
    stringify(policy, { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false }),
  );
  process.stdout.write(documents.join('---\n'));
}

try {
  main(process.argv[2]);
} catch (error) {
  process.stderr.write(`guardrails: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
