/** Which lanes there are, and where: from top to bottom, in CSS pixels. */
import { t } from '../l10n';
import type { Instance } from './instances';
import type { Item } from './items';
import type { TraceModel } from './trace-model';
import type { Track } from './track';

/** One row of items that do not overlap, or of marks. */
export interface Strip {
  readonly track: Track<Item>;
  readonly top: number;
  readonly height: number;
  /** Whether its items take time, or are moments. */
  readonly shape: 'bar' | 'mark';
}

export interface Lane {
  /** Of the lane, not of its items: stays the same while the trace grows. */
  readonly id: string;
  readonly label: string;
  readonly instance: number | undefined;
  readonly top: number;
  readonly height: number;
  readonly strips: readonly Strip[];
  readonly labels: Labels;
}

/** Where the names of the items stand. */
export interface Labels {
  /** Within an item, if it is wide enough. */
  readonly inside: boolean;
  /** Else in this line, if there is one. */
  readonly lineTop: number | undefined;
}

/** The lanes of one instance belong together. */
export interface Block {
  readonly instance: Instance;
  readonly top: number;
  readonly height: number;
}

export interface Layout {
  readonly lanes: readonly Lane[];
  readonly blocks: readonly Block[];
  readonly height: number;
}

export const labelHeight = 14;
export const blockTitleHeight = 22;

const gap = 6;
const blockGap = 10;

/** What of QMP goes on at once is stacked; more than this many rows would be a wall. */
const mostRows = 8;

export function layoutOf(model: TraceModel): Layout {
  const lanes: Lane[] = [];
  const blocks: Block[] = [];
  let y = 8;

  const add = (lane: Omit<Lane, 'top' | 'height'>, height: number) => {
    lanes.push({ ...lane, top: y, height });
    y += height + gap;
  };
  const bars = (
    id: string,
    label: string,
    rows: readonly Track<Item>[],
    rowHeight: number,
    withLine: boolean,
    instance?: number,
  ) => {
    const strips = stacked(rows, y, rowHeight);
    const height = heightOf(strips, rowHeight);
    const labels = { inside: true, lineTop: withLine ? y + height : undefined };
    add({ id, label, instance, strips, labels }, height + (withLine ? labelHeight : 0));
  };
  const marks = (id: string, label: string, track: Track<Item>, instance?: number) => {
    const strip: Strip = { track, top: y, height: markHeight, shape: 'mark' };
    const labels = { inside: false, lineTop: y + markHeight };
    add({ id, label, instance, strips: [strip], labels }, markHeight + labelHeight);
  };
  const exchanges = ({ id, exchanges: { rows } }: Instance) => {
    const rowHeight = rows.length > 3 ? 6 : rows.length > 1 ? 9 : 14;
    const strips = stacked(rows.slice(0, mostRows), y + labelHeight, rowHeight, 1);
    const height = labelHeight + heightOf(strips, rowHeight);
    const lane = {
      id: `qmp ${id}`,
      label: t('QMP'),
      instance: id,
      strips,
      labels: { inside: false, lineTop: y },
    };
    add(lane, height);
  };

  // The engine has them in every trace, libvirt only where it migrates.
  const isEngines = model.header?.origin === undefined;
  const { hopItems, hops, phases, steps } = model;
  if (hops.length > 1 && hopItems.length > 0) bars('hops', t('Migrations'), [hopItems], 16, false);
  if (isEngines || phases.rows.length > 0) bars('phases', t('Phases'), phases.rows, 24, true);
  if (isEngines || steps.rows.length > 0) bars('steps', t('Steps'), steps.rows, 14, true);
  if (model.undone.length > 0) marks('undone', t('Undone'), model.undone);
  if (model.tables.length > 0) marks('tables', t('Tables'), model.tables);
  for (const instance of model.instances) {
    y += blockGap;
    const top = y;
    y += blockTitleHeight;
    const { id } = instance;
    bars(`run-state ${id}`, t('run state'), [instance.runStates], 18, false, id);
    exchanges(instance);
    marks(`events ${id}`, t('events'), instance.marks, id);
    if (instance.output.length > 0) marks(`output ${id}`, t('output'), instance.output, id);
    blocks.push({ instance, top, height: y - gap - top });
  }
  y += blockGap;
  if (model.takeBacks.length > 0) marks('take-backs', t('Taken back'), model.takeBacks);
  if (model.remarks.length > 0) marks('remarks', t('Outcome'), model.remarks);
  return { lanes, blocks, height: y };
}

const markHeight = 12;

function stacked(
  rows: readonly Track<Item>[],
  top: number,
  height: number,
  between = 2,
): readonly Strip[] {
  return rows.map((track, index) => ({
    track,
    top: top + index * (height + between),
    height,
    shape: 'bar',
  }));
}

/** Also a lane in which nothing has happened yet takes its room. */
function heightOf(strips: readonly Strip[], rowHeight: number): number {
  const [first, last] = [strips[0], strips.at(-1)];
  return first && last ? last.top + last.height - first.top : rowHeight;
}
