/** What the detail pane says of an item. */
import type { TraceRecord } from '../../../engine/trace/record';
import { t } from '../l10n';
import { formatDuration } from '../model/format';
import type { Item } from '../model/items';
import type { TraceModel } from '../model/trace-model';

export interface Section {
  readonly label: string;
  readonly tone: 'plain' | 'error';
  readonly value: unknown;
}

export interface Details {
  readonly sections: readonly Section[];
  /** What QEMU printed, instead of sections. */
  readonly text?: string;
  /** The command, as one may send it again. */
  readonly command?: string;
}

export function detailsOf(item: Item, model: TraceModel): Details {
  const record = model.records[item.id];
  if (record === undefined) return { sections: [] };
  if (record.type === 'output') return { sections: [], text: record.text };
  if (item.kind === 'exchange') return exchange(item, record, model);
  if (record.type === 'qmp') {
    const label = record.kind === 'event' ? t('Event') : t('Greeting');
    return { sections: [{ label, tone: 'plain', value: record.message }] };
  }
  return { sections: [{ label: t('Record of the trace'), tone: 'plain', value: record }] };
}

/** All of it as text: for the clipboard, and for a document. */
export function textOf({ sections, text }: Details): string {
  if (text !== undefined) return text;
  return sections.map(({ value }) => `${JSON.stringify(value, undefined, 2)}\n`).join('\n');
}

function exchange(
  item: Extract<Item, { kind: 'exchange' }>,
  record: TraceRecord,
  model: TraceModel,
): Details {
  const answer = item.answer === undefined ? undefined : model.records[item.answer];
  const isOnlyAnswer = item.answer === item.id;
  const sections: Section[] = [];
  if (!isOnlyAnswer && record.type === 'qmp') {
    sections.push({ label: t('Command'), tone: 'plain', value: record.message });
  }
  if (answer?.type === 'qmp') {
    const took = formatDuration(item.endUs - item.startUs);
    const isError = answer.kind === 'error';
    sections.push({
      label: isError ? t('Error, after {0}', took) : t('Reply, after {0}', took),
      tone: isError ? 'error' : 'plain',
      value: answer.message,
    });
  }
  const command = isOnlyAnswer || record.type !== 'qmp' ? undefined : commandLine(record.message);
  return { sections, ...(command !== undefined && { command }) };
}

/** Without its id: the console gives it one of its own. */
function commandLine(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  return JSON.stringify({ ...message, id: undefined });
}
