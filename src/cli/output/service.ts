import type { ServiceView } from '../../contract/schema/api-service';
import { displayRelease, type Paint } from './style';
import { formatTable } from './table';

export function formatService(service: ServiceView, paint: Paint): string {
  const rows = service.channels.map((one) => [
    one.channel,
    one.digest ?? '-',
    one.releaseId === undefined ? '-' : displayRelease(one.releaseId),
    one.changedAt,
    one.changedBy,
  ]);
  return [
    `${paint.bold(service.svc)}  ${service.repository}, ${service.owner}, ${service.region}`,
    formatTable(['channel', 'digest', 'release', 'since', 'by'], rows),
    ...describeLane(service),
    ...service.badDigests.map(
      (bad) => `bad    ${bad.digest}: ${bad.reason} (${bad.actor}, ${bad.at})`,
    ),
    '',
  ].join('\n');
}

function describeLane({ lane }: ServiceView): readonly string[] {
  if (!lane) return ['lane   unknown: Temporal gives no answer'];
  const running = lane.running === null ? 'idle' : `runs ${displayRelease(lane.running.releaseId)}`;
  return [
    `lane   ${lane.rollbackRunning ? 'rolling back' : running}`,
    ...lane.queued.map((entry, index) => `queue  ${index + 1}. ${displayRelease(entry.releaseId)}`),
    ...(lane.hold === null
      ? []
      : [`hold   by ${lane.hold.by} since ${lane.hold.at}: ${lane.hold.reason}`]),
  ];
}
