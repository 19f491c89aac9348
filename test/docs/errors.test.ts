import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { repository } from '../../scripts/setup/cache.mjs';

/** Words in capitals in the sources that are no codes of ours: QMP events, units, what Linux and name servers name. */
const otherWords = new Set([
  ...[
    'STOP',
    'RESUME',
    'MIGRATION',
    'MIGRATION_PASS',
    'SHUTDOWN',
    'QMP',
    'QEMU',
    'VNC',
    'SPICE',
    'UUID',
    'PATH',
    'RAM',
    'BKMGTPE',
    'EOF',
    'DENIED',
  ],
  ...['SSH_AUTH_SOCK', 'ENOTFOUND', 'EAI_AGAIN'],
  ...Object.keys(constants.errno),
  ...Object.keys(constants.signals),
]);
const inCapitals = /^[A-Z][A-Z0-9]+(_[A-Z0-9]+)*$/;

describe('docs/errors.md', () => {
  const { codes, prefixes } = codesInSources();
  const documented = codesInDocument();

  it('names every code that the sources can give', () => {
    assert.ok(codes.size > 100, 'the search finds the codes');
    assert.deepEqual(
      [...codes].filter((code) => !documented.includes(code)),
      [],
    );
  });

  it('names codes that are made from a beginning', () => {
    const missing = [...prefixes].filter((prefix) => !documented.some((c) => c.startsWith(prefix)));
    assert.deepEqual(missing, []);
  });

  it('names none that the sources no longer give', () => {
    const stale = documented.filter(
      (code) => !codes.has(code) && ![...prefixes].some((prefix) => code.startsWith(prefix)),
    );
    assert.deepEqual(stale, []);
  });
});

/** The codes in the first column of its tables. */
function codesInDocument(): string[] {
  const text = readFileSync(join(repository, 'docs/errors.md'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([A-Z0-9_]+)`/g)])
    .map(([, code = '']) => code);
}

/** All string literals that look like a code, and beginnings of codes (`NET_${type}`). */
function codesInSources(): { codes: Set<string>; prefixes: Set<string> } {
  const codes = new Set<string>();
  const prefixes = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (isOperandName(node) || ts.isElementAccessExpression(node)) return;
    if (ts.isStringLiteralLike(node) && inCapitals.test(node.text) && !otherWords.has(node.text)) {
      codes.add(node.text);
    }
    if (ts.isTemplateHead(node) && /^[A-Z]+_$/.test(node.text)) prefixes.add(node.text);
    ts.forEachChild(node, visit);
  };
  const files = readdirSync(join(repository, 'src'), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(join(repository, 'src', file), 'utf8');
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  }
  return { codes, prefixes };
}

/** How the command line names what is to be typed: `operands: ['DOMAIN']`, `value: 'BIN'`. */
function isOperandName(node: ts.Node): boolean {
  return (
    ts.isPropertyAssignment(node) &&
    ts.isIdentifier(node.name) &&
    ['operands', 'rest', 'value'].includes(node.name.text)
  );
}
