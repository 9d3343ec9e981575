import type { MaintenanceView } from '../../../contract/schema/api-maintenance';

export const MAINTENANCE = '/v1/registry/maintenance';

export function formatMode({ pushes, reason, by, since, until }: MaintenanceView): string {
  if (pushes === 'open') return `Pushes are open (${by}, ${since}: ${reason})\n`;
  const end =
    until === null ? 'until they are opened: plura reg maintenance off' : `until ${until}`;
  return `Pushes are closed ${end}\n  by ${by} since ${since}: ${reason}\n  pulls go on\n`;
}
