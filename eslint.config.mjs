import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The direction of imports between the folders of src/ (docs/architecture.md):
 * each folder names the folders it may import from, itself aside.
 */
const mayImport = {
  qemu: [],
  host: [],
  libvirt: ['host', 'qemu'],
  engine: ['libvirt', 'host', 'qemu'],
  views: ['engine', 'libvirt', 'host', 'qemu'],
  extension: ['views', 'engine', 'libvirt', 'host', 'qemu'],
  cli: ['views', 'engine', 'libvirt', 'host', 'qemu'],
};
const folders = Object.keys(mayImport);
const usesVscode = ['views', 'extension'];

const directionRules = folders.map((folder) => {
  const allowed = [folder, ...mayImport[folder]];
  const forbidden = folders.filter((other) => !allowed.includes(other));
  return {
    files: [`src/${folder}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(${forbidden.join('|')})(/|$)`,
              message: `src/${folder} may import only from: ${allowed.join(', ')}`,
            },
            ...(usesVscode.includes(folder)
              ? []
              : [{ regex: '^vscode$', message: 'only views and extension know VS Code' }]),
          ],
        },
      ],
    },
  };
});

const noTimeoutSignal = {
  object: 'AbortSignal',
  property: 'timeout',
  message: 'in AbortSignal.any it may never abort: take timeLimit (src/host/time-limit.ts)',
};

/** The timeline's page runs in a browser, sandboxed: it has neither VS Code nor Node. */
const pageRules = {
  files: ['src/views/timeline/**/*.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: '^(\\.\\./)+(host|qemu|libvirt|engine(?!/trace/)|views|extension|cli)(/|$)',
            message: 'the page knows the trace and its own folder',
          },
          { regex: '^(vscode$|node:)', message: 'the page runs in a browser' },
          {
            regex: '^@vscode/webview-ui-toolkit',
            message: 'ask src/views/timeline/toolkit, so that a successor can take its place',
          },
        ],
      },
    ],
    // Names that a trace holds come from guests and their owners: they are text, never markup.
    'no-restricted-properties': [
      'error',
      noTimeoutSignal,
      ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'write', 'writeln'].map((property) => ({
        property,
        message: 'set textContent',
      })),
    ],
  },
};

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-properties': ['error', noTimeoutSignal],
      eqeqeq: 'error',
    },
  },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
  ...directionRules,
  pageRules,
  { files: ['src/views/timeline/toolkit/**'], rules: { 'no-restricted-imports': 'off' } },
);
