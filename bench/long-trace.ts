/** A trace of any length: a `precopy` of 20 s in which something asks QEMU all the time. */
import { sideOf, type Phase, type TraceRecord } from '../src/engine/trace/record';

const start = 1_795_414_597_890_527;
const secondUs = 1_000_000;
const perform = { begin: 0.2 * secondUs, end: 20 * secondUs };
const commands = ['query-migrate', 'query-status', 'qom-get'] as const;
/** One in so many fails. */
const failing = 977;
const ramUs = 100_000;
const ramBytes = 8 * 1024 ** 3;

/** @param count of records, about */
export function longTrace(count: number): TraceRecord[] {
  const asked = Math.round(count / 3);
  const pauseUs = (perform.end - perform.begin) / asked;
  const records: TraceRecord[] = [];
  for (let i = 0; i < asked; i++) {
    records.push(...exchange(i, Math.round(start + perform.begin + i * pauseUs), pauseUs));
  }
  for (let us = perform.begin; us < perform.end; us += ramUs) records.push(ram(us));
  records.push(...frame());
  return records.sort((a, b) => a.at - b.at);
}

/** A command, its answer and an event, now of the one and now of the other instance. */
function exchange(number: number, at: number, pauseUs: number): TraceRecord[] {
  const instance = 1 + (number % 2);
  const name = commands[number % commands.length] ?? 'query-migrate';
  const id = String(number);
  const failed = number % failing === 0;
  const qmp = { type: 'qmp', phase: 'perform', instance, bytes: 60 } as const;
  const received = { ...qmp, direction: 'received' } as const;
  return [
    { ...qmp, at, direction: 'sent', kind: 'command', name, id, message: { execute: name, id } },
    {
      ...received,
      at: Math.round(at + pauseUs * 0.6),
      kind: failed ? 'error' : 'reply',
      name,
      id,
      message: failed ? { error: { class: 'GenericError', desc: 'no' }, id } : { return: {}, id },
    },
    {
      ...received,
      at: Math.round(at + pauseUs * 0.8),
      kind: 'event',
      name: 'MIGRATION_PASS',
      message: { event: 'MIGRATION_PASS', data: { pass: number } },
    },
  ];
}

function ram(us: number): TraceRecord {
  const share = (us - perform.begin) / (perform.end - perform.begin);
  return {
    type: 'ram',
    at: start + us,
    phase: 'perform',
    instance: 1,
    transferred: ramBytes * share,
    remaining: ramBytes * (1 - share),
    total: ramBytes,
    mbps: 3000,
  };
}

/** What is in every trace. */
function frame(): TraceRecord[] {
  const at = (us: number) => start + us;
  const event = (us: number, instance: number, name: string): TraceRecord => ({
    ...{ type: 'qmp', at: at(us), phase: 'perform', instance, bytes: 80 },
    ...{ direction: 'received', kind: 'event', name, message: { event: name } },
  });
  const phase = (name: Phase, begin: number, end: number): TraceRecord[] => [
    { type: 'phase', at: at(begin), phase: name, side: sideOf[name], edge: 'begin' },
    { type: 'phase', at: at(end), phase: name, side: sideOf[name], edge: 'end' },
  ];
  const end = perform.end;
  return [
    { type: 'header', at: at(0), version: 1, host: 'bench', domain: 'long', uuid: '' },
    {
      ...{ type: 'plan', at: at(2000), phase: 'begin', mode: 'precopy' },
      from: { id: 1, emulator: '/usr/bin/qemu', version: '7.2.22', pid: 1 },
      to: { emulator: '/opt/qemu', version: '10.0.13' },
      blockers: [],
      warnings: [],
    },
    ...phase('begin', 1000, 50_000),
    ...phase('prepare', 50_000, perform.begin),
    ...phase('perform', perform.begin, end),
    ...phase('finish', end, end + 500),
    ...phase('confirm', end + 500, end + 30_000),
    { type: 'process', at: at(60_000), instance: 2, edge: 'start', pid: 2 },
    { type: 'run-state', at: at(3000), instance: 1, state: 'running' },
    { type: 'run-state', at: at(150_000), instance: 2, state: 'inmigrate' },
    event(end - 5000, 1, 'STOP'),
    { type: 'run-state', at: at(end - 5000), instance: 1, state: 'paused' },
    event(end - 1000, 2, 'RESUME'),
    { type: 'run-state', at: at(end - 1000), instance: 2, state: 'running' },
    { type: 'verdict', at: at(end + 31_000), outcome: 'moved' },
  ];
}
