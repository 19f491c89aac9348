/** What QEMU's events tell of its machine's run state. */

export interface RunStateBefore {
  readonly state: string | undefined;
  /** Whether it was seen to stop. */
  readonly hasStopped: boolean;
}

/**
 * QAPI's RunState after an event; undefined if the event tells nothing of it.
 * @param migrationStatus what a MIGRATION event tells
 */
export function runStateAfter(
  event: string,
  migrationStatus: unknown,
  { state, hasStopped }: RunStateBefore,
): string | undefined {
  switch (event) {
    case 'STOP':
      return 'paused';
    case 'RESUME':
      return 'running';
    case 'SHUTDOWN':
      return 'shutdown';
    case 'MIGRATION':
      // Only a source has stopped before.
      return migrationStatus === 'completed' && state === 'paused' && hasStopped
        ? 'postmigrate'
        : undefined;
    default:
      return undefined;
  }
}
