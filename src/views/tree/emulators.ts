/** The emulators of a host, as rows. */
import type { FoundEmulator } from '../../engine/emulators/catalog';
import { abilitiesOf } from '../../engine/emulators/found';
import { asSidestepError } from '../../engine/errors';
import type { Emulator } from '../../qemu/emulator';
import { labelText, nameAndFolder, tooltipText } from '../text';
import { joined, lines, spoken, type Branch, type Part, type Words } from './branch';
import { contextValue } from './context-values';
import type { EmulatorNode, EmulatorsNode } from './node';
import { failure, leaf, note } from './notes';

export function emulatorsBranch(
  hostId: string,
  found: Part<readonly FoundEmulator[]>,
  words: Words,
): Branch {
  const node: EmulatorsNode = { kind: 'emulators', hostId };
  const label = words.t('Emulators');
  return {
    node,
    look: {
      label,
      description: found?.state === 'loaded' ? String(found.value.length) : '',
      tooltip: words.t('The QEMU binaries on the PATH, and those that domains run on.'),
      icon: { id: 'chip' },
      contextValue: contextValue('emulators'),
      accessibilityLabel: label,
    },
    children: membersOf(node, found, words),
    isOpen: false,
  };
}

function membersOf(
  node: EmulatorsNode,
  found: Part<readonly FoundEmulator[]>,
  words: Words,
): Branch['children'] {
  if (found === undefined) return 'not loaded';
  if (found.state === 'failed') return [failure(node, found.error, 'refresh', words)];
  if (found.value.length === 0) {
    return [note(node, 'empty', words.t('No qemu-system-* is on the PATH of this host.'))];
  }
  return found.value.map((each) => emulatorBranch(node, each, words));
}

function emulatorBranch(
  { hostId }: EmulatorsNode,
  { path, emulator, error }: FoundEmulator,
  words: Words,
): Branch {
  const { t } = words;
  const node: EmulatorNode = { kind: 'emulator', hostId, path };
  const { name: label, folder } = nameAndFolder(path);
  if (emulator === undefined) {
    const { message, details } = asSidestepError(error);
    const reason = t('does not answer');
    return leaf(node, {
      label,
      description: joined(reason, folder),
      tooltip: lines(
        tooltipText(path),
        tooltipText(message),
        details.hint === undefined ? undefined : tooltipText(details.hint),
      ),
      icon: { id: 'warning', color: 'problemsWarningIcon.foreground' },
      contextValue: contextValue('emulator', 'failing'),
      accessibilityLabel: spoken(label, reason, folder, tooltipText(message)),
    });
  }
  const version = `QEMU ${labelText(emulator.version, 20)}`;
  const modes = modesOf(emulator);
  return leaf(node, {
    label,
    description: joined(version, modes, folder),
    tooltip: lines(
      tooltipText(path),
      tooltipText(`${version} ${emulator.package}`.trim()),
      t('Target: {0}', tooltipText(emulator.target)),
      t('{0} machine types', emulator.machines.length),
      t('Migrates by: {0}', modes),
      abilitiesOf(emulator).auxRamShare
        ? t('Can start machines that are ready for cpr-transfer.')
        : undefined,
    ),
    icon: { id: 'circuit-board' },
    contextValue: contextValue('emulator', 'usable'),
    accessibilityLabel: spoken(label, version, modes, folder),
  });
}

/** The modes by the words of the command line, which are not translated. */
function modesOf(emulator: Emulator): string {
  const { ignoreShared, cprTransfer } = abilitiesOf(emulator);
  return [
    ...(cprTransfer ? ['cpr-transfer'] : []),
    ...(ignoreShared ? ['ignore-shared'] : []),
    'precopy',
  ].join(', ');
}
