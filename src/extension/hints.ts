/**
 * What to do about an error, where the engine's own hint speaks of the command line: here there are
 * commands and settings instead.
 */
import * as vscode from 'vscode';

const hints: Readonly<Record<string, () => string>> = {
  ALREADY_A_DOMAIN: () => vscode.l10n.t('The tree shows it among the domains.'),
  AMBIGUOUS_DOMAIN: () => vscode.l10n.t('Choose it in the tree.'),
  DOMAIN_BUSY: () =>
    vscode.l10n.t(
      'Wait until it is done; a migration can be cancelled in the tree, whoever began it.',
    ),
  DOMAIN_CHANGED: () => vscode.l10n.t('Look at it in the tree, and try again.'),
  DOMAIN_EXISTS: () => vscode.l10n.t('Take another name, or stop or destroy that one first.'),
  EMULATOR_CHANGED: () => vscode.l10n.t('Refresh the tree, and try again.'),
  LEFT_TO_QEMU: () => vscode.l10n.t('It is confirmed when its host is connected again.'),
  NOT_A_TRACE: () => vscode.l10n.t('Open a file that a migration has written.'),
  NOT_LIBVIRTS: () =>
    vscode.l10n.t('On the command line it can be handed over with an XML of your own.'),
  NOT_MIGRATING: () => vscode.l10n.t('It may have come to its end: refresh the tree.'),
  NOT_RUNNING: () => vscode.l10n.t('Start it first.'),
  NO_ROOM_FOR_RAM: () => vscode.l10n.t('Make /dev/shm larger.'),
  NO_RUNTIME_DIR: () => vscode.l10n.t('Name a state folder of your own in the settings.'),
  NO_SUCH_DOMAIN: () =>
    vscode.l10n.t('Refresh the tree. "Adopt a Running QEMU" takes in one that is not there.'),
  RAM_FOLDER_NOT_PRIVATE: () => vscode.l10n.t('Remove it, and try again.'),
  RAM_FILE_DIFFERS: () => vscode.l10n.t('Choose the mode precopy, which copies the RAM.'),
  RECOVERY_NEEDED: () =>
    vscode.l10n.t(
      'Disconnect the host and connect it again: what was begun is then brought to an end.',
    ),
  RECOVERY_UNDECIDED: () =>
    vscode.l10n.t('The tree shows both instances. Look at them before you end either.'),
  RELATIVE_PATHS: () => vscode.l10n.t('Start it without -daemonize, or with full paths.'),
  RESTORE_FAILED: () =>
    vscode.l10n.t('Mend what it says, and hand the domain back to libvirt again.'),
  SOURCE_UNREACHABLE: () =>
    vscode.l10n.t('If that QEMU has ended, "Destroy" removes what is left of the domain.'),
  STATE_DAMAGED: () =>
    vscode.l10n.t('Move the file away. "Adopt a Running QEMU" takes in the process it stands for.'),
  STATE_FULL: () => vscode.l10n.t('Make room there, or name another folder in the settings.'),
  STATE_NOT_PRIVATE: () =>
    vscode.l10n.t('Make it yours alone (chown, chmod 700), or name another one in the settings.'),
  STATE_TOO_NEW: () => vscode.l10n.t('Update Sidestep, or name another folder in the settings.'),
  STATE_UNREADABLE: () =>
    vscode.l10n.t('Check who owns it, or name another folder in the settings.'),
  STILL_RUNNING: () =>
    vscode.l10n.t('It may not listen to ACPI. "Destroy" ends it without asking the guest.'),
  SWITCHED_OVER: () => vscode.l10n.t('The tree shows where it runs.'),
  TRACE_MISSING: () => vscode.l10n.t('The tree shows the traces that there are.'),
  TIMEOUT: () => vscode.l10n.t('The setting "sidestep.migrate.timeout" gives it more time.'),
};

export function hintFor(code: string): string | undefined {
  return hints[code]?.();
}
