/** What was typed is no command of ours. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';

  constructor(
    message: string,
    /** How the command is to be typed; undefined where no command is known yet. */
    readonly usage?: string,
  ) {
    super(message);
  }
}
