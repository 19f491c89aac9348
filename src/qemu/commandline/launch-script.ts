/** A program as it is to be started. */
export interface LaunchCommand {
  readonly environment: Readonly<Record<string, string>>;
  readonly program: string;
  readonly arguments: readonly string[];
}

export function parseLaunchScript(_text: string): LaunchCommand {
  throw new Error('not yet');
}

export function quoteArguments(argv: readonly string[]): string {
  return argv.join(' ');
}
