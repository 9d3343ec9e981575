import type { Command } from 'commander';
import { TurnaroundAnswer, type ServiceTurnaround } from '../../../contract/schema/api-turnaround';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatDuration, type Paint } from '../../output/style';
import { formatTable } from '../../output/table';

interface Options extends JsonOption {
  readonly days: string;
}

export function addTurnaround(parent: Command, cli: Cli): void {
  const command = parent
    .command('turnaround')
    .argument('[service]', 'one service, part by part; all of them when left out')
    .option('--days <n>', 'releases asked for in so many days', parseCount, '30');
  describe(command, 'Show how long releases take to prod:stable, and what holds them up', [
    'reg turnaround',
    'reg turnaround checkout --days 90 --json',
  ]).action(async (service: string | undefined, { days, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({ days, ...(service !== undefined && { svc: service }) });
    const path = `/v1/registry/turnaround?${query.toString()}`;
    const answer = await http.get(path, TurnaroundAnswer);
    cli.print(json ?? false, answer, (one) => format(one, service !== undefined, cli.paint));
  });
}

function format(answer: TurnaroundAnswer, one: boolean, paint: Paint): string {
  const { services, days, truncated } = answer;
  const [only] = services;
  const cut = truncated ? 'Only the newest releases of this time are counted.\n' : '';
  if (!only) return `No release has ended of those asked for in the last ${days} days.\n${cut}`;
  return (one ? formatService(only, days, paint) : formatServices(services)) + cut;
}

function formatServices(services: readonly ServiceTurnaround[]): string {
  return formatTable(
    ['service', 'released', 'not', 'p50', 'p95', 'top blocker'],
    services.map((service) => [
      service.svc,
      String(service.releases),
      String(service.notReleased),
      ...times(service.releases, service.total),
      topBlocker(service),
    ]),
  );
}

function formatService(service: ServiceTurnaround, days: number, paint: Paint): string {
  const { svc, releases, notReleased, total, parts } = service;
  const head = `${paint.bold(svc)}  ${releases} released in ${days} days, ${notReleased} ended otherwise`;
  if (releases === 0) return `${head}\n`;
  const rows = parts
    .filter(({ share }) => share > 0)
    .map((one) => [one.part, ...times(releases, one), percent(one.share)]);
  const table = formatTable(
    ['part', 'p50', 'p95', 'share'],
    [...rows, ['whole', ...times(releases, total), '']],
  );
  return `${head}\n${table}top blocker: ${topBlocker(service)}\n`;
}

function times(
  releases: number,
  { p50Ms, p95Ms }: { readonly p50Ms: number; readonly p95Ms: number },
): readonly [string, string] {
  return releases === 0 ? ['-', '-'] : [formatDuration(p50Ms), formatDuration(p95Ms)];
}

function topBlocker({ topBlocker: part, parts }: ServiceTurnaround): string {
  const top = parts.find((one) => one.part === part);
  return top ? `${top.part} (${percent(top.share)})` : '-';
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
