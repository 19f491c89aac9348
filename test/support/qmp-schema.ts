/** The schema that a real QEMU gives of itself. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { probeCommand, probeInput } from '../../src/qemu/emulator-probe';
import { parseQmpSchema, type QmpSchema } from '../../src/qemu/schema/schema';

export function schemaOf(emulator: string): QmpSchema {
  const [command = '', ...args] = probeCommand(emulator);
  const { stdout } = spawnSync(command, args, {
    input: probeInput(),
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  });
  const answers = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
  const answer = answers.find(
    (each): each is { return: unknown } =>
      typeof each === 'object' && each !== null && 'id' in each && each.id === 'query-qmp-schema',
  );
  assert.ok(answer !== undefined, `${emulator} does not tell its schema`);
  return parseQmpSchema(answer.return);
}
