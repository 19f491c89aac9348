/** The text of a Python file: esbuild's `text` loader, in tests test/support/python-text.mjs. */
declare module '*.py' {
  const text: string;
  export default text;
}
