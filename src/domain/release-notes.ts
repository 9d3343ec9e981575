import type { Digest } from './digest';
import { displayVersion, versionTag } from './reference';
import type { ReleaseStatus } from './release';

interface NotesFacts {
  readonly digest: Digest;
  readonly previous: Digest | null;
  readonly pinnedAt: string;
  readonly revertKeyId: string | null;
  readonly logIndex: string | null;
}

/** What went to prod:stable, why it was let through, and how to undo it. Markdown. */
export function renderReleaseNotes(status: ReleaseStatus, facts: NotesFacts): string {
  const version = displayVersion(versionTag(status.version, status.revision));
  const source =
    status.origin.kind === 'source' ? `built from ${status.origin.path}` : 'adopted from CI';
  const verdicts = status.verdicts.map(
    (verdict) => `| ${verdict.gate} | ${verdict.subject} | ${verdict.outcome} |`,
  );
  const steps = status.steps.map(
    (step) => `| ${step.title} | ${step.startedAt} | ${step.endedAt ?? ''} |`,
  );
  const approvals =
    status.approvals.length > 0
      ? status.approvals.map(
          ({ actor, at, comment }) =>
            `- ${actor} at ${at}${comment === undefined ? '' : `: ${comment}`}`,
        )
      : ['- none needed'];
  return [
    `# ${status.svc} ${version}`,
    '',
    `- Image: \`${status.repository}@${facts.digest}\` (${source}, revision ${status.revision})`,
    `- prod:stable since ${facts.pinnedAt}, before it ${facts.previous ? `\`${facts.previous}\`` : 'nothing'}`,
    `- Asked for by ${status.requestedBy} at ${status.requestedAt}`,
    `- Policy ${status.policyHash}`,
    `- Transparency log entry: ${facts.logIndex ?? 'none (the policy has the log off)'}`,
    `- Revert key: ${facts.revertKeyId ?? 'none (there was no stable digest before)'}`,
    '',
    '## Approvals',
    '',
    ...approvals,
    '',
    '## Verdicts',
    '',
    '| gate | subject | outcome |',
    '|---|---|---|',
    ...verdicts,
    '',
    '## Timeline',
    '',
    '| step | from | to |',
    '|---|---|---|',
    ...steps,
    '',
  ].join('\n');
}
