/** The traces of past migrations on a host, as rows. */
import { formatBytes } from '../../engine/text/units';
import type { TraceFile } from '../../engine/inventory/traces';
import { labelText, tooltipText } from '../text';
import { joined, lines, spoken, type Branch, type Part, type Words } from './branch';
import { treeCommands } from './commands';
import { contextValue } from './context-values';
import type { TraceNode, TracesNode } from './node';
import { failure, leaf, note } from './notes';

/** Older ones are in the traces' folder. */
const shownTraces = 50;

/** What the overview tells of them. */
export interface TracesKnown {
  readonly count: number;
  /** Paths of those that still grow. */
  readonly underWay: ReadonlySet<string>;
}

export function tracesBranch(
  hostId: string,
  { count, underWay }: TracesKnown,
  traces: Part<readonly TraceFile[]>,
  words: Words,
): Branch {
  const { t } = words;
  const node: TracesNode = { kind: 'traces', hostId };
  const label = t('Recent traces');
  return {
    node,
    look: {
      label,
      description: String(count),
      tooltip: t('What happened in each migration on this host.'),
      icon: { id: 'history' },
      contextValue: contextValue('traces'),
      accessibilityLabel: spoken(label, String(count)),
    },
    children: membersOf(node, traces, underWay, words),
    isOpen: false,
  };
}

function membersOf(
  node: TracesNode,
  traces: Part<readonly TraceFile[]>,
  underWay: ReadonlySet<string>,
  words: Words,
): Branch['children'] {
  if (traces === undefined) return 'not loaded';
  if (traces.state === 'failed') return [failure(node, traces.error, 'refresh', words)];
  if (traces.value.length === 0) {
    return [note(node, 'empty', words.t('No migration has left a trace yet.'))];
  }
  return traces.value
    .slice(0, shownTraces)
    .map((trace) => traceBranch(node.hostId, trace, underWay.has(trace.path), words));
}

function traceBranch(
  hostId: string,
  { path, domain, source, at, size }: TraceFile,
  isUnderWay: boolean,
  words: Words,
): Branch {
  const { t } = words;
  const node: TraceNode = { kind: 'trace', hostId, path };
  const label = labelText(domain);
  const time = words.time(at);
  const state = isUnderWay ? t('under way') : formatBytes(size);
  return leaf(node, {
    label,
    description: joined(words.shortTime(at), state),
    tooltip: lines(label, joined(time, state), t('From instance #{0}', source), tooltipText(path)),
    icon: isUnderWay ? { id: 'record', color: 'charts.red' } : { id: 'graph-line' },
    contextValue: contextValue('trace', isUnderWay ? 'unfinished' : 'finished'),
    accessibilityLabel: spoken(t('Trace of {0}', label), time, state),
    command: { id: treeCommands.openTrace, title: t('Open the Timeline'), node },
  });
}
