/** What SSH asks, on the terminal. */
import { printable, printableLines } from '../engine/text/printable';
import type { SshPrompts } from '../host/ssh/prompts';
import { ask, confirm, isInteractive } from './ask';

/** All texts come from the server or a configuration: whatever a terminal would obey is made visible. */
export function terminalPrompts(): SshPrompts {
  const again = (attempt: number) => (attempt > 1 ? 'That was wrong. ' : '');
  return {
    interactive: isInteractive(),
    confirmHostKey: ({ text }, signal) =>
      confirm(`${printableLines(text).trimEnd()}\nTrust it from now on?`, signal),
    askPassphrase: ({ path, attempt }, signal) =>
      ask(`${again(attempt)}Passphrase of ${printable(path)}: `, { secret: true, signal }),
    askPassword: ({ destination, attempt }, signal) =>
      ask(`${again(attempt)}Password of ${printable(destination)}: `, { secret: true, signal }),
    async answer({ destination, name, instructions, prompts, attempt }, signal) {
      const preface = [name, instructions].filter((text) => text !== '').map(printableLines);
      process.stderr.write(
        `${again(attempt)}${printable(destination)} asks:\n${preface.map((text) => `${text.trimEnd()}\n`).join('')}`,
      );
      const answers: string[] = [];
      for (const { prompt, echo } of prompts) {
        const answer = await ask(printable(prompt), { secret: !echo, signal });
        if (answer === undefined) return undefined;
        answers.push(answer);
      }
      return answers;
    },
  };
}
