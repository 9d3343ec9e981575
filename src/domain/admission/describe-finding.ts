import type { AllowFinding } from './allow-reason';

/** One sentence without a full stop, for `why` and for the message of a denial. */
export function describeFinding(one: AllowFinding): string {
  switch (one.kind) {
    case 'channel':
      return `${one.channel} of ${one.svc} points at it since ${one.since}`;
    case 'rollback-window':
      return `it was ${one.channel} of ${one.svc} until ${one.replacedAt} and may be rolled back to${untilText(one.until)}`;
    case 'hold':
      return `it was released here and is held since ${one.at}${untilText(one.until)} by ${one.by}: ${one.reason}`;
    case 'grant':
      return `${one.by} granted it to ${one.owner} until ${one.until}: ${one.reason} (${one.id})`;
    case 'system-image':
      return `the policy pins it as a system image in ${one.repository}`;
    case 'quarantined':
      return `it is quarantined since ${one.at}, by ${one.cause}: ${one.cves.join(', ') || one.reason}`;
    case 'denied':
      return `it is denied since ${one.at} by ${one.by}, by ${one.cause}: ${one.reason}`;
    case 'no-environment':
      return `the namespace ${one.namespace} belongs to no environment of the policy`;
    case 'no-service':
      return `${one.repository} is no repository of a service, and the policy pins no such system image`;
    case 'never-released':
      return `no release and no write-once tag put it in ${one.repository}`;
    case 'other-repository':
      return `it belongs to ${one.homes.join(', ')}, not to ${one.repository}`;
    case 'not-in-channel':
      return `no channel of ${one.svc} points at it`;
    case 'wrong-environment':
      return `it is in ${one.channels.join(', ')}, which lets it run in ${one.environments.join(', ') || 'no environment'}, not in ${one.environment}`;
    case 'window-over':
      return `it was ${one.channel} until ${one.replacedAt}, ${one.newerPins} pins ago: the rollback window is over`;
    case 'known-bad':
      return `${one.svc} remembers it as bad, so nobody rolls back to it: ${one.reason}`;
    case 'hold-elsewhere':
      return `${one.by} holds it since ${one.at}, but it was never released to where it is asked for`;
    case 'grant-elsewhere':
      return `grant ${one.id} is for ${one.scope}`;
    case 'grant-expired':
      return `grant ${one.id} ended at ${one.at}`;
    case 'grant-own':
      return `grant ${one.id} does not count here: ${one.owner} gave it to themselves`;
  }
}

function untilText(until: string | null): string {
  return until === null ? '' : ` until ${until}`;
}
