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
);
