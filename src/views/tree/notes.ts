/** What stands in place of children that are not there. */
import { asSidestepError } from '../../engine/errors';
import type { ConnectionUri } from '../../libvirt/connections';
import { labelText, tooltipText } from '../text';
import { lines, spoken, type Branch, type Look, type Words } from './branch';
import { treeCommands } from './commands';
import { contextValue } from './context-values';
import { idOf, type NoteNode, type TreeNode } from './node';

type Note = NoteNode['note'];

/** A row without children. */
export function leaf(node: TreeNode, look: Look): Branch {
  return { node, look, children: undefined, isOpen: false };
}

/** Something that is as it should be, in one line. */
export function note(
  parent: TreeNode,
  kind: Exclude<Note, 'failed' | 'outdated'>,
  text: string,
): Branch {
  return leaf(noteNode(parent, kind), {
    label: text,
    description: '',
    tooltip: text,
    icon: kind === 'loading' ? { id: 'loading~spin' } : { id: 'info' },
    contextValue: contextValue('note', kind),
    accessibilityLabel: text,
  });
}

/** Why the children could not be read; a click runs what mends it. */
export function failure(
  parent: TreeNode,
  error: unknown,
  mend: 'connect' | 'refresh',
  { t }: Words,
  connection?: ConnectionUri,
): Branch {
  const { message, details } = asSidestepError(error);
  const remedy = mend === 'connect' ? t('Click to connect again.') : t('Click to try again.');
  const hint = details.hint === undefined ? undefined : tooltipText(details.hint);
  return leaf(
    { ...noteNode(parent, 'failed'), ...(connection && { connection }) },
    {
      label: labelText(message, 120),
      description: '',
      tooltip: lines(tooltipText(message), hint, remedy),
      icon: { id: 'error', color: 'problemsErrorIcon.foreground' },
      contextValue: contextValue('note', 'failed'),
      accessibilityLabel: spoken(t('Failed'), tooltipText(message), hint, remedy),
      command: { id: treeCommands[mend], title: remedy, node: parent },
    },
  );
}

/** An invitation to connect. */
export function disconnected(parent: TreeNode, { t }: Words): Branch {
  const text = t('Not connected. Click to connect.');
  const { node, look } = note(parent, 'disconnected', text);
  const command = { id: treeCommands.connect, title: t('Connect'), node: parent };
  return leaf(node, { ...look, icon: { id: 'plug' }, command });
}

export function noteNode(parent: TreeNode, kind: Note): NoteNode {
  return { kind: 'note', hostId: parent.hostId, parent: idOf(parent), note: kind };
}
