/** Traces for the tests of the timeline: one as it should be, and any that could be. */
import fc from 'fast-check';
import { phases, sideOf, type TraceRecord } from '../../../src/engine/trace/record';

/** When the traces begin, in µs since the Unix epoch. */
export const start = 1_795_414_597_890_527;

type Record = TraceRecord extends infer Each
  ? Each extends TraceRecord
    ? Omit<Each, 'at'>
    : never
  : never;

/** A record at a time since the beginning of the trace, in µs. */
export function at(us: number, record: Record): TraceRecord {
  return { ...record, at: start + us };
}

export const header: TraceRecord = at(0, {
  type: 'header',
  version: 1,
  host: 'devhost',
  domain: 'alpha',
  uuid: '3616b6a0-1ff4-49fd-bd02-6f35f271eed8',
});

export const plan = at(20_000, {
  type: 'plan',
  phase: 'begin',
  mode: 'ignore-shared',
  from: { id: 7, emulator: '/usr/bin/qemu-system-x86_64', version: '7.2.22', pid: 4182 },
  to: { emulator: '/opt/qemu-10/bin/qemu-system-x86_64', version: '10.0.13' },
  blockers: [],
  warnings: [],
});

export function event(us: number, instance: number, name: string, data?: object): TraceRecord {
  const message = { event: name, ...(data && { data }) };
  return at(us, {
    type: 'qmp',
    instance,
    direction: 'received',
    kind: 'event',
    name,
    bytes: 80,
    message,
  });
}

export function command(us: number, instance: number, name: string, id: string): TraceRecord {
  const message = { execute: name, id };
  return at(us, {
    type: 'qmp',
    instance,
    direction: 'sent',
    kind: 'command',
    name,
    id,
    bytes: 60,
    message,
  });
}

export function reply(us: number, instance: number, name: string, id: string): TraceRecord {
  const message = { return: {}, id };
  return at(us, {
    type: 'qmp',
    instance,
    direction: 'received',
    kind: 'reply',
    name,
    id,
    bytes: 30,
    message,
  });
}

export function refusal(us: number, instance: number, name: string, id: string): TraceRecord {
  const message = { error: { class: 'GenericError', desc: 'not so' }, id };
  return at(us, {
    type: 'qmp',
    instance,
    direction: 'received',
    kind: 'error',
    name,
    id,
    bytes: 70,
    message,
  });
}

/** #7 on QEMU 7.2 moves to #8 on QEMU 10.0, within 104 ms; the guest stands still for 2.4 ms. */
export const moved: readonly TraceRecord[] = [
  header,
  at(1000, { type: 'phase', phase: 'begin', side: 'source', edge: 'begin' }),
  at(1100, { type: 'step', phase: 'begin', step: 'examine-source', edge: 'begin' }),
  command(1200, 7, 'query-status', '7-1'),
  command(1200, 7, 'qom-get', '7-2'),
  reply(1500, 7, 'query-status', '7-1'),
  refusal(1600, 7, 'qom-get', '7-2'),
  at(1650, { type: 'run-state', instance: 7, state: 'running' }),
  at(19_000, { type: 'step', phase: 'begin', step: 'examine-source', edge: 'end' }),
  plan,
  at(20_100, { type: 'phase', phase: 'begin', side: 'source', edge: 'end' }),
  at(20_200, { type: 'phase', phase: 'prepare', side: 'target', edge: 'begin' }),
  at(21_000, { type: 'table', phase: 'prepare', instance: 8, to: 'remote' }),
  at(22_000, { type: 'process', phase: 'prepare', instance: 8, edge: 'start', pid: 4203 }),
  at(60_000, { type: 'output', phase: 'prepare', instance: 8, text: 'warning: no pcid\n' }),
  at(75_000, { type: 'run-state', phase: 'prepare', instance: 8, state: 'inmigrate' }),
  at(80_000, { type: 'phase', phase: 'prepare', side: 'target', edge: 'end' }),
  at(80_100, { type: 'phase', phase: 'perform', side: 'source', edge: 'begin' }),
  command(84_400, 7, 'migrate', '7-3'),
  reply(84_710, 7, 'migrate', '7-3'),
  event(84_650, 7, 'MIGRATION', { status: 'active' }),
  event(87_500, 7, 'STOP'),
  at(87_500, { type: 'run-state', phase: 'perform', instance: 7, state: 'paused' }),
  event(89_900, 8, 'RESUME'),
  at(89_900, { type: 'run-state', phase: 'perform', instance: 8, state: 'running' }),
  at(90_000, { type: 'run-state', phase: 'perform', instance: 7, state: 'postmigrate' }),
  at(90_100, { type: 'phase', phase: 'perform', side: 'source', edge: 'end' }),
  at(90_200, { type: 'phase', phase: 'finish', side: 'target', edge: 'begin' }),
  at(90_300, { type: 'phase', phase: 'finish', side: 'target', edge: 'end' }),
  at(90_400, { type: 'phase', phase: 'confirm', side: 'source', edge: 'begin' }),
  at(91_000, {
    type: 'ram',
    phase: 'confirm',
    instance: 7,
    transferred: 353_621,
    remaining: 0,
    total: 17_375_232,
    mbps: 222,
  }),
  command(92_400, 7, 'quit', '7-4'),
  at(96_000, { type: 'process', phase: 'confirm', instance: 7, edge: 'exit', pid: 4182 }),
  at(97_000, { type: 'table', phase: 'confirm', instance: 7, from: 'source' }),
  at(97_100, { type: 'table', phase: 'confirm', instance: 8, from: 'remote', to: 'source' }),
  at(98_000, { type: 'take-back', phase: 'confirm', what: 'VNC', address: '127.0.0.1:5907' }),
  at(103_000, { type: 'phase', phase: 'confirm', side: 'source', edge: 'end' }),
  at(104_000, { type: 'verdict', outcome: 'moved' }),
];

const onlyPhases = (from: number, [source, target]: readonly [number, number]): TraceRecord[] => [
  ...phases.flatMap((phase, i) => {
    const common = { type: 'phase', phase, side: sideOf[phase] } as const;
    return [
      at(from + i * 10_000, { ...common, edge: 'begin' }),
      at(from + i * 10_000 + 9_000, { ...common, edge: 'end' }),
    ];
  }),
  event(from + 25_000, source, 'STOP'),
  event(from + 26_500, target, 'RESUME'),
];

/**
 * A domain of libvirt's is upgraded: #1, libvirt's, moves to #2, and from there back to libvirt as
 * #3. The guest stands still twice, for 1.5 ms.
 */
export const upgraded: readonly TraceRecord[] = [
  header,
  at(5_000, {
    type: 'plan',
    phase: 'begin',
    mode: 'ignore-shared',
    from: { id: 1, emulator: '/qemu-7', version: '7.2.22', pid: 11, manager: 'libvirt' },
    to: { emulator: '/qemu-10', version: '10.0.13' },
    blockers: [],
    warnings: [],
  }),
  at(12_000, { type: 'table', phase: 'prepare', instance: 2, to: 'remote' }),
  at(12_000, { type: 'process', phase: 'prepare', instance: 2, edge: 'start', pid: 12 }),
  command(22_000, 2, 'migrate-incoming', '2-1'),
  reply(23_000, 2, 'migrate-incoming', '2-1'),
  at(26_500, { type: 'run-state', phase: 'perform', instance: 2, state: 'running' }),
  at(42_000, {
    ...{ type: 'ram', phase: 'confirm', instance: 1 },
    ...{ transferred: 400_000, remaining: 0, total: 17_000_000 },
  }),
  at(45_000, { type: 'process', phase: 'confirm', instance: 1, edge: 'exit', pid: 11 }),
  ...onlyPhases(2_000, [1, 2]),
  at(105_000, {
    type: 'plan',
    phase: 'begin',
    mode: 'precopy',
    from: { id: 2, emulator: '/qemu-10', version: '10.0.13', pid: 12 },
    to: { emulator: '/qemu-10', version: '10.0.13', manager: 'libvirt' },
    blockers: [],
    warnings: [],
  }),
  at(115_000, { type: 'process', phase: 'prepare', instance: 3, edge: 'start', pid: 13 }),
  command(122_000, 2, 'migrate', 'restore-1'),
  reply(123_000, 2, 'migrate', 'restore-1'),
  at(124_000, {
    ...{ type: 'ram', phase: 'perform', instance: 2 },
    ...{ transferred: 80 * 1024 ** 2, remaining: 0, total: 256 * 1024 ** 2 },
  }),
  ...onlyPhases(102_000, [2, 3]),
  at(160_000, { type: 'verdict', outcome: 'moved' }),
].sort((a, b) => a.at - b.at);

const names = ['query-status', 'migrate', 'quit'] as const;
const instance = fc.constantFrom(7, 8);
const id = fc.constantFrom('1', '2', '3');

/** Anything that is a record, in no sensible order. */
const anyRecord: fc.Arbitrary<Record> = fc.oneof(
  fc
    .record({ phase: fc.constantFrom(...phases), edge: fc.constantFrom('begin', 'end', 'failed') })
    .map(({ phase, edge }) => ({ type: 'phase', phase, side: sideOf[phase], edge }) as const),
  fc.record({
    type: fc.constant('step'),
    phase: fc.constantFrom('prepare', 'confirm'),
    step: fc.constantFrom('start-target', 'take-back'),
    edge: fc.constantFrom('begin', 'end', 'failed', 'undone'),
  }),
  fc.record({
    type: fc.constant('qmp'),
    instance,
    direction: fc.constant('received'),
    kind: fc.constantFrom('greeting', 'command', 'reply', 'error', 'event'),
    name: fc.constantFrom(...names, 'STOP', 'RESUME'),
    id,
    bytes: fc.constant(40),
    message: fc.constant({}),
  }),
  fc.record({
    type: fc.constant('run-state'),
    instance,
    state: fc.constantFrom('running', 'paused', 'inmigrate', 'gone'),
  }),
  fc.record({
    type: fc.constant('table'),
    instance,
    from: fc.constantFrom('source', 'remote'),
    to: fc.constantFrom('source', 'remote'),
  }),
  fc.record({
    type: fc.constant('process'),
    instance,
    edge: fc.constantFrom('start', 'exit'),
    pid: fc.constant(4203),
  }),
  fc.record({ type: fc.constant('output'), instance, text: fc.constant('words') }),
  fc.constant({ type: 'verdict', outcome: 'stayed' } as const),
);

/** Any records; their times mostly grow, as events may tell of what was a little before. */
export const anyTrace: fc.Arbitrary<TraceRecord[]> = fc
  .array(fc.tuple(anyRecord, fc.integer({ min: -40, max: 400 })), { maxLength: 80 })
  .map((entries) => {
    let us = 0;
    return [
      header,
      ...entries.map(([record, step]) => {
        us = Math.max(us + step, 0);
        return at(us, record);
      }),
    ];
  });
